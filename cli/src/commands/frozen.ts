import { existsSync } from 'node:fs'
import type { Cache } from '@pkgcache/core'
import { isSet } from '../output.ts'
import { logger } from '../session.ts'
import type { Invocation } from './types.ts'

/** Whether a run goes by the lock file alone: as the user says, else where CI is set and there is a lock file. */
export function isFrozen(cache: Cache, invocation: Invocation): boolean {
  const { options, env } = invocation
  if (options.frozen !== undefined) return options.frozen
  if (!isSet(env.CI) || !existsSync(cache.lockFile)) return false
  const message = `CI is set: going by ${cache.lockFile} alone, as with --frozen; --no-frozen asks the sources`
  logger(invocation)({ level: 'info', scope: 'lock', message })
  return true
}
