import { printable } from '../format.ts'
import { damaged, hostile, quoted } from './faults.ts'

/** The pax fields that change what reaches a node. */
export interface PaxFields {
  path?: string
  linkpath?: string
  /** Bytes. */
  size?: number
  /** Seconds since the epoch. */
  mtime?: number
}

// Facts that the canonical repack drops anyway.
const IGNORED =
  /^(atime|ctime|uid|gid|uname|gname|comment|charset|hdrcharset|(SCHILY|LIBARCHIVE|RHT|MSWINDOWS)\..*)$/

const READ: Readonly<Record<string, (fields: PaxFields, value: string) => void>> = {
  path: (fields, value) => {
    fields.path = value
  },
  linkpath: (fields, value) => {
    fields.linkpath = value
  },
  size: (fields, value) => {
    fields.size = decimal('size', value)
  },
  mtime: (fields, value) => {
    fields.mtime = Number.parseFloat(value)
  },
}

function decimal(key: string, value: string): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && Number.isSafeInteger(number)) return number
  throw damaged(`a pax header holds ${key}=${quoted(value)}`)
}

/**
 * Reads pax records, `<length> <key>=<value>\n` each (POSIX.1-2017, pax, "Extended Header").
 * @throws E_ARCHIVE for records whose lengths are wrong, E_POLICY for sparse files, keys given twice and unknown keys
 */
export function parsePax(content: Buffer): PaxFields {
  const fields: PaxFields = {}
  const seen = new Set<string>()
  for (let at = 0; at < content.length; ) {
    const { key, value, next } = readRecord(content, at)
    at = next
    if (seen.has(key)) throw hostile(`a pax header gives "${printable(key)}" twice`)
    seen.add(key)
    const read = READ[key]
    if (read) read(fields, value)
    else if (!IGNORED.test(key)) {
      const what = key.startsWith('GNU.sparse')
        ? 'describes a sparse file'
        : 'has a meaning that is not known'
      throw hostile(`a pax header with "${printable(key)}" ${what}`)
    }
  }
  return fields
}

function readRecord(content: Buffer, at: number): { key: string; value: string; next: number } {
  const space = content.indexOf(0x20, at)
  const digits = space === -1 ? '' : content.toString('latin1', at, space)
  const next = at + Number(digits)
  const equals = content.indexOf(0x3d, space)
  const wellFormed = /^[1-9]\d{0,6}$/.test(digits) && next <= content.length && content[next - 1] === 0x0a
  if (!wellFormed || equals === -1 || equals >= next) throw damaged('a pax header is damaged')
  return {
    key: content.toString('utf8', space + 1, equals),
    value: content.toString('utf8', equals + 1, next - 1),
    next,
  }
}

/** One pax record; its length counts its own digits. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (String(length).length > String(rest).length) length = rest + String(length).length
  return Buffer.from(`${length} ${key}=${value}\n`)
}
