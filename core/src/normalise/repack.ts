import { rm } from 'node:fs/promises'
import type { MemberInfo } from '../model/artifact.ts'
import type { Unpacked } from '../plugins/types.ts'
import { type PackWorkers, type WrittenArchive, withArchiveWriter } from './archive-writer.ts'
import { Packer, statedMember } from './packer.ts'
import { type ArchiveLimits, ArchivePolicy } from './policy.ts'
import { faultsPlaced, TarReader } from './tar-reader.ts'

export interface Repacked extends WrittenArchive {
  readonly members: readonly MemberInfo[]
}

export interface RepackOptions {
  /** Absolute path of the archive to write; must not exist. */
  readonly file: string
  /** Bytes of the download, for the ratio cap. */
  readonly sourceBytes: number
  readonly limits?: ArchiveLimits
  readonly signal: AbortSignal
  /** Bytes of the inner tar so far. */
  readonly onProgress: (bytes: number) => void
}

/**
 * Streams a download's members through policy into one canonical `.tar.zst`, in bounded memory, nothing extracted.
 * @throws E_POLICY, E_ARCHIVE, E_NOSPC, E_STORE
 */
export async function repack(
  unpacked: Unpacked,
  workers: PackWorkers,
  options: RepackOptions,
): Promise<Repacked> {
  const policy = new ArchivePolicy(options.sourceBytes, options.limits)
  const writing = withArchiveWriter(workers, options.file, async (writer) => {
    const packer = new Packer(policy, (bytes) => writer.write(bytes))
    let seen = 0
    const drain = async (bytes: number) => {
      options.signal.throwIfAborted()
      seen += bytes
      options.onProgress(seen)
      await writer.drain()
    }
    await ('tar' in unpacked
      ? fromTar(unpacked.tar, packer, policy, drain)
      : fromMembers(unpacked.members, packer, drain))
    packer.finish()
  })
  const written = await writing.catch(async (error) => {
    await rm(options.file, { force: true })
    throw error
  })
  return { ...written, members: policy.members }
}

type Drain = (bytes: number) => Promise<void>

async function fromTar(
  tar: AsyncIterable<Uint8Array>,
  packer: Packer,
  policy: ArchivePolicy,
  drain: Drain,
): Promise<void> {
  const reader = new TarReader(packer)
  for await (const chunk of faultsPlaced(tar, reader)) {
    reader.push(chunk)
    policy.countStream(chunk.length)
    await drain(chunk.length)
  }
  reader.end()
}

async function fromMembers(
  members: Extract<Unpacked, { members: unknown }>['members'],
  packer: Packer,
  drain: Drain,
): Promise<void> {
  for await (const member of members) {
    packer.begin(statedMember(member), member.mtime)
    for await (const chunk of member.body ?? []) {
      packer.data(chunk)
      await drain(chunk.length)
    }
    packer.memberEnd()
    // members without content fill the writer too
    await drain(0)
  }
}
