import { member, openIndex, refuse, shown, url } from './reading.ts'
import type { Resolver, ToolDownload, ToolQuery } from './resolver.ts'
import { compareVersions, fits, isPrerelease } from './spec.ts'

const SETUP_RUBY = 'https://raw.githubusercontent.com/ruby/setup-ruby/master'
const BUILDER = 'https://github.com/ruby/ruby-builder/releases/download'

/** RubyInstaller2 for Windows, by the index of ruby/setup-ruby: the newest version that fits, with its newest revision. */
export const rubyInstaller: Resolver = {
  name: 'ruby-installer',
  async resolve(query, documents, options = {}): Promise<readonly ToolDownload[]> {
    if (query.platform !== 'win32') return []
    const index = await documents.index(query.index ?? `${SETUP_RUBY}/windows-versions.json`, readInstallers)
    const version = choose([...index.keys()], query, options.prereleases)
    const url = version === undefined ? undefined : index.get(version)?.get(query.arch)
    return version === undefined || url === undefined ? [] : [{ version, url, evidence: 'index' }]
  },
}

/**
 * Builds of ruby/ruby-builder for Linux and macOS. The index of ruby/setup-ruby says which versions there are; the URL
 * is that which setup-ruby makes of one (its ruby-builder.js).
 */
export const rubyBuilder: Resolver = {
  name: 'ruby-builder',
  async resolve(query, documents, options = {}): Promise<readonly ToolDownload[]> {
    const index = query.index ?? `${SETUP_RUBY}/ruby-builder-versions.json`
    const versions = await documents.index(index, readBuilds)
    const version = choose(versions, query, options.prereleases)
    if (version === undefined) return []
    const file = hasOwnReleases(versions) ? ownRelease(version, query) : commonRelease(version, query)
    return file === undefined ? [] : [{ version, url: `${BUILDER}/${file}`, evidence: 'index' }]
  },
}

function choose(versions: readonly string[], query: ToolQuery, prereleases = false): string | undefined {
  if (query.version !== undefined) return versions.find((version) => version === query.version)
  const fitting = versions.filter(
    (version) =>
      fits(query.spec, version) && (prereleases || version === query.spec || !isPrerelease(version)),
  )
  return fitting.sort((a, b) => compareVersions(b, a))[0]
}

/**
 * On 2025-09-21 ruby-builder went from one release with all files, `toolcache`, to one for each version
 * (ruby/setup-ruby issue 810). An index that knows a later version is of the time after that.
 */
function hasOwnReleases(versions: readonly string[]): boolean {
  return versions.some((version) => !isPrerelease(version) && compareVersions(version, '3.4.6') > 0)
}

function ownRelease(version: string, query: ToolQuery): string | undefined {
  const { platform, arch, platformVersion } = query
  const machine = { linux: `ubuntu-${platformVersion}`, darwin: 'darwin', win32: undefined }[platform]
  if (machine === undefined || arch === 'x86' || isWithout(query)) return undefined
  return `ruby-${version}/ruby-${version}-${machine}-${arch}.tar.gz`
}

function commonRelease(version: string, query: ToolQuery): string | undefined {
  const { platform, arch, platformVersion } = query
  const machines: Readonly<Record<string, string>> = {
    'linux-x64': `ubuntu-${platformVersion}`,
    'linux-arm64': `ubuntu-${platformVersion}-arm64`,
    'darwin-x64': 'macos-latest',
    'darwin-arm64': 'macos-13-arm64',
  }
  const machine = machines[`${platform}-${arch}`]
  if (machine === undefined || isWithout(query)) return undefined
  return `toolcache/ruby-${version}-${machine}.tar.gz`
}

/** Builds for Linux are for one release of Ubuntu. */
function isWithout({ platform, platformVersion }: ToolQuery): boolean {
  return platform === 'linux' && !/^\d\d\.\d\d$/.test(platformVersion ?? '')
}

function readInstallers(value: unknown, place: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const versions = openIndex(value, place).entries()
  return new Map(
    versions
      .filter(([version]) => isVersion(version))
      .map(([version, archs]) => [
        version,
        new Map(archs.entries().map(([arch]) => [arch, url(archs, arch)])),
      ]),
  )
}

function readBuilds(value: unknown, place: string): readonly string[] {
  const versions = member(openIndex(value, place), 'ruby').list()
  return versions
    .map((at) =>
      typeof at.value === 'string' ? at.value : refuse(at, `is no version: ${shown(String(at.value))}`),
    )
    .filter(isVersion)
}

/** Not `head`, `mswin`, `debug`, `3.4-asan`, which stand for whatever was built last. */
function isVersion(version: string): boolean {
  return /^\d+\.\d+\.\d+(?:-(?:p\d+|preview\d+|rc\d+))?$/.test(version)
}
