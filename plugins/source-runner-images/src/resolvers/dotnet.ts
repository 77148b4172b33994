import { PkgcacheError } from '@pkgcache/core'
import type { Documents } from '../documents.ts'
import type { Located } from '../located.ts'
import { hex, member, openIndex, text, url, version } from './reading.ts'
import type { Resolver, ResolverOptions, ToolDownload, ToolQuery } from './resolver.ts'
import { compareVersions, fits } from './spec.ts'

const INDEX = 'https://builds.dotnet.microsoft.com/dotnet/release-metadata/releases-index.json'
const SDKS = 'https://builds.dotnet.microsoft.com/dotnet/Sdk'

/** Microsoft's names of systems, and what the images take there. */
const SYSTEMS: Readonly<Record<ToolQuery['platform'], readonly [rid: string, suffix: string]>> = {
  win32: ['win', '.zip'],
  linux: ['linux', '.tar.gz'],
  darwin: ['osx', '.tar.gz'],
}

interface Sdk {
  readonly version: string
  readonly isPreview: boolean
  readonly files: ReadonlyMap<string, ToolDownload>
}

/**
 * SDKs of .NET by Microsoft's release metadata: of a channel (`8.0`), the newest SDK of each feature band, newest band
 * first, previews left out; that is what the images' Install-DotnetSDK scripts install.
 */
export const dotnet: Resolver = {
  name: 'dotnet',
  async resolve(query, documents, options = {}): Promise<readonly ToolDownload[]> {
    const [system, suffix] = SYSTEMS[query.platform]
    const file = `dotnet-sdk-${system}-${query.arch}${suffix}`
    const exact = query.version ?? (isExact(query.spec) ? query.spec : undefined)
    const sdks = await sdksOf(exact ?? query.spec, query, documents)
    if (exact === undefined)
      return newestOfBands(sdks, query, options).flatMap((sdk) => sdk.files.get(file) ?? [])
    const known = sdks.find((sdk) => sdk.version === exact)
    if (known !== undefined) return [known.files.get(file) ?? []].flat()
    return isExact(exact) ? [byConvention(exact, `${system}-${query.arch}${suffix}`)] : []
  },
}

function isExact(spec: string): boolean {
  return /^\d+\.\d+\.\d{3}(?:-[0-9A-Za-z.]+)?$/.test(spec)
}

function byConvention(exact: string, end: string): ToolDownload {
  return { version: exact, url: `${SDKS}/${exact}/dotnet-sdk-${exact}-${end}`, evidence: 'template' }
}

/** `8.0.4` of 8.0.412: the hundreds of the patch. */
function bandOf(sdk: string): string {
  return /^\d+\.\d+\.\d/.exec(sdk)?.[0] ?? sdk
}

function newestOfBands(sdks: readonly Sdk[], { spec }: ToolQuery, { prereleases }: ResolverOptions): Sdk[] {
  const bands = new Map<string, Sdk>()
  const sorted = [...sdks].sort((a, b) => compareVersions(b.version, a.version))
  for (const sdk of sorted) {
    if (sdk.isPreview && prereleases !== true) continue
    if (!(fits(spec, sdk.version) || isBandOf(spec, sdk.version))) continue
    const band = bandOf(sdk.version)
    if (!bands.has(band)) bands.set(band, sdk)
  }
  return [...bands.values()]
}

/** `8.0.4xx` is a spec of its own (dotnet-install's channels, global.json). */
function isBandOf(spec: string, sdk: string): boolean {
  return /^\d+\.\d+\.\dxx$/.test(spec) && bandOf(sdk) === spec.slice(0, -2)
}

/** SDKs of the channel; none where the index does not know it. */
async function sdksOf(spec: string, { index }: ToolQuery, documents: Documents): Promise<readonly Sdk[]> {
  const channel = /^\d+\.\d+/.exec(spec)?.[0]
  const channels = await documents.index(index ?? INDEX, readChannels)
  const releases = channel === undefined ? undefined : channels.get(channel)
  if (releases === undefined) return []
  try {
    return await documents.index(releases, readSdks)
  } catch (error) {
    if (error instanceof PkgcacheError && error.code === 'E_NOT_FOUND') return []
    throw error
  }
}

function readChannels(value: unknown, place: string): ReadonlyMap<string, string> {
  const channels = member(openIndex(value, place), 'releases-index').list()
  return new Map(
    channels.map((channel) => [version(channel, 'channel-version'), url(channel, 'releases.json')]),
  )
}

function readSdks(value: unknown, place: string): readonly Sdk[] {
  const sdks = new Map<string, Sdk>()
  for (const release of member(openIndex(value, place), 'releases').list()) {
    const isPreview = version(release, 'release-version').includes('-')
    // old releases have `sdk` alone
    const listed = [...(release.get('sdks')?.list() ?? []), release.get('sdk')].flatMap((sdk) => sdk ?? [])
    for (const at of listed) {
      const sdk = readSdk(at, isPreview)
      if (!sdks.has(sdk.version)) sdks.set(sdk.version, sdk)
    }
  }
  return [...sdks.values()]
}

/** Installers, and files for machines that nobody asks for, are not looked at. */
const ARCHIVE = /^dotnet-sdk-(?:win|linux|osx)-(?:x64|x86|arm64)\.(?:zip|tar\.gz)$/

function readSdk(at: Located, isPreview: boolean): Sdk {
  const number = version(at, 'version')
  const files = (at.get('files')?.list() ?? []).filter((file) => ARCHIVE.test(text(file, 'name')))
  return {
    version: number,
    isPreview: isPreview || number.includes('-'),
    files: new Map(files.map((file) => [text(file, 'name'), readFile(file, number)])),
  }
}

function readFile(file: Located, number: string): ToolDownload {
  const sha512 = hex(file, ['hash'], 128)
  return {
    version: number,
    url: url(file, 'url'),
    evidence: 'index',
    ...(sha512 !== undefined && { sha512, from: file.place.file }),
  }
}
