import type { Located } from '../located.ts'
import { flag, member, openIndex, text, url, version } from './reading.ts'
import type { Resolver, ToolDownload, ToolQuery } from './resolver.ts'
import { fits } from './spec.ts'

const INDEX = 'https://downloads.python.org/pypy/versions.json'

/** How the index calls machines. Windows is one whatever the arch: builds were x86 up to 7.3.3, x64 since. */
const MACHINES: Readonly<Record<string, readonly string[]>> = {
  'win32-x64': ['win64 x64', 'win32 x86'],
  'win32-x86': ['win64 x64', 'win32 x86'],
  'linux-x64': ['linux x64'],
  'linux-arm64': ['linux aarch64'],
  'linux-x86': ['linux i686'],
  'darwin-x64': ['darwin x64'],
  'darwin-arm64': ['darwin arm64'],
}

interface Release {
  readonly python: string
  readonly pypy: string
  readonly stable: boolean
  /** By `platform arch`, as the index spells them. */
  readonly urls: ReadonlyMap<string, string>
}

/**
 * PyPy by the version of Python that it runs, in the order of PyPy's own index: the first stable one that fits, as the
 * images' Install-PyPy scripts take it. `query.version` may be what reports say: `3.9.19 [PyPy 7.3.16]`.
 */
export const pypy: Resolver = {
  name: 'pypy',
  async resolve(query, documents, options = {}): Promise<readonly ToolDownload[]> {
    const releases = await documents.index(query.index ?? INDEX, readReleases)
    for (const release of releases) {
      if (!(release.stable || options.prereleases === true) || !isWanted(release, query)) continue
      const url = urlFor(release, query)
      if (url !== undefined) return [{ version: release.python, url, evidence: 'index' }]
    }
    return []
  },
}

function isWanted(release: Release, { spec, version: wanted }: ToolQuery): boolean {
  if (wanted === undefined) return fits(spec, release.python)
  const [, python, implementation] = /^(\S+)(?: \[PyPy (\S+)\])?$/.exec(wanted.trim()) ?? []
  return release.python === python && (implementation === undefined || release.pypy === implementation)
}

function urlFor(release: Release, { platform, arch }: ToolQuery): string | undefined {
  for (const machine of MACHINES[`${platform}-${arch}`] ?? []) {
    const found = release.urls.get(machine)
    if (found !== undefined) return found
  }
  return undefined
}

function readReleases(value: unknown, place: string): readonly Release[] {
  return openIndex(value, place)
    .list()
    .map((entry) => ({
      python: version(entry, 'python_version'),
      pypy: version(entry, 'pypy_version'),
      stable: flag(entry, 'stable'),
      urls: new Map(member(entry, 'files').list().map(readFile)),
    }))
}

function readFile(file: Located): [string, string] {
  return [`${text(file, 'platform')} ${text(file, 'arch')}`, url(file, 'download_url')]
}
