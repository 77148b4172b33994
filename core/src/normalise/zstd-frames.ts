import type { Duplex } from 'node:stream'
import { decodeFault, decodeThrough } from './decode-through.ts'

// Frame format: RFC 8878, 3.1
const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a5
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const
const BLOCK_RLE = 1
const BLOCK_RESERVED = 3

/** Exact reads from chunks of any size. */
class ChunkReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]()
  }

  /** False at the end of the source. */
  async more(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next()
      if (next.done === true) return false
      this.#rest = next.value
    }
    return true
  }

  async take(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = []
    for (let missing = length; missing > 0; ) {
      if (!(await this.more())) throw new Error('unexpected end of file')
      const part = this.#rest.subarray(0, missing)
      this.#rest = this.#rest.subarray(part.length)
      missing -= part.length
      parts.push(part)
    }
    return Buffer.concat(parts)
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const step = Math.min(left, 65_536)
      await this.take(step)
      left -= step
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}

/** The bytes of one frame, whose magic has been read, block by block (a block is at most 2 MiB). */
async function* frameBytes(reader: ChunkReader, magic: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  const descriptor = await reader.take(1)
  const flags = descriptor.readUInt8(0)
  const singleSegment = (flags >> 5) & 1
  const idBytes = DICTIONARY_ID_BYTES[(flags & 3) as 0 | 1 | 2 | 3]
  const sizeBytes = CONTENT_SIZE_BYTES[(flags >> 6) as 0 | 1 | 2 | 3] || singleSegment
  yield Buffer.concat([magic, descriptor, await reader.take(1 - singleSegment + idBytes + sizeBytes)])
  for (let last = false; !last; ) {
    const header = await reader.take(3)
    const value = header.readUIntLE(0, 3)
    const type = (value >> 1) & 3
    if (type === BLOCK_RESERVED) throw new Error('reserved block type')
    last = (value & 1) === 1
    yield Buffer.concat([header, await reader.take(type === BLOCK_RLE ? 1 : value >> 3)])
  }
  if ((flags & 4) !== 0) yield await reader.take(4)
}

/**
 * Decodes frame by frame, each with a decoder of its own: Node's ends silently after the first frame, takes a
 * skippable one for the last, and accepts a truncated one.
 */
export async function* decodeFrames(
  source: AsyncIterable<Uint8Array>,
  createDecoder: () => Duplex,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new ChunkReader(source)
  try {
    do {
      const magic = await reader.take(4)
      const number = magic.readUInt32LE(0)
      if (number >>> 4 === SKIPPABLE) await reader.skip((await reader.take(4)).readUInt32LE(0))
      else if (number === MAGIC)
        yield* decodeThrough(frameBytes(reader, magic), createDecoder(), 'the zstd frame')
      else throw new Error('no zstd frame where one should start')
    } while (await reader.more())
  } catch (thrown) {
    throw decodeFault(thrown, 'the zstd stream')
  } finally {
    await reader.close()
  }
}
