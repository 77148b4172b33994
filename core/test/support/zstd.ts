import { execFileSync } from 'node:child_process'

/** Bytes as the zstd program compresses them. */
export function zstd(bytes: Uint8Array): Buffer {
  return execFileSync('zstd', ['-qc'], { input: bytes })
}
