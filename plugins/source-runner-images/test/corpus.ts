import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ToolQuery } from '@pkgcache/source-runner-images/resolvers'
import type { Upstream } from './upstream.ts'

/** The corpus beside the repository. */
const CORPUS = resolve(import.meta.dirname, '../../../../shared/corpus')

/** Why suites on the corpus cannot run, for `leftOut`; undefined when they can. */
export const corpusMissing: string | undefined = existsSync(join(CORPUS, 'manifests'))
  ? undefined
  : 'there is no ../shared/corpus'

const ACTIONS = 'https://raw.githubusercontent.com/actions'
const SETUP_RUBY = 'https://raw.githubusercontent.com/ruby/setup-ruby/master'
const DOTNET = 'https://builds.dotnet.microsoft.com/dotnet/release-metadata'

/** Which file of the corpus stands for each URL (RUNNER-IMAGES.md). */
function files(date: string): Readonly<Record<string, string>> {
  const manifests = ['python', 'node', 'go'].map((tool) => [
    `${ACTIONS}/${tool}-versions/main/versions-manifest.json`,
    `manifests/${tool}-versions-manifest_${date}.json`,
  ])
  return {
    ...Object.fromEntries(manifests),
    'https://downloads.python.org/pypy/versions.json': 'indexes/pypy-versions_2025-07-20.json',
    [`${SETUP_RUBY}/windows-versions.json`]: 'indexes/ruby-windows-versions_2025-07-20.json',
    [`${SETUP_RUBY}/ruby-builder-versions.json`]: 'indexes/ruby-builder-versions_2025-09-29.json',
    [`${DOTNET}/releases-index.json`]: 'indexes/dotnet-releases-index.json',
    [`${DOTNET}/8.0/releases.json`]: 'indexes/dotnet-8.0-releases_2025-07-20.json',
    [`${DOTNET}/9.0/releases.json`]: 'indexes/dotnet-9.0-releases_2025-07-20.json',
  }
}

/** Absolute path of a file of the corpus. */
export function corpusPath(name: string): string {
  return join(CORPUS, name)
}

/** A file of the corpus, as text. */
export function corpusText(name: string): string {
  return readFileSync(corpusPath(name), 'utf8')
}

/** Serves the indexes as they stood on that day. */
export function serveCorpus(upstream: Upstream, date: '2025-07-20' | '2025-09-29'): void {
  for (const [url, name] of Object.entries(files(date))) upstream.serve(url, corpusText(name))
}

interface ToolCacheEntry {
  readonly name: string
  readonly platform?: string
  readonly platform_version?: string
  readonly arch: string | Readonly<Record<string, { readonly versions: readonly string[] }>>
  readonly url?: string
  readonly versions?: readonly string[]
}

/** What each version of `toolcache` asks for. */
export function toolCacheQueries(toolset: string): ToolQuery[] {
  const { toolcache } = JSON.parse(corpusText(`toolsets/${toolset}.json`)) as { toolcache: ToolCacheEntry[] }
  const platforms = { windows: 'win32', ubuntu: 'linux', macos: 'darwin' } as const
  const platform = platforms[toolset.split('/')[1] as keyof typeof platforms]
  return toolcache.flatMap(({ name, platform_version, arch, url, versions = [] }) => {
    const archs =
      typeof arch === 'string'
        ? [[arch, versions] as const]
        : Object.entries(arch).map(([key, value]) => [key, value.versions] as const)
    return archs.flatMap(([key, specs]) =>
      specs.map((spec) => ({
        tool: name,
        spec,
        platform,
        arch: key as ToolQuery['arch'],
        ...(platform_version !== undefined && { platformVersion: platform_version }),
        ...(url !== undefined && { index: url }),
      })),
    )
  })
}
