/** A regular file, folder or link of an archive, before it is packed. */
export interface Entry {
  /** As the archive spells it, folders with a trailing slash. */
  readonly path: string
  readonly mode: number
  readonly data?: Buffer
  /** Target of a symbolic link. */
  readonly link?: string
}

/** Seconds since the epoch of everything that is packed. */
export const MTIME = 1_747_000_000

const MACHINES: Readonly<Record<string, number>> = { amd64: 62, arm64: 183 }

/** Bytes that depend on the seed alone (xorshift32, seeded by FNV-1a). */
function noise(seed: string, size: number): Buffer {
  let state = 0x811c9dc5
  for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 0x01000193) >>> 0
  const bytes = Buffer.alloc(size)
  for (let index = 0; index < size; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[index] = state & 0xff
  }
  return bytes
}

/** A program as `file` sees one: an ELF header for the arch, a part that does not compress, a part that does. */
export function program(name: string, arch: string, size: number): Buffer {
  const header = Buffer.alloc(64)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  header.writeUInt16LE(2, 16)
  header.writeUInt16LE(MACHINES[arch] ?? 0, 18)
  header.writeUInt32LE(1, 20)
  header.writeUInt16LE(64, 52)
  const code = noise(`${name} ${arch}`, Math.floor(size / 3))
  const strings = Buffer.alloc(
    size - header.length - code.length,
    `${name}: usage: ${name} [flags] command\n`,
  )
  return Buffer.concat([header, code, strings])
}

export function executable(path: string, arch: string, size: number): Entry {
  return { path, mode: 0o755, data: program(path.slice(path.lastIndexOf('/') + 1), arch, size) }
}

export function script(path: string, text: string): Entry {
  return { path, mode: 0o755, data: Buffer.from(`#!/bin/sh\n${text}\n`) }
}

export function document(path: string, text: string): Entry {
  return { path, mode: 0o644, data: Buffer.from(`${text}\n`) }
}

export function folder(path: string): Entry {
  return { path, mode: 0o755 }
}

export function symlink(path: string, link: string): Entry {
  return { path, mode: 0o777, link }
}
