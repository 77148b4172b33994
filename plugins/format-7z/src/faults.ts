import { PkgcacheError, printable } from '@pkgcache/core'

const HINT = 'fetch it again; if that does not help, the file is damaged where it comes from'

/** Something that is wrong with the archive. @param subject the archive, or one of its members */
export function archiveError(subject: string, message: string, hint = HINT): PkgcacheError {
  return new PkgcacheError('E_ARCHIVE', `${subject} ${message}`, { hint })
}

/** A member as messages show it. */
export function memberLabel(path: string): string {
  return `member ${printable(JSON.stringify(path))}`
}
