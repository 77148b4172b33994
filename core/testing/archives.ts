/** Builders of archives for tests: small well-formed ones, and raw ones with control over every field. */
export { paxRecord, type RawTarEntry, type RawTarOptions, rawTar } from './raw-tar.ts'
export { type RawZipEntry, type RawZipOptions, rawZip } from './raw-zip.ts'

import { type RawTarEntry, rawTar } from './raw-tar.ts'
import { type RawZipEntry, rawZip } from './raw-zip.ts'

/** A member of a small well-formed archive. */
export interface SmallMember {
  readonly path: string
  /** Default `file`. */
  readonly type?: 'file' | 'directory' | 'symlink'
  /** Permission bits. Default 0644, folders 0755, links 0777. */
  readonly mode?: number
  readonly content?: string | Uint8Array
  readonly linkName?: string
}

/** What a tool's release looks like in small: a folder, a program, a link to it, a text, an empty file. */
export const SMALL_MEMBERS: readonly SmallMember[] = [
  { path: 'bin', type: 'directory' },
  { path: 'bin/tool', mode: 0o755, content: `#!/bin/sh\necho tool\n${'# padding\n'.repeat(900)}` },
  { path: 'bin/tool-link', type: 'symlink', linkName: 'tool' },
  { path: 'README', content: 'a tool\n' },
  { path: 'empty', content: '' },
]

/** 2024-02-03T04:05:06Z in seconds: the mtime of every member of the small archives. */
export const SMALL_MTIME = 1_706_933_106

const DEFAULT_MODE = { file: 0o644, directory: 0o755, symlink: 0o777 } as const
const TAR_TYPE = { file: '0', directory: '5', symlink: '2' } as const
const UNIX_TYPE = { file: 0o100000, directory: 0o040000, symlink: 0o120000 } as const

/** A POSIX tar as a tool writes it. Default members: `SMALL_MEMBERS`. */
export function smallTar(members: readonly SmallMember[] = SMALL_MEMBERS): Buffer {
  return rawTar(
    members.map(
      ({ path, type = 'file', mode, content = '', linkName = '' }): RawTarEntry => ({
        name: type === 'directory' ? `${path}/` : path,
        type: TAR_TYPE[type],
        mode: mode ?? DEFAULT_MODE[type],
        mtime: SMALL_MTIME,
        content,
        linkName,
      }),
    ),
  )
}

/** A zip as made on Unix. Default members: `SMALL_MEMBERS`. */
export function smallZip(members: readonly SmallMember[] = SMALL_MEMBERS): Buffer {
  return rawZip(
    members.map(
      ({ path, type = 'file', mode, content = '', linkName = '' }): RawZipEntry => ({
        name: type === 'directory' ? `${path}/` : path,
        mode: UNIX_TYPE[type] + (mode ?? DEFAULT_MODE[type]),
        content: type === 'symlink' ? linkName : content,
      }),
    ),
  )
}

/** A copy with one bit changed. @param at byte offset; negative counts from the end */
export function flipBit(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes)
  const index = at < 0 ? copy.length + at : at
  copy.writeUInt8(copy.readUInt8(index) ^ 1, index)
  return copy
}
