import type { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import zlib from 'node:zlib'
import { PkgcacheError } from '../errors/error.ts'
import { decodeFault } from './decode-through.ts'
import { decodeFrames } from './zstd-frames.ts'

export { decodeWithCommand, findCommand } from './decode-command.ts'
export { decodeThrough, fileChunks } from './decode-through.ts'

const CHUNK_BYTES = 256 * 1024

interface ZstdContext {
  /** @returns a hint that is 0 at the end of a frame, bytes written, bytes read */
  decompressStream(target: Uint8Array, source: Uint8Array): readonly [number, number, number]
}

/** A context of zstd-napi; undefined where that optional dependency is not installed or does not load. */
async function nativeContext(): Promise<ZstdContext | undefined> {
  try {
    const { default: binding } = await import('zstd-napi/binding.js')
    return new binding.DCtx()
  } catch {
    return undefined
  }
}

/** Node's own decoder (Node >= 22.15). */
function builtinDecoder(): (() => Duplex) | undefined {
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress')
  return typeof create === 'function' ? () => create({ chunkSize: CHUNK_BYTES }) : undefined
}

/**
 * Drives the binding itself: the stream class of zstd-napi pushes all that one input chunk expands to at once, which
 * for a hostile input is gigabytes.
 */
async function* decodeNative(
  context: ZstdContext,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let inFrame = true
  try {
    for await (const chunk of source) {
      let input = chunk
      let drained = input.length === 0
      while (!drained) {
        const output = Buffer.allocUnsafe(CHUNK_BYTES)
        const [hint, written, read] = context.decompressStream(output, input)
        input = input.subarray(read)
        inFrame = hint !== 0
        if (written > 0) yield output.subarray(0, written)
        drained = input.length === 0 && (written < output.length || !inFrame)
        // One chunk can expand to gigabytes, on this thread: let others work, and signals come through.
        if (!drained) await setImmediate()
      }
    }
    if (inFrame) throw new Error('unexpected end of file')
  } catch (thrown) {
    throw decodeFault(thrown, 'the zstd stream')
  }
}

/**
 * Decodes zstd: several frames in a row, skippable ones among them (RFC 8878). zstd-napi does it where it loads, else
 * Node's zlib where that can.
 * @throws E_ARCHIVE when the data are damaged or truncated, E_FORMAT when nothing here can decode zstd
 */
export async function* zstdDecompress(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const context = await nativeContext()
  if (context !== undefined) return yield* decodeNative(context, source)
  const builtin = builtinDecoder()
  if (builtin !== undefined) return yield* decodeFrames(source, builtin)
  throw new PkgcacheError('E_FORMAT', 'nothing on this machine can decode zstd', {
    hint: 'install zstd-napi (npm rebuild zstd-napi shows why it does not load) or use Node 22.15 or newer',
  })
}
