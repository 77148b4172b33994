import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { PkgcacheError } from '../errors/error.ts'

const CHUNK_BYTES = 1 << 20

/**
 * SHA-256 of a file, read from its start to its end.
 * @param onBytes told the length of each part read
 * @throws E_ABORTED, and what the disk says
 */
export async function hashFile(
  file: string,
  signal?: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256')
  const handle = await open(file, 'r')
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    for (;;) {
      if (signal?.aborted) throw new PkgcacheError('E_ABORTED', 'cancelled', { cause: signal.reason })
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, null)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, bytesRead))
      onBytes?.(bytesRead)
    }
  } finally {
    await handle.close()
  }
}
