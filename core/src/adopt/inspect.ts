import { createHash } from 'node:crypto'
import { Packer } from '../normalise/packer.ts'
import { type ArchiveLimits, ArchivePolicy } from '../normalise/policy.ts'
import { TarReader } from '../normalise/tar-reader.ts'
import { fileChunks, zstdDecompress } from '../normalise/zstd-decompress.ts'
import { statIfThere } from '../store/atomic.ts'

/** What an archive holds, read through without unpacking. */
export interface Inspected {
  /** SHA-256 of the inner tar, as it is. */
  readonly contentSha256: string
  /** Bytes of the inner tar. */
  readonly unpackedSize: number
  readonly members: number
}

/**
 * Reads a `.tar.zst` through the policy, and throws away what it would be repacked to.
 * @throws E_POLICY, E_ARCHIVE, E_ABORTED
 */
export async function inspectArchive(
  file: string,
  { limits, signal }: { readonly limits: ArchiveLimits; readonly signal: AbortSignal },
): Promise<Inspected> {
  const size = Number((await statIfThere(file))?.size ?? 0n)
  const policy = new ArchivePolicy(size, limits)
  const packer = new Packer(policy, () => undefined)
  const reader = new TarReader(packer)
  const content = createHash('sha256')
  let unpackedSize = 0
  for await (const chunk of zstdDecompress(fileChunks(file, signal))) {
    signal.throwIfAborted()
    reader.push(chunk)
    policy.countStream(chunk.length)
    content.update(chunk)
    unpackedSize += chunk.length
  }
  reader.end()
  packer.finish()
  return { contentSha256: content.digest('hex'), unpackedSize, members: policy.members.length }
}
