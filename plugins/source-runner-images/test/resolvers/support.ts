import { PkgcacheError, type PluginContext } from '@pkgcache/core'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import {
  type Documents,
  openDocuments,
  type Resolver,
  type ToolQuery,
} from '@pkgcache/source-runner-images/resolvers'
import { expect, it } from 'vitest'

/** An upstream on loopback that stands for every host: `https://host/path` is served at `/host/path`. */
export interface Upstream {
  readonly server: HttpServer
  readonly ctx: PluginContext
  /** With nothing read yet. */
  documents(): Documents
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
    documents: () => openDocuments(ctx, '/nonexistent'),
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
    throw new Error('no resolver needs this')
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

/** What a promise is refused with, as text for exact comparison. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    return `gave ${JSON.stringify(await promise)}`
  } catch (error) {
    if (!(error instanceof PkgcacheError)) throw error
    return `${error.code} ${error.item ?? ''} ${error.message}`
  }
}

/** How tests name a machine. */
export type MachineName = `${ToolQuery['platform']}-${ToolQuery['arch']}`

/** Machine, spec, the rest of the query, `version URL evidence` of each file. */
export type Case = readonly [MachineName, string, Partial<ToolQuery>, readonly string[]]

/** What the resolver gives in each case. */
export function gives(
  upstream: () => Upstream,
  resolver: Resolver,
  tool: string,
  cases: readonly Case[],
  prereleases = false,
): void {
  it.each(cases)('%s %s %j', async (machine, spec, rest, files) => {
    const query = queryFor(machine, { tool, spec, ...rest })
    const found = await resolver.resolve(query, upstream().documents(), { prereleases })
    expect(found.map(({ version, url, evidence }) => `${version} ${url} ${evidence}`)).toEqual(files)
  })
}

/** `win32-x64` of a query, and the rest of it. */
export function queryFor(
  machine: MachineName,
  rest: Pick<ToolQuery, 'tool' | 'spec'> & Partial<ToolQuery>,
): ToolQuery {
  const [platform, arch] = machine.split('-') as [ToolQuery['platform'], ToolQuery['arch']]
  return { platform, arch, ...rest }
}
