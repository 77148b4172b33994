const WINDOW_MS = 3000
const SAMPLE_MS = 100

/** Speed of one transfer over its last three seconds. */
export class Meter {
  /** Bytes. */
  done = 0
  /** Bytes, when known. */
  total: number | undefined
  #samples: { readonly at: number; readonly done: number }[] = []

  /** A new transfer begins. */
  reset(): void {
    this.done = 0
    this.total = undefined
    this.#samples = []
  }

  /** @param now ms */
  update(now: number, done: number, total: number | undefined): void {
    if (done < this.done) this.#samples = []
    this.done = done
    this.total = total
    const last = this.#samples.at(-1)
    if (last !== undefined && now - last.at < SAMPLE_MS) return
    this.#samples.push({ at: now, done })
    while ((this.#samples[0]?.at ?? now) < now - WINDOW_MS) this.#samples.shift()
  }

  /** Undefined until there is enough to tell. */
  get bytesPerSecond(): number | undefined {
    const [first] = this.#samples
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || last.at - first.at < 2 * SAMPLE_MS) return undefined
    return ((last.done - first.done) / (last.at - first.at)) * 1000
  }

  /** Undefined when the total or the speed is not known. */
  get msLeft(): number | undefined {
    const speed = this.bytesPerSecond
    if (this.total === undefined || speed === undefined || speed === 0) return undefined
    return (Math.max(0, this.total - this.done) / speed) * 1000
  }
}
