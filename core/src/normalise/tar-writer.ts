import { Header } from 'tar'
import type { MemberInfo } from '../model/artifact.ts'
import { paxRecord } from './pax.ts'

const BLOCK = 512
// ustar's own limits (POSIX.1-2017, pax, "ustar Interchange Format"): 11 octal digits, 100 bytes; node-tar puts
// a "./" before a name that fills them
const MAX_SIZE = 0o77777777777
const MAX_NAME = 99
const MAX_MTIME = 0o77777777777
const TYPES = { file: 'File', directory: 'Directory', symlink: 'SymbolicLink', hardlink: 'Link' } as const

/** Zero bytes after a body of `size` bytes. */
export function padding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK)
}

/** The end of every archive: two zero blocks. */
export function endMarker(): Uint8Array {
  return new Uint8Array(2 * BLOCK)
}

function encode(fields: ConstructorParameters<typeof Header>[0]): Buffer {
  const block = Buffer.alloc(BLOCK)
  new Header({ ...(fields as object), uid: 0, gid: 0 }).encode(block, 0)
  return block
}

function isPlain(name: string): boolean {
  return name.length <= MAX_NAME && /^[ -~]*$/.test(name)
}

/**
 * The header blocks of one member, the same bytes on every machine: owner 0:0 without names, permission bits only,
 * whole seconds; a pax header just for names or sizes that ustar cannot hold.
 */
export function memberHeader(member: MemberInfo, mtime: number): Uint8Array {
  const path = member.type === 'directory' ? `${member.path}/` : member.path
  const linkpath = member.linkName ?? ''
  const size = member.type === 'file' ? member.size : 0
  const records: Buffer[] = []
  if (!isPlain(path)) records.push(paxRecord('path', path))
  if (!isPlain(linkpath)) records.push(paxRecord('linkpath', linkpath))
  if (size > MAX_SIZE) records.push(paxRecord('size', String(size)))
  const header = encode({
    path: isPlain(path) ? path : shorten(path),
    linkpath: isPlain(linkpath) ? linkpath : shorten(linkpath),
    mode: member.mode,
    size: size > MAX_SIZE ? 0 : size,
    mtime: new Date(wholeSeconds(mtime) * 1000),
    type: TYPES[member.type],
  })
  if (records.length === 0) return header
  const body = Buffer.concat(records)
  const extended = encode({
    path: 'PaxHeader',
    mode: 0o644,
    size: body.length,
    mtime: new Date(0),
    type: 'ExtendedHeader',
  })
  return Buffer.concat([extended, body, padding(body.length), header])
}

/** What stands in the ustar field when pax holds the real name: for programs that know no pax, never for ours. */
function shorten(name: string): string {
  return name
    .replace(/[^ -~]/g, '_')
    .slice(-MAX_NAME)
    .replace(/^\/+/, '')
}

function wholeSeconds(mtime: number): number {
  if (!Number.isFinite(mtime)) return 0
  return Math.min(Math.max(Math.trunc(mtime), 0), MAX_MTIME)
}
