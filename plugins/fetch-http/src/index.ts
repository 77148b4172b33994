import { definePlugin } from '@pkgcache/core'
import { type FetchHttpOptions, schema } from './options.ts'

export type { FetchHttpOptions } from './options.ts'

const SCHEMES = ['http:', 'https:']

type Client = Awaited<ReturnType<typeof open>>

/** undici is loaded with the first request: a run that finds everything cached should not wait for it. */
async function open(options: FetchHttpOptions) {
  const [{ Connections }, { fetchHttp }] = await Promise.all([
    import('./connections.ts'),
    import('./fetch.ts'),
  ])
  return { connections: new Connections(options, process.env), fetchHttp }
}

/** Fetches http: and https: URLs, one request per call, with pooled connections and the environment's proxies. */
export default definePlugin<FetchHttpOptions>({
  name: 'fetch-http',
  schema,
  // `definePlugin`, not `defineFetcher`: the pool lives as long as the configured plugin.
  setup(api, options) {
    let client: Promise<Client> | undefined
    const opened = () => {
      client ??= open(options)
      return client
    }
    api.hooks.fetch.tapPromise('fetch-http', async (request, ctx) => {
      if (!SCHEMES.includes(request.url.protocol)) return undefined as never
      const { connections, fetchHttp } = await opened()
      return fetchHttp(connections, request, ctx.signal)
    })
  },
})
