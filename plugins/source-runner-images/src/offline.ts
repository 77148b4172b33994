import { PkgcacheError } from '@pkgcache/core'

/** What is not kept cannot be had in a frozen run; what a project can do about that. */
export function offlineFault(error: PkgcacheError): PkgcacheError {
  return new PkgcacheError(error.code, error.message, {
    cause: error,
    item: error.item,
    hint: 'commit a source list (`pkgcache sources build`) and give it as `sources`, or keep the store from a run that was online',
  })
}
