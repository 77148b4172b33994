import { setMaxListeners } from 'node:events'
import { setTimeout as timer } from 'node:timers/promises'

/** Time and chance as a run has them; tests bring their own. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number
  /** @throws the signal's reason as soon as it is aborted */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** From 0 up to, not including, 1. */
  random(): number
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => timer(ms, undefined, { signal }),
  random: () => Math.random(),
}

/** A signal of the run's own: everything that waits listens to it, which is many on purpose. */
export function runSignal(outer: AbortSignal | undefined): AbortSignal {
  const signal = AbortSignal.any(outer ? [outer] : [])
  setMaxListeners(0, signal)
  return signal
}
