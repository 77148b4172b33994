/// <reference path="./unbzip2-stream.d.ts" />
import { readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { type FormatInput, PkgcacheError } from '@pkgcache/core'
import bitIterator from 'unbzip2-stream/lib/bit_iterator.js'
import bzip2 from 'unbzip2-stream/lib/bzip2.js'

const READ_BYTES = 64 * 1024
const CHUNK_BYTES = 256 * 1024
const BLOCK_UNIT = 100_000

/** Collects the bytes of one block: 900 kB as a rule, 46 MB when it is one long run. */
class Output {
  readonly #chunks: Uint8Array[] = []
  #last = new Uint8Array(0)
  #length = 0

  push(byte: number): void {
    if (this.#length === this.#last.length) {
      this.#last = new Uint8Array(CHUNK_BYTES)
      this.#length = 0
      this.#chunks.push(this.#last)
    }
    this.#last[this.#length++] = byte
  }

  /** All chunks; nothing can be pushed behind. */
  end(): readonly Uint8Array[] {
    this.#chunks.splice(-1, 1, this.#last.subarray(0, this.#length))
    return this.#chunks
  }
}

/** Reads while decoding: the decoder asks for bits and cannot wait. */
function bitsOf(descriptor: number): ReturnType<typeof bitIterator> {
  return bitIterator(() => {
    const buffer = new Uint8Array(READ_BYTES)
    const length = readSync(descriptor, buffer)
    if (length === 0) throw new Error('unexpected end of file')
    return buffer.subarray(0, length)
  })
}

/**
 * Decodes block by block with the parts of unbzip2-stream: its stream holds back 925 kB of input and then decodes all
 * of it at once, which for a hostile file is gigabytes.
 */
export async function* decodeHere(
  input: FormatInput,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  // The decoder keeps its tables on `this`.
  const decoder: typeof bzip2 = Object.create(bzip2)
  const handle = await open(input.file)
  try {
    const bits = bitsOf(handle.fd)
    while (bits.bytesRead < input.size) {
      const table = new Int32Array(decoder.header(bits) * BLOCK_UNIT)
      let checksum: number | null = 0
      while (checksum !== null) {
        const output = new Output()
        checksum = decoder.decompress(bits, (byte) => output.push(byte), table, table.length, checksum)
        if (checksum !== null) yield* output.end()
        // A block takes a tenth of a second: let others work, and signals come through.
        await setImmediate()
        if (signal.aborted) throw new PkgcacheError('E_ABORTED', 'cancelled')
      }
    }
  } finally {
    await handle.close()
  }
}
