/** Lets `limit` things go on at once; the others wait in order, and stop waiting when cancelled. */
export class Limiter {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#free = limit
  }

  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#enter(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  /** A place to hold for longer than one piece of work. @returns gives it back; to be called once */
  async acquire(signal: AbortSignal): Promise<() => void> {
    await this.#enter(signal)
    return () => this.#leave()
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#free > 0) {
      this.#free--
      return
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        const index = this.#waiting.indexOf(enter)
        if (index !== -1) this.#waiting.splice(index, 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(enter)
    })
  }

  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}

/** One limiter per key, made when first asked for. */
export class KeyedLimiter {
  readonly #limiters = new Map<string, Limiter>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const limiter = this.#limiters.get(key) ?? new Limiter(this.#limit)
    this.#limiters.set(key, limiter)
    return limiter.run(signal, work)
  }
}
