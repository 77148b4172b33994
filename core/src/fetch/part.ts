import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import type { Fetched } from '../model/artifact.ts'
import type { DigestAlgorithm } from '../model/digest.ts'
import { OWN_FILE } from '../store/atomic.ts'
import { PartJournal, type Served } from './journal.ts'

const BLOCK_BYTES = 1 << 20
// on a slow line a block takes long to fill; a killed process should not lose all of it
const FLUSH_MS = 1000

export type Hashes = ReadonlyMap<DigestAlgorithm, Hash>

/** The files of one part, and how far it is. */
export interface PartState {
  /** Absolute path of the bytes; made by this process, or by one that is dead. */
  readonly file: string
  readonly handle: FileHandle
  readonly journal: PartJournal
  readonly size: number
  readonly hashes: Hashes
  /** Nothing is missing: the digests known beforehand decide, and upstream need not be asked. */
  readonly isWhole: boolean
}

type Files = Pick<PartState, 'file' | 'handle' | 'journal'>

/**
 * What is on disk of a download so far, hashed on the way and kept between tries and processes, so that a dropped
 * connection or a killed process costs no byte twice. One write is under way while the next bytes are received.
 * A fresh part has new files: no two processes ever write to one.
 */
export class Part {
  /** Lets a later try go on from `size`; undefined when upstream gave none or would not. */
  validator: string | undefined
  servedBy = ''
  /** Nothing is missing, and it was another run that fetched it. */
  isWhole = false
  readonly #algorithms: readonly DigestAlgorithm[]
  readonly #freshFile: () => string
  #state: Files | undefined
  #hashes: Hashes
  #size = 0
  #received = 0
  /** Filled while the other one is written: chunks are copied, so that they can be let go of at once. */
  #filling: Buffer = Buffer.alloc(0)
  #other: Buffer = Buffer.alloc(0)
  #filled = 0
  #flushedAt = 0
  #writing: Promise<void> = Promise.resolve()

  /** @param freshFile a path that does not exist, for the bytes of a new beginning */
  constructor(algorithms: readonly DigestAlgorithm[], freshFile: () => string) {
    this.#algorithms = algorithms
    this.#freshFile = freshFile
    this.#hashes = newHashes(algorithms)
  }

  /** Goes on with what another process left. */
  takeOver(
    { file, handle, journal, size, hashes, isWhole }: PartState,
    { validator, servedBy }: Served,
  ): void {
    this.isWhole = isWhole
    this.#state = { file, handle, journal }
    this.#hashes = hashes
    this.#size = size
    this.validator = validator
    this.servedBy = servedBy
  }

  /** Bytes received, on disk after `settle`. */
  get size(): number {
    return this.#size
  }

  /** Bytes that `add` took, those of given up beginnings too. */
  get received(): number {
    return this.#received
  }

  /** Absolute path of the bytes. */
  get file(): string {
    return this.#open().file
  }

  #open(): Files {
    if (this.#state === undefined) throw new PkgcacheError('E_STORE', 'nothing was downloaded yet')
    return this.#state
  }

  /** Begins anew with what is now being served. @throws E_STORE, E_NOSPC */
  async begin(served: Served): Promise<void> {
    await this.discard()
    this.validator = served.validator
    this.servedBy = served.servedBy
    const file = this.#freshFile()
    try {
      const journal = await PartJournal.begin(journalOf(file), served)
      const handle = await open(file, 'wx+', OWN_FILE).catch(async (error) => {
        await journal.close()
        await rm(journal.file, { force: true })
        throw error
      })
      this.#state = { file, handle, journal }
    } catch (error) {
      throw toPkgcacheError(error, 'E_STORE')
    }
  }

  /** Takes bytes; waits when the disk is behind. @throws E_NOSPC, E_STORE */
  async add(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.length > 0; ) {
      if (this.#filling.length === 0) this.#filling = Buffer.allocUnsafeSlow(BLOCK_BYTES)
      const taken = rest.subarray(0, BLOCK_BYTES - this.#filled)
      this.#filling.set(taken, this.#filled)
      this.#filled += taken.length
      this.#size += taken.length
      this.#received += taken.length
      rest = rest.subarray(taken.length)
      if (this.#filled === BLOCK_BYTES) await this.#flush()
    }
    if (this.#filled > 0 && performance.now() - this.#flushedAt > FLUSH_MS) await this.#flush()
  }

  async #flush(): Promise<void> {
    const block = this.#filling.subarray(0, this.#filled)
    for (const hash of this.#hashes.values()) hash.update(block)
    const sha256 = this.#hashes.get('sha256')?.copy().digest('hex') ?? ''
    await this.#writing
    this.#writing = this.#write(block, this.#size - block.length, sha256)
    // whoever waits next gets the error
    this.#writing.catch(() => undefined)
    const written = this.#filling
    this.#filling = this.#other
    this.#other = written
    this.#filled = 0
    this.#flushedAt = performance.now()
  }

  async #write(block: Uint8Array, at: number, sha256: string): Promise<void> {
    const { handle, journal } = this.#open()
    try {
      // a disk that fills up takes a part without an error; the rest brings the error
      for (let done = 0; done < block.length; ) {
        const { bytesWritten } = await handle.write(block, done, block.length - done, at + done)
        if (bytesWritten === 0) throw new PkgcacheError('E_NOSPC', 'the disk takes no more bytes')
        done += bytesWritten
      }
      await journal.checkpoint({ at: at + block.length, sha256 })
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
  async finish(): Promise<Fetched['digests']> {
    await this.settle()
    await this.#open().journal.whole()
    const digests = Object.fromEntries(
      [...this.#hashes].map(([algorithm, hash]) => [algorithm, hash.copy().digest('hex')]),
    )
    return digests as Fetched['digests']
  }

  /** Closes it and leaves it for a later try, of this process or of another. */
  async keep(): Promise<void> {
    await this.settle().catch(() => undefined)
    const state = this.#state
    if (state === undefined || this.#size === 0) return this.discard()
    await state.journal.release().catch(() => undefined)
    await this.#close()
  }

  /** Closes it and removes it. */
  async discard(): Promise<void> {
    const state = this.#state
    await this.#close()
    if (state === undefined) return
    // the bytes first: a journal alone claims nothing
    await rm(state.file, { force: true })
    await rm(state.journal.file, { force: true })
  }

  async #close(): Promise<void> {
    const state = this.#state
    await this.#writing.catch(() => undefined)
    this.#state = undefined
    this.#size = 0
    this.#filled = 0
    this.isWhole = false
    this.#hashes = newHashes(this.#algorithms)
    this.#writing = Promise.resolve()
    await state?.handle.close()
    await state?.journal.close()
  }
}

/** The journal's path beside a part's bytes. */
export function journalOf(file: string): string {
  return `${file}.journal`
}

export function newHashes(algorithms: readonly DigestAlgorithm[]): Hashes {
  return new Map(algorithms.map((algorithm) => [algorithm, createHash(algorithm)]))
}
