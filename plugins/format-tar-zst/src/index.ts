import { defineFormat, fileChunks, zstdDecompress } from '@pkgcache/core'
import { type Options, schema } from './options.ts'

/** A frame, or a skippable one before it (RFC 8878, 3.1). */
function looksLikeZstd(head: Uint8Array): boolean {
  if (head.length < 4) return false
  const magic = Buffer.from(head.subarray(0, 4)).readUInt32LE(0)
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5
}

/** Tar archives compressed with zstd. */
export default defineFormat<Options>({
  name: 'format-tar-zst',
  schema,
  open(input, ctx) {
    if (!looksLikeZstd(input.head)) return undefined
    return { format: 'tar.zst', tar: zstdDecompress(fileChunks(input.file, ctx.signal)) }
  },
})
