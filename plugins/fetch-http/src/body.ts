/** Bytes held for the reader before the connection is paused, and where it goes on. */
const HIGH = 1 << 20
const LOW = HIGH / 2

/** What the body does to its connection. */
export interface Flow {
  pause(): void
  resume(): void
  /** Ends the request: nobody wants the rest. */
  cancel(): void
}

/** How long the body must be, and what it is when it is not. */
export interface Expectation {
  readonly bytes: number
  fault(received: number): Error
}

/**
 * The bytes of one answer, from the parser to one reader without a stream between: chunks are handed over as they
 * came. A reader that leaves early (`break`, or `return()` before the first `next()`) ends the request.
 */
export class Body implements AsyncIterableIterator<Uint8Array> {
  /** Set before the first `next()`. */
  expected: Expectation | undefined
  readonly #flow: Flow
  readonly #chunks: Uint8Array[] = []
  #held = 0
  #given = 0
  #paused = false
  #ended = false
  #fault: Error | undefined
  #wake: (() => void) | undefined

  constructor(flow: Flow) {
    this.#flow = flow
  }

  /** More bytes from the connection. */
  push(chunk: Uint8Array): void {
    if (this.#ended) return
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#held >= HIGH && !this.#paused) {
      this.#paused = true
      this.#flow.pause()
    }
    this.#wake?.()
  }

  /** No more bytes come; with `fault` the reader gets it after the bytes that came before. */
  end(fault?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#fault = fault
    this.#wake?.()
  }

  /** Ends at once: the reader gets `fault` next, and no byte that is still held. */
  abort(fault: Error): void {
    this.#drop()
    if (this.#ended) return
    this.end(fault)
    this.#flow.cancel()
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) return { done: false, value: this.#take(chunk) }
      if (this.#ended) return this.#finish()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#drop()
    if (!this.#ended) {
      this.end()
      this.#flow.cancel()
    }
    this.#fault = undefined
    this.expected = undefined
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #take(chunk: Uint8Array): Uint8Array {
    this.#held -= chunk.length
    this.#given += chunk.length
    if (this.expected !== undefined && this.#given > this.expected.bytes) {
      const fault = this.expected.fault(this.#given)
      this.expected = undefined
      this.abort(fault)
      throw fault
    }
    if (this.#paused && this.#held <= LOW) {
      this.#paused = false
      this.#flow.resume()
    }
    return chunk
  }

  #finish(): IteratorResult<Uint8Array> {
    const { expected } = this
    const fault =
      this.#fault ?? (expected && this.#given < expected.bytes ? expected.fault(this.#given) : undefined)
    this.#fault = undefined
    this.expected = undefined
    if (fault !== undefined) throw fault
    return { done: true, value: undefined }
  }

  #drop(): void {
    this.#chunks.length = 0
    this.#held = 0
  }
}
