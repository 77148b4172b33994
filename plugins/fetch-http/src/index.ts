import { definePlugin } from '@pkgcache/core'
import { Connections } from './connections.ts'
import { fetchHttp } from './fetch.ts'
import { type FetchHttpOptions, schema } from './options.ts'

export type { FetchHttpOptions } from './options.ts'

const SCHEMES = ['http:', 'https:']

/** Fetches http: and https: URLs, one request per call, with pooled connections and the environment's proxies. */
export default definePlugin<FetchHttpOptions>({
  name: 'fetch-http',
  schema,
  // `definePlugin`, not `defineFetcher`: the pool lives as long as the configured plugin.
  setup(api, options) {
    const connections = new Connections(options, process.env)
    api.hooks.fetch.tapPromise('fetch-http', async (request, ctx) => {
      if (!SCHEMES.includes(request.url.protocol)) return undefined as never
      return fetchHttp(connections, request, ctx.signal)
    })
  },
})
