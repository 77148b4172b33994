import { type Documents, openDocuments } from '@pkgcache/source-runner-images/resolvers'
import { logger, openCache, using } from '../session.ts'
import type { Invocation } from './types.ts'

/** Reads documents through the cache, by the config's mirrors and credentials where there is a config. */
export async function withDocuments<T>(
  invocation: Invocation,
  work: (documents: Documents) => Promise<T>,
): Promise<T> {
  const { cwd, signal } = invocation
  const log = logger(invocation)
  return using(openCache(invocation), (cache) =>
    cache.withContext('sources', (ctx) => work(openDocuments(ctx, cwd)), {
      signal,
      onProgress: (event) => event.type === 'log' && log(event),
    }),
  )
}
