/** Grows while others read it: every reader sees all entries, those to come too, until it is closed. */
export class ReadyList<T> {
  readonly #entries: T[] = []
  #closed = false
  #wake: (() => void)[] = []

  push(entry: T): void {
    this.#entries.push(entry)
    this.#notify()
  }

  close(): void {
    this.#closed = true
    this.#notify()
  }

  #notify(): void {
    const waiting = this.#wake
    this.#wake = []
    for (const wake of waiting) wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (let at = 0; ; at++) {
      while (at >= this.#entries.length) {
        if (this.#closed) return
        await new Promise<void>((resolve) => this.#wake.push(resolve))
      }
      yield this.#entries[at] as T
    }
  }
}
