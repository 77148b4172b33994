import { type Member, PkgcacheError } from '@pkgcache/core'
import type { Entry } from 'yauzl'
import { memberLabel } from './headers.ts'

const UNIX_HOSTS = [3, 19]
const TYPE_MASK = 0o170000
const TYPE = { fifo: 0o010000, directory: 0o040000, file: 0o100000, symlink: 0o120000 } as const
const DOS_DIRECTORY = 0x10
const PERMISSIONS = 0o7777

/** What the headers say of a member; `mode` is undefined where no Unix system wrote one. */
export interface Attributes {
  readonly type: Exclude<Member['type'], 'hardlink'>
  readonly mode: number | undefined
  /** Seconds since the epoch. */
  readonly mtime: number
}

/** `st_mode` in the upper half of the external attributes, when a Unix system wrote them (APPNOTE 4.4.2.2, 4.4.15). */
function unixMode(entry: Entry): number {
  return UNIX_HOSTS.includes(entry.versionMadeBy >> 8) ? entry.externalFileAttributes >>> 16 : 0
}

function memberType(entry: Entry, name: string): Attributes['type'] {
  const kind = unixMode(entry) & TYPE_MASK
  if (kind === TYPE.symlink) return 'symlink'
  if (kind !== 0 && kind !== TYPE.directory && kind !== TYPE.file) {
    throw new PkgcacheError('E_POLICY', `${memberLabel(name)} is a device, FIFO or socket`, {
      hint: 'such an archive must not reach a node; ask whoever publishes it',
    })
  }
  const folder =
    name.endsWith('/') || kind === TYPE.directory || (entry.externalFileAttributes & DOS_DIRECTORY) !== 0
  return folder ? 'directory' : 'file'
}

/**
 * Times are UTC: the extended timestamp or the NTFS one where there is one, else the DOS time, which names no zone.
 * @throws E_POLICY for what is neither file, folder nor symlink
 */
export function attributes(entry: Entry, name: string): Attributes {
  const mode = unixMode(entry)
  const mtime = Math.floor(entry.getLastModDate({ timezone: 'UTC' }).getTime() / 1000)
  return {
    type: memberType(entry, name),
    mode: mode === 0 ? undefined : mode & PERMISSIONS,
    mtime: Math.max(0, mtime),
  }
}

const MACH_O = ['feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe', 'bebafeca']

/** A mode for a file whose archive has none: programs and scripts can be run. */
export function modeByContent(start: Uint8Array): number {
  const hex = Buffer.from(start.subarray(0, 4)).toString('hex')
  const program = hex === '7f454c46' || hex.startsWith('2321') || MACH_O.includes(hex)
  return program ? 0o755 : 0o644
}
