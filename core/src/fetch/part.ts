import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import type { Fetched } from '../model/artifact.ts'
import type { DigestAlgorithm } from '../model/digest.ts'

const WRITE_BYTES = 1 << 20

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
  #batch: Uint8Array[] = []
  #batched = 0
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
    this.#batch.push(chunk)
    this.#batched += chunk.length
    this.#size += chunk.length
    if (this.#batched >= WRITE_BYTES) await this.#flush()
  }

  async #flush(): Promise<void> {
    const batch = this.#batch
    const at = this.#size - this.#batched
    this.#batch = []
    this.#batched = 0
    for (const bytes of batch) for (const hash of this.#hashes.values()) hash.update(bytes)
    await this.#writing
    this.#writing = this.#write(batch, at)
    // whoever waits next gets the error
    this.#writing.catch(() => undefined)
  }

  async #write(batch: readonly Uint8Array[], at: number): Promise<void> {
    const length = batch.reduce((sum, bytes) => sum + bytes.length, 0)
    try {
      const { bytesWritten } = await this.#handle.writev(batch, at)
      if (bytesWritten === length) return
      // a disk that fills up takes a part without an error; the rest brings the error
      const rest = Buffer.concat(batch).subarray(bytesWritten)
      const again = await this.#handle.write(rest, 0, rest.length, at + bytesWritten)
      if (again.bytesWritten < rest.length) throw new PkgcacheError('E_NOSPC', 'the disk takes no more bytes')
    } catch (error) {
      throw toPkgcacheError(error, 'E_STORE')
    }
  }

  /** Brings everything taken to disk. @throws E_NOSPC, E_STORE */
  async settle(): Promise<void> {
    if (this.#batched > 0) await this.#flush()
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
