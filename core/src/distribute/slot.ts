import type { Limiter } from '../run/scheduler.ts'

/** One node's place among those that are sent to: held while anything is sent to it, however much at once. */
export class Slot {
  readonly #limiter: Limiter
  readonly #signal: AbortSignal
  #users = 0
  #held: Promise<() => void> | undefined

  constructor(limiter: Limiter, signal: AbortSignal) {
    this.#limiter = limiter
    this.#signal = signal
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#users++
    this.#held ??= this.#limiter.acquire(this.#signal)
    const held = this.#held
    try {
      await held
      return await work()
    } finally {
      if (--this.#users === 0) {
        this.#held = undefined
        // cancelled while it waited: there is nothing to give back
        await held.then((release) => release()).catch(() => undefined)
      }
    }
  }
}
