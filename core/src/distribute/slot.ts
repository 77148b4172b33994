import type { Limiter } from '../run/scheduler.ts'

/** One node's place among those that are sent to: held while anything is done for it, however much at once. */
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
    try {
      await this.ready()
      return await work()
    } finally {
      if (--this.#users === 0) this.rest()
    }
  }

  /** Within `run`: waits for a place again after a rest. */
  async ready(): Promise<void> {
    if (this.#users === 0) return
    this.#held ??= this.#limiter.acquire(this.#signal)
    await this.#held
  }

  /** Leaves the place to others, while nothing can be done here. */
  rest(): void {
    // cancelled while it waited: there is nothing to give back
    this.#held?.then((release) => release()).catch(() => undefined)
    this.#held = undefined
  }
}
