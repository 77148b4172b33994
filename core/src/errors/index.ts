/** Errors alone, as `@pkgcache/core/errors`: for a plugin's own threads and programs, which need nothing else of core. */

export { printable } from '../format.ts'
export { ERROR_CODES, type ErrorCode, type ExitCode } from './codes.ts'
export { type ErrorDetails, PkgcacheError, systemCode, toPkgcacheError } from './error.ts'
