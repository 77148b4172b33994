import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { PackWorkers } from '../../src/normalise/archive-writer.ts'
import { judgedMembers } from '../../src/normalise/members.ts'
import { type Repacked, repack } from '../../src/normalise/repack.ts'
import { zstdDecompress } from '../../src/normalise/zstd-decompress.ts'
import type { Member, Unpacked } from '../../src/plugins/types.ts'
import { tempFolders } from './temp.ts'

export interface Packed extends Repacked {
  /** Absolute path of the `.tar.zst`. */
  readonly file: string
  /** The inner tar. */
  readonly tar: Buffer
}

/** Bytes in pieces of one size. */
export async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export async function* listed<T>(entries: readonly T[]): AsyncGenerator<T> {
  yield* entries
}

/** A file as a format plugin hands it on. */
export function fileMember(path: string, content: string, mode = 0o644): Member {
  const bytes = Buffer.from(content)
  return { path, type: 'file', mode, size: bytes.length, mtime: 0, body: listed([bytes]) }
}

export interface Repacker {
  /** A tar stream through policy and canonical repack. */
  tar(bytes: Uint8Array, chunk?: number): Promise<Packed>
  /** The same for a stream made on the way. @param sourceBytes size of the download it is said to come from */
  stream(tar: AsyncIterable<Uint8Array>, sourceBytes: number): Promise<Packed>
  /** Members of another format through the same. */
  members(members: AsyncIterable<Member>): Promise<Packed>
  /** Names of what lies in the folders it writes to, and is not the result of a success. */
  leftovers(): string[]
}

/** What an archive comes to when it is handed out member by member: its members, or the fault that ends it. */
async function judged(bytes: Uint8Array, chunk: number): Promise<unknown> {
  const tar = { format: 'tar', tar: inChunks(bytes, chunk) }
  const members: unknown[] = []
  try {
    const signal = new AbortController().signal
    for await (const { mtime: _, body, ...member } of judgedMembers(tar, {
      sourceBytes: bytes.length,
      signal,
    })) {
      let size = 0
      for await (const part of body ?? []) size += part.length
      if (body !== undefined) expect(size).toBe(member.size)
      members.push(member)
    }
    return members
  } catch (error) {
    return String(error)
  }
}

/** Repacks into folders of this test file's own, with workers that end with it. */
export function repacker(): Repacker {
  const workers = new PackWorkers()
  const folder = tempFolders()
  const used: string[] = []
  const good = new Set<string>()
  afterAll(() => workers.close())
  const go = async (unpacked: Unpacked, sourceBytes: number): Promise<Packed> => {
    const own = folder()
    used.push(own)
    const file = join(own, 'archive.tar.zst')
    const options = { file, sourceBytes, signal: new AbortController().signal, onProgress: () => undefined }
    const repacked = await repack(unpacked, workers, options)
    good.add(file)
    const parts: Uint8Array[] = []
    for await (const part of zstdDecompress(inChunks(readFileSync(file), 1 << 20))) parts.push(part)
    const tar = Buffer.concat(parts)
    return { ...repacked, file, tar }
  }
  return {
    tar: async (bytes, chunk = 1 << 16) => {
      const packing = go({ format: 'tar', tar: inChunks(bytes, chunk) }, bytes.length)
      // both ways through the policy must come to the same
      const packed: unknown = await packing.then(({ members }) => members, String)
      expect(await judged(bytes, chunk)).toEqual(packed)
      return packing
    },
    stream: (tar, sourceBytes) => go({ format: 'tar', tar }, sourceBytes),
    members: (members) => go({ format: 'zip', members }, 1 << 20),
    leftovers: () =>
      used
        .flatMap((own) => readdirSync(own).map((name) => join(own, name)))
        .filter((path) => !good.has(path)),
  }
}
