import { type PkgcacheError, printable, shorten } from '@pkgcache/core'
import { documentFault, Located } from '../located.ts'

/**
 * An index as its reader walks it: what is not of the shape that is asked for refuses all of it.
 * @throws E_VERSION_INDEX, with URL and JSON path, from every member
 */
export function openIndex(value: unknown, url: string): Located {
  const tell = (fault: PkgcacheError): never => {
    throw fault
  }
  return new Located(value, { file: url, code: 'E_VERSION_INDEX', tell })
}

/** Refuses an index for what stands at `at`. @throws E_VERSION_INDEX, always */
export function refuse(at: Located, what: string): never {
  throw documentFault(
    'E_VERSION_INDEX',
    { file: at.place.file, path: at.path },
    what,
    'the index is another one than it is known to be: check its URL, or what stands between it and you',
  )
}

/** A member that must be there. @throws E_VERSION_INDEX */
export function member(of: Located, key: string): Located {
  return of.get(key) ?? refuse(of, `has no ${JSON.stringify(key)}`)
}

/** A text that must be there. @throws E_VERSION_INDEX */
export function text(of: Located, key: string): string {
  const at = member(of, key)
  return at.text() ?? refuse(at, 'is no text')
}

/** A text that may be there. @throws E_VERSION_INDEX when it is something else */
export function optionalText(of: Located, key: string): string | undefined {
  return of.get(key)?.text()
}

/** True or false, which must be there. @throws E_VERSION_INDEX */
export function flag(of: Located, key: string): boolean {
  const at = member(of, key)
  if (typeof at.value === 'boolean') return at.value
  return refuse(at, 'is neither true nor false')
}

// versions become parts of file names and URLs
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,99}$/

/** A version that must be there. @throws E_VERSION_INDEX for what could not stand in a path */
export function version(of: Located, key: string): string {
  const found = text(of, key)
  return VERSION.test(found) ? found : refuse(member(of, key), `is no version: ${shown(found)}`)
}

// a placeholder that nobody filled, a pattern, a login, or what a URL cannot hold (RFC 3986)
const NO_URL = /[\p{Cc}\s*{}<>"\\^`|]/u

/** True for an http or https URL of one file: no login, no placeholder, no pattern, nothing to escape. */
export function isFileUrl(url: string): boolean {
  if (NO_URL.test(url) || !/^https?:\/\/[^/@?#]+\/[^@]/i.test(url)) return false
  return URL.canParse(url)
}

/** A URL that must be there. @throws E_VERSION_INDEX for one that names no single file */
export function url(of: Located, key: string): string {
  const found = text(of, key)
  return isFileUrl(found) ? found : refuse(member(of, key), `is no URL of a file: ${shown(found)}`)
}

/** A digest of that many hex digits, in lower case; undefined where there is none, or one of another kind. */
export function hex(of: Located, keys: readonly string[], digits: number): string | undefined {
  for (const key of keys) {
    const found = optionalText(of, key)?.toLowerCase()
    if (found?.length === digits && /^[0-9a-f]+$/.test(found)) return found
  }
  return undefined
}

/** Bytes, where the index says a number that can be one. */
export function size(of: Located, key: string): number | undefined {
  const value = of.get(key)?.value
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined
}

/** As it may be shown in a message. */
export function shown(found: string): string {
  return JSON.stringify(printable(shorten(found, 80)))
}
