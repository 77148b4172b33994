import { setTimeout as sleep } from 'node:timers/promises'
import { PkgcacheError } from '../errors/error.ts'

/** Tries in all for a fault that may pass. */
export const TRIES = 3
const BASE_MS = 400
const MAX_MS = 60_000

/** Pause before try `attempt` (1 is the second try): exponential with full jitter, or what upstream asks for. */
export function backoffMs(
  attempt: number,
  retryAfterMs: number | undefined,
  random: () => number = Math.random,
): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, MAX_MS)
  return Math.min(BASE_MS * 2 ** (attempt - 1) * (0.5 + random()), MAX_MS)
}

/**
 * Runs `work` up to three times as long as it fails with a retryable error.
 * @param onRetry told before each pause
 */
export async function withRetries<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  onRetry: (error: PkgcacheError, pauseMs: number) => void,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof PkgcacheError) || !error.retryable || attempt >= TRIES || signal.aborted)
        throw error
      const pause = backoffMs(attempt, error.retryAfterMs)
      onRetry(error, pause)
      await sleep(pause, undefined, { signal })
    }
  }
}
