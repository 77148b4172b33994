import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import type { Fetched } from '../model/artifact.ts'
import type { DigestAlgorithm } from '../model/digest.ts'

const BLOCK_BYTES = 1 << 20

/**
 * What is on disk of a download so far, hashed on the way: kept between tries, so that a dropped connection costs no
 * byte twice. One write is under way while the next bytes are received and hashed.
 */
export class Part {
  /** Lets a later try go on from `size`; undefined when upstream gave none or would not. */
  validator: string | undefined
  readonly #handle: FileHandle
  readonly #algorithms: readonly DigestAlgorithm[]
  #hashes: Map<DigestAlgorithm, Hash>
  #size = 0
  /** Filled while the other one is written: chunks are copied, so that they can be let go of at once. */
  #filling = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  #other = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  #filled = 0
  #writing: Promise<void> = Promise.resolve()

  private constructor(handle: FileHandle, algorithms: readonly DigestAlgorithm[]) {
    this.#handle = handle
    this.#algorithms = algorithms
    this.#hashes = newHashes(algorithms)
  }

  /** @throws E_STORE, E_NOSPC */
  static async create(file: string, algorithms: readonly DigestAlgorithm[]): Promise<Part> {
    const handle = await open(file, 'w', 0o600).catch((error) =>
      Promise.reject(toPkgcacheError(error, 'E_STORE')),
    )
    return new Part(handle, algorithms)
  }

  /** Bytes received, on disk after `settle`. */
  get size(): number {
    return this.#size
  }

  /** Begins anew. */
  async restart(): Promise<void> {
    await this.settle()
    await this.#handle.truncate(0)
    this.#size = 0
    this.#hashes = newHashes(this.#algorithms)
  }

  /** Takes bytes; waits when the disk is behind. @throws E_NOSPC, E_STORE */
  async add(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.length > 0; ) {
      const taken = rest.subarray(0, BLOCK_BYTES - this.#filled)
      this.#filling.set(taken, this.#filled)
      this.#filled += taken.length
      this.#size += taken.length
      rest = rest.subarray(taken.length)
      if (this.#filled === BLOCK_BYTES) await this.#flush()
    }
  }

  async #flush(): Promise<void> {
    const block = this.#filling.subarray(0, this.#filled)
    for (const hash of this.#hashes.values()) hash.update(block)
    await this.#writing
    this.#writing = this.#write(block, this.#size - block.length)
    // whoever waits next gets the error
    this.#writing.catch(() => undefined)
    const written = this.#filling
    this.#filling = this.#other
    this.#other = written
    this.#filled = 0
  }

  async #write(block: Uint8Array, at: number): Promise<void> {
    try {
      // a disk that fills up takes a part without an error; the rest brings the error
      for (let done = 0; done < block.length; ) {
        const { bytesWritten } = await this.#handle.write(block, done, block.length - done, at + done)
        if (bytesWritten === 0) throw new PkgcacheError('E_NOSPC', 'the disk takes no more bytes')
        done += bytesWritten
      }
    } catch (error) {
      throw toPkgcacheError(error, 'E_STORE')
    }
  }

  /** Brings everything taken to disk. @throws E_NOSPC, E_STORE */
  async settle(): Promise<void> {
    if (this.#filled > 0) await this.#flush()
    await this.#writing
  }

  /** Digests of all bytes; the part takes none any more. */
  digests(): Fetched['digests'] {
    const digests = Object.fromEntries(
      [...this.#hashes].map(([algorithm, hash]) => [algorithm, hash.digest('hex')]),
    )
    return digests as Fetched['digests']
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => undefined)
    await this.#handle.close()
  }
}

function newHashes(algorithms: readonly DigestAlgorithm[]): Map<DigestAlgorithm, Hash> {
  return new Map(algorithms.map((algorithm) => [algorithm, createHash(algorithm)]))
}
