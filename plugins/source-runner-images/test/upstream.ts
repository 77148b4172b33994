import { PkgcacheError, type PluginContext } from '@pkgcache/core'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { type Documents, openDocuments } from '@pkgcache/source-runner-images/resolvers'

/** An upstream on loopback that stands for every host: `https://host/path` is served at `/host/path`. */
export interface Upstream {
  readonly server: HttpServer
  readonly ctx: PluginContext
  /** With nothing read yet. @param dir base of relative paths */
  documents(dir?: string): Documents
  serve(url: string, content: unknown): void
  /** URLs that were asked for, without queries, since the last call. */
  asked(): string[]
}

export async function startUpstream(): Promise<Upstream> {
  const server = await startHttpServer()
  const ctx = contextOf(server)
  let seen = 0
  return {
    server,
    ctx,
    documents: (dir = '/nonexistent') => openDocuments(ctx, dir),
    serve(url, content) {
      server.route(pathOf(url), { content: typeof content === 'string' ? content : JSON.stringify(content) })
    },
    asked() {
      const urls = server.requests.slice(seen).map(({ path }) => `https:/${path.replace(/\?.*/, '')}`)
      seen = server.requests.length
      return urls
    },
  }
}

function pathOf(url: string): string {
  return url.replace(/^https:\//, '').replace(/\?.*/, '')
}

function contextOf(server: HttpServer): PluginContext {
  const unused = (): never => {
    throw new Error('reports, toolsets, lists and indexes are read by `kept`')
  }
  const silent = () => {}
  return {
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    progress: silent,
    signal: new AbortController().signal,
    store: { root: '/nonexistent', list: unused, unpack: unused },
    fetch: {
      text: unused,
      bytes: unused,
      size: unused,
      kept: async (url) => ({
        text: await text(`${server.url}${url.replace(/^https:\//, '')}`, url),
        fetchedAt: '2025-07-20T00:00:00.000Z',
        state: 'fetched',
      }),
    },
    secret: silent,
    askSecret: async () => undefined,
    tmpDir: '/nonexistent',
  }
}

async function text(place: string, url: string): Promise<string> {
  const answer = await fetch(place)
  if (answer.ok) return await answer.text()
  await answer.body?.cancel()
  throw new PkgcacheError(answer.status === 404 ? 'E_NOT_FOUND' : 'E_HTTP', `${url}: ${answer.status}`)
}
