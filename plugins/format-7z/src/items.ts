import { PkgcacheError } from '@pkgcache/core'
import { archiveError, memberLabel } from './faults.ts'

/** A dictionary is as large in memory: what 7-Zip's own levels ask for is 64 MiB at most. */
const MAX_DICTIONARY_BYTES = 512 * 1024 * 1024
const UNIT_BYTES: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }
const NAME_OF_TYPE: Readonly<Record<string, string>> = {
  b: 'a block device',
  c: 'a character device',
  p: 'a FIFO',
  s: 'a socket',
}
const TYPES = { '-': 'file', d: 'directory', l: 'symlink' } as const
const DEFAULT_MODE = { file: 0o644, directory: 0o755, symlink: 0o777 } as const

/** One item as 7-Zip lists it. */
export interface Item {
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink'
  readonly mode: number
  /** Bytes of its content: of a link, of the name it leads to. */
  readonly size: number
  /** Seconds since the epoch. */
  readonly mtime: number
}

/**
 * Reads the properties of one item, as `7z l -slt` prints them: `Name = value`, a line each.
 * @throws E_ARCHIVE for what cannot be read, E_POLICY for what must not reach a node
 */
export function itemOf(lines: readonly string[]): Item {
  const properties = new Map(lines.map(property))
  const path = properties.get('Path') ?? ''
  const label = memberLabel(path)
  const size = Number(properties.get('Size') ?? '')
  if (!Number.isSafeInteger(size)) throw archiveError(label, 'has no size that can be read')
  if (properties.get('Encrypted') === '+')
    throw archiveError(label, 'is encrypted', 'take one without a password')
  if (properties.get('Anti') === '+') throw archiveError(label, 'says that something is to be deleted')
  checkMemory(properties.get('Method') ?? '', label)
  const { type, mode } = attributesOf(properties.get('Attributes') ?? '', label)
  const modified = Date.parse(`${properties.get('Modified')?.slice(0, 19).replace(' ', 'T')}Z`)
  const mtime = Number.isNaN(modified) ? 0 : modified / 1000
  return { path, type, mode: mode ?? DEFAULT_MODE[type], size, mtime }
}

function property(line: string): [string, string] {
  const end = line.indexOf(' =')
  return [line.slice(0, end), line.slice(end + 3)]
}

/** `LZMA2:26`, `LZMA:48m BCJ`, `PPMD:o32:mem30`: a power of two, or a number with its unit. */
function checkMemory(method: string, label: string): void {
  for (const [, number = '', unit = ''] of method.matchAll(/:(?:mem)?(\d+)([bkmg]?)(?![\w.])/g)) {
    const bytes = unit === '' ? 2 ** Number(number) : Number(number) * (UNIT_BYTES[unit] ?? 1)
    if (bytes > MAX_DICTIONARY_BYTES) throw archiveError(label, `needs ${bytes} bytes of memory (${method})`)
  }
}

/** `D drwxr-xr-x`, `A -rw-r--r--`; without the second word where it was made on Windows. */
function attributesOf(
  text: string,
  label: string,
): Pick<Item, 'type'> & { readonly mode: number | undefined } {
  const [, windows = '', unix = ''] = /^(\S*) *([-a-z][-rwxsStT]{9})?/.exec(text) ?? []
  if (unix === '' && windows.includes('L')) {
    throw new PkgcacheError('E_POLICY', `${label} is a reparse point of Windows`, {
      hint: 'the archive is refused as a whole; if it really comes from its project, tell them',
    })
  }
  if (unix === '') return { type: windows.includes('D') ? 'directory' : 'file', mode: undefined }
  const letter = unix.charAt(0)
  if (letter !== '-' && letter !== 'd' && letter !== 'l') {
    throw new PkgcacheError('E_POLICY', `${label} is ${NAME_OF_TYPE[letter] ?? 'of an unknown type'}`, {
      hint: 'the archive is refused as a whole; if it really comes from its project, tell them',
    })
  }
  const bits = [...unix.slice(1)].map((bit) => ('-ST'.includes(bit) ? '0' : '1')).join('')
  return { type: TYPES[letter], mode: Number.parseInt(bits, 2) }
}
