import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'

const BATCH_BYTES = 1 << 20
// per archive: one being filled, the others on their way to the worker and back
const BATCHES = 6

/** What an archive came to. */
export interface WrittenArchive {
  /** Bytes of the compressed file. */
  readonly size: number
  /** Bytes of the inner tar. */
  readonly unpackedSize: number
  /** Of the compressed file. */
  readonly sha256: string
  /** Of the inner tar. */
  readonly contentSha256: string
}

type Message =
  | { readonly type: 'drained'; readonly buffer: ArrayBuffer }
  | { readonly type: 'done'; readonly result: WrittenArchive }
  | { readonly type: 'aborted' }
  | { readonly type: 'failed'; readonly error: Error; readonly code: string | undefined }

/** Worker threads that hash, compress and write; kept for the next archive, ended by `close`. */
export class PackWorkers {
  readonly #idle: Worker[] = []
  readonly #all = new Set<Worker>()

  /** Starts a first worker before there is work for it: while the first download is under way. */
  warm(): void {
    if (this.#all.size > 0) return
    // what goes wrong here goes wrong again for whoever takes one
    this.#start().then(
      (worker) => this.#idle.push(worker),
      () => undefined,
    )
  }

  async take(): Promise<Worker> {
    return this.#idle.pop() ?? this.#start()
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(new URL('./pack-worker.js', import.meta.url))
    this.#all.add(worker)
    worker.once('exit', () => this.#all.delete(worker))
    await once(worker, 'online')
    return worker
  }

  /** Gives a worker back. One that failed in mid-archive is ended instead, which closes its file too. */
  async give(worker: Worker, reusable: boolean): Promise<void> {
    if (reusable) this.#idle.push(worker)
    else await end(worker)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map(end))
  }
}

/**
 * Asks a worker to end after what it is at. Never `terminate()`: a thread stopped inside zstd-napi brings the whole
 * process down with an uncaught Napi::Error (seen on Node 24, one time in six).
 */
async function end(worker: Worker): Promise<void> {
  // it has ended by itself
  if (worker.threadId === -1) return
  const ended = new Promise<void>((done) => {
    worker.once('exit', () => done())
  })
  worker.postMessage({ type: 'close' })
  await ended
}

/** Writes one `.tar.zst`: takes bytes of the inner tar, batches them to a worker, holds back when it is behind. */
export class ArchiveWriter {
  readonly #worker: Worker
  readonly #free: ArrayBuffer[] = Array.from({ length: BATCHES }, () => new ArrayBuffer(BATCH_BYTES))
  readonly #settled: Promise<WrittenArchive | 'aborted'>
  #wake: (() => void) | undefined
  #failure: PkgcacheError | undefined
  #batch: Uint8Array | undefined
  #filled = 0
  #spill: Uint8Array[] = []

  constructor(worker: Worker, file: string) {
    this.#worker = worker
    let onExit: () => void = () => undefined
    this.#settled = new Promise((resolve, reject) => {
      worker.removeAllListeners('message')
      worker.removeAllListeners('error')
      worker.on('message', (message: Message) => {
        if (message.type === 'drained') this.#free.push(message.buffer)
        else if (message.type === 'done') resolve(message.result)
        else if (message.type === 'aborted') resolve('aborted')
        else reject(this.#fail(Object.assign(message.error, message.code && { code: message.code })))
        this.#wake?.()
      })
      const ended = (error: Error) => {
        reject(this.#fail(error))
        this.#wake?.()
      }
      worker.once('error', ended)
      onExit = () => ended(new PkgcacheError('E_ABORTED', 'the worker was ended'))
      worker.once('exit', onExit)
    })
    const settled = () => void worker.off('exit', onExit)
    this.#settled.then(settled, settled)
    worker.postMessage({ type: 'open', file })
  }

  #fail(thrown: Error): PkgcacheError {
    this.#failure = toPkgcacheError(thrown, 'E_STORE')
    return this.#failure
  }

  /** Takes bytes; they are copied before it returns. What does not fit waits for `drain`. */
  write(bytes: Uint8Array): void {
    let rest = bytes
    while (rest.length > 0) {
      if (this.#batch === undefined) {
        const buffer = this.#free.pop()
        if (buffer === undefined) {
          this.#spill.push(Uint8Array.from(rest))
          return
        }
        this.#batch = new Uint8Array(buffer)
      }
      const part = rest.subarray(0, BATCH_BYTES - this.#filled)
      this.#batch.set(part, this.#filled)
      this.#filled += part.length
      rest = rest.subarray(part.length)
      if (this.#filled === BATCH_BYTES) this.#post()
    }
  }

  #post(): void {
    if (this.#batch === undefined) return
    const buffer = this.#batch.buffer as ArrayBuffer
    this.#worker.postMessage({ type: 'data', buffer, length: this.#filled }, [buffer])
    this.#batch = undefined
    this.#filled = 0
  }

  /** Waits until there is room again. To be awaited after each handful of writes. @throws E_NOSPC, E_STORE */
  async drain(): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure
      const spill = this.#spill
      this.#spill = []
      for (const bytes of spill) this.write(bytes)
      if (this.#spill.length === 0 && (this.#batch !== undefined || this.#free.length > 0)) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** @throws E_NOSPC, E_STORE */
  async end(): Promise<WrittenArchive> {
    await this.drain()
    this.#post()
    this.#worker.postMessage({ type: 'end' })
    const written = await this.#settled
    if (written === 'aborted') throw new PkgcacheError('E_ABORTED', 'cancelled')
    return written
  }

  /**
   * Ends in mid-archive; the half-written file is closed afterwards, and the caller's to remove.
   * @returns true when the worker can be used again
   */
  async abort(): Promise<boolean> {
    if (this.#failure !== undefined) return false
    this.#worker.postMessage({ type: 'abort' })
    return this.#settled.then(
      () => true,
      () => false,
    )
  }
}

/** Runs `work` with a writer for `file`, and brings worker and writer to a clean end either way. */
export async function withArchiveWriter(
  workers: PackWorkers,
  file: string,
  work: (writer: ArchiveWriter) => Promise<void>,
): Promise<WrittenArchive> {
  const worker = await workers.take()
  const writer = new ArchiveWriter(worker, file)
  let reusable = true
  try {
    await work(writer)
    return await writer.end()
  } catch (error) {
    reusable = await writer.abort()
    throw error
  } finally {
    await workers.give(worker, reusable)
  }
}
