import { definePlugin, type FetchRequest, type PluginContext } from '@pkgcache/core'
import { type FetchHttpOptions, schema } from './options.ts'

export type { FetchHttpOptions } from './options.ts'

const SCHEMES = ['http:', 'https:']

type Client = Awaited<ReturnType<typeof open>>

/** undici is loaded with the first request: a run that finds everything cached should not wait for it. */
async function open(options: FetchHttpOptions) {
  const [{ Connections }, { fetchHttp }, { Netrc }] = await Promise.all([
    import('./connections.ts'),
    import('./fetch.ts'),
    import('./netrc.ts'),
  ])
  const netrc = options.netrc === false ? undefined : new Netrc(process.env)
  return { connections: new Connections(options, process.env), fetchHttp, netrc }
}

// headers by which repositories let people in: who brings one wants no other
const CREDENTIALS = /^(?:authorization|cookie)$|token|api-?key|auth/i

/** Credentials of the user's netrc file, where the request has none of its own. */
async function withLogin(
  request: FetchRequest,
  ctx: PluginContext,
  netrc: Client['netrc'],
): Promise<FetchRequest> {
  const { url, headers } = request
  const own = url.username !== '' || url.password !== '' || Object.keys(headers).some(isCredential)
  const authorization = own ? undefined : await netrc?.authorization(url, ctx)
  return authorization === undefined ? request : { ...request, headers: { ...headers, authorization } }
}

function isCredential(header: string): boolean {
  return CREDENTIALS.test(header)
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
      const { connections, fetchHttp, netrc } = await opened()
      return fetchHttp(connections, await withLogin(request, ctx, netrc), ctx.signal)
    })
  },
})
