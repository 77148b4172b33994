import { PkgcacheError } from '../errors/error.ts'
import { printable } from '../format.ts'

const HOSTILE = 'the archive is refused as a whole; if it really comes from its project, tell them'
const DAMAGED = 'fetch it again; if that does not help, it is damaged where it comes from'

/** A member's name as messages show it. */
export function quoted(path: string): string {
  return printable(JSON.stringify(path))
}

/** An archive that must not reach a node. */
export function hostile(message: string, hint = HOSTILE): PkgcacheError {
  return new PkgcacheError('E_POLICY', message, { hint })
}

/** An archive that cannot be read to its end. */
export function damaged(message: string, cause?: unknown): PkgcacheError {
  return new PkgcacheError('E_ARCHIVE', message, { hint: DAMAGED, cause })
}

/** An archive over one of its caps. @param key the config's key that raises it */
export function overCap(message: string, key: string): PkgcacheError {
  return hostile(message, `if you trust it, raise \`${key}\` in the config`)
}

/** The same fault with the place in the archive told first. */
export function placed(fault: PkgcacheError, place: string): PkgcacheError {
  return fault.map((text) => (text === fault.message ? `${place}: ${text}` : text))
}
