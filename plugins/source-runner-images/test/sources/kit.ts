import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PkgcacheError, type PluginContext } from '@pkgcache/core'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { type Document, type Documents, openDocuments } from '../../src/documents.ts'

const CORPUS = fileURLToPath(new URL('../../../../../shared/corpus/', import.meta.url))

/** Why tests on the corpus cannot run here: for `leftOut`. */
export const noCorpus = existsSync(CORPUS) ? undefined : 'there is no ../shared/corpus'

/** Absolute path of a file of the corpus. */
export function corpusPath(path: string): string {
  return `${CORPUS}${path}`
}

/** A file of the corpus, as text. */
export function corpus(path: string): string {
  return readFileSync(`${CORPUS}${path}`, 'utf8')
}

/** A document as readers get it. */
export function document(value: unknown, place = 'list.json'): Document {
  return { place, value, fetchedAt: '2025-07-20T00:00:00.000Z' }
}

/** The indexes that the corpus holds, by the URL that each stands for. */
const INDEXES: Readonly<Record<string, string>> = {
  'raw.githubusercontent.com/actions/python-versions/main/versions-manifest.json':
    'manifests/python-versions-manifest_2025-07-20.json',
  'raw.githubusercontent.com/actions/node-versions/main/versions-manifest.json':
    'manifests/node-versions-manifest_2025-07-20.json',
  'raw.githubusercontent.com/actions/go-versions/main/versions-manifest.json':
    'manifests/go-versions-manifest_2025-07-20.json',
  'downloads.python.org/pypy/versions.json': 'indexes/pypy-versions_2025-07-20.json',
  'raw.githubusercontent.com/ruby/setup-ruby/master/windows-versions.json':
    'indexes/ruby-windows-versions_2025-07-20.json',
  'builds.dotnet.microsoft.com/dotnet/release-metadata/releases-index.json':
    'indexes/dotnet-releases-index.json',
  'builds.dotnet.microsoft.com/dotnet/release-metadata/8.0/releases.json':
    'indexes/dotnet-8.0-releases_2025-07-20.json',
  'builds.dotnet.microsoft.com/dotnet/release-metadata/9.0/releases.json':
    'indexes/dotnet-9.0-releases_2025-07-20.json',
}

/** The corpus's indexes of July 2025 on loopback. */
export async function serveCorpus(): Promise<HttpServer> {
  const routes = Object.entries(INDEXES).map(([url, path]) => [`/${url}`, { content: corpus(path) }] as const)
  return startHttpServer({ routes: Object.fromEntries(routes) })
}

/** What is served on loopback under `/<host>/<path>`, read as documents of `https://<host>/<path>`. */
export function documentsOf(server: HttpServer, dir = '/nonexistent'): Documents {
  return openDocuments(contextOf(server), dir)
}

function contextOf(server: HttpServer): PluginContext {
  const unused = (): never => {
    throw new Error('source lists need no such thing')
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
        text: await get(url.replace(/^https:\//, server.url), url),
        fetchedAt: '2025-07-20T00:00:00.000Z',
        state: 'fetched',
      }),
    },
    secret: silent,
    askSecret: async () => undefined,
    tmpDir: '/nonexistent',
  }
}

async function get(place: string, url: string): Promise<string> {
  const answer = await fetch(place)
  if (answer.ok) return await answer.text()
  await answer.body?.cancel()
  throw new PkgcacheError(answer.status === 404 ? 'E_NOT_FOUND' : 'E_HTTP', `${url}: ${answer.status}`)
}

/** A row of an older list, as its builder wrote it. */
export function olderRow(fields: Record<string, unknown> = {}): Record<string, unknown> {
  const { version = '3.12.*' } = fields
  return {
    name: 'Python',
    version,
    platform: 'win32',
    arch: 'x64',
    downloadUrl: `https://www.python.org/ftp/python/${version}/python-${version}-amd64.exe`,
    sha256: 'unknown',
    size: 0,
    matchedFrom: { upstream: true, toolset: 'toolset.json' },
    ...fields,
  }
}

/** A list with these rows. */
export function listOf(sources: readonly unknown[], unresolved?: readonly unknown[]) {
  return {
    metadata: {
      generatedAt: '2025-07-20T00:00:00.000Z',
      upstreamReport: { url: 'report.json', version: '20250720.1.0', fetchedAt: '2025-07-20T00:00:00.000Z' },
      toolsetFiles: [{ path: 'toolset.json', lastModified: '2025-07-20T00:00:00.000Z' }],
    },
    sources,
    ...(unresolved && { unresolved }),
  }
}
