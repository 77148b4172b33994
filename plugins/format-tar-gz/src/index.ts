import type { TransformOptions } from 'node:stream'
import { createGunzip, type ZlibOptions } from 'node:zlib'
import { decodeThrough, defineFormat, type FormatInput, fileChunks, PkgcacheError } from '@pkgcache/core'
import { type Options, schema } from './options.ts'

/** Large chunks, and room to decode ahead on zlib's thread while the consumer works on this one: see the README. */
const GUNZIP: ZlibOptions & TransformOptions = { chunkSize: 256 * 1024, readableHighWaterMark: 1024 * 1024 }

/** RFC 1952, 2.3.1: ID1, ID2, and deflate, the only method there is. */
function looksLikeGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8
}

async function* gunzip(input: FormatInput, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = createGunzip(GUNZIP)
  yield* decodeThrough(fileChunks(input.file, signal), decoder, 'the gzip stream', signal)
  // zlib goes on to the next member by itself, but drops what is not one when it starts with a zero.
  const trailing = input.size - decoder.bytesWritten
  if (trailing === 0) return
  throw new PkgcacheError('E_ARCHIVE', `${trailing} bytes follow the end of the gzip stream`, {
    hint: 'fetch it again; if that does not help, ask whoever publishes it for a clean archive',
  })
}

/** Tar archives compressed with gzip, of one member or several. */
export default defineFormat<Options>({
  name: 'format-tar-gz',
  schema,
  open(input, ctx) {
    if (!looksLikeGzip(input.head)) return undefined
    return { format: 'tar.gz', tar: gunzip(input, ctx.signal) }
  },
})
