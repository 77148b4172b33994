import { archiveError } from './faults.ts'

/** A stream of bytes, taken apart by lengths known from elsewhere. */
export class ByteReader {
  readonly #source: AsyncGenerator<Uint8Array, void, undefined>
  #rest: Uint8Array = new Uint8Array(0)
  /** Bytes of the part being read that are still to come. */
  #left = 0
  #label = ''

  constructor(source: AsyncGenerator<Uint8Array, void, undefined>) {
    this.#source = source
  }

  /** The next `size` bytes, as they come. @throws E_ARCHIVE when they end early, and what the source throws */
  take(size: number, label: string): AsyncIterable<Uint8Array> {
    this.#left = size
    this.#label = label
    return this.#part()
  }

  async *#part(): AsyncGenerator<Uint8Array, void, undefined> {
    while (this.#left > 0) {
      if (this.#rest.length === 0 && !(await this.#fill())) {
        throw archiveError(this.#label, `ends ${this.#left} bytes early`)
      }
      const part = this.#rest.subarray(0, this.#left)
      this.#rest = this.#rest.subarray(part.length)
      this.#left -= part.length
      yield part
    }
  }

  async #fill(): Promise<boolean> {
    const next = await this.#source.next()
    if (next.done === true) return false
    this.#rest = next.value
    return true
  }

  /** Passes over what is left of the part being read. */
  async skipRest(): Promise<void> {
    for await (const _ of this.#part());
  }

  /** To be called after the last part. @throws E_ARCHIVE for more bytes, and what the source throws */
  async end(): Promise<void> {
    while (this.#rest.length === 0) if (!(await this.#fill())) return
    throw archiveError('the 7z archive', 'holds more than it lists')
  }

  /** Ends the source. */
  async close(): Promise<void> {
    await this.#source.return()
  }
}
