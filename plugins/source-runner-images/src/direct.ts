import {
  type ExpectedDigest,
  type PackageRequest,
  PkgcacheError,
  type PluginContext,
  pinnedDigests,
  printable,
  type Resolution,
  shorten,
} from '@pkgcache/core'
import { directName } from './direct-names.ts'
import { DIRECT_PACKAGES, type DirectPackage } from './direct-packages.ts'
import { openDocuments } from './documents.ts'
import type { RunnerImagesOptions } from './options.ts'
import { own } from './own.ts'
import type { ToolDownload, ToolQuery } from './resolvers/resolver.ts'

/** Names of platforms and archs: Node's, Go's, those of `uname` and of toolsets. */
const PLATFORMS: Readonly<Record<string, ToolQuery['platform']>> = {
  win32: 'win32',
  win64: 'win32',
  windows: 'win32',
  linux: 'linux',
  darwin: 'darwin',
  macos: 'darwin',
}
const ARCHS: Readonly<Record<string, ToolQuery['arch']>> = {
  x64: 'x64',
  amd64: 'x64',
  x86_64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
  x86: 'x86',
  '386': 'x86',
  i386: 'x86',
  i686: 'x86',
  ia32: 'x86',
}

/**
 * A tool that a config names by itself: `python@3.12.*`, `{ name: 'jq', version: '1.7.1' }`. The version is exact or,
 * where the tool has an index, what a toolset would write; a Linux that builds are made for is `platformVersion`.
 *
 * @returns undefined for what is none of `DIRECT_NAMES`, or has a `url`
 * @throws E_UNKNOWN_ARCH, E_UNKNOWN_VERSION, E_CONFIG, and what asking the index throws
 */
export async function resolveDirect(
  request: PackageRequest,
  ctx: PluginContext,
  options: Pick<RunnerImagesOptions, 'prereleases'>,
): Promise<Resolution | undefined> {
  const name = directName(request.name)
  if (name === undefined || request.url !== undefined) return undefined
  const known = DIRECT_PACKAGES[name]
  const query = queryOf(request, known)
  // the base of relative paths does not matter: indexes have URLs
  const documents = openDocuments(ctx, '.')
  for (const resolver of known.resolvers) {
    const [download] = await resolver.resolve(query, documents, options)
    if (download !== undefined) return toResolution(request, download)
  }
  throw noSuchVersion(request, query, known)
}

function queryOf(request: PackageRequest, { tool }: DirectPackage): ToolQuery {
  const [platform, arch] = [own(PLATFORMS, request.platform), own(ARCHS, request.arch)]
  if (platform === undefined || arch === undefined) {
    throw new PkgcacheError('E_UNKNOWN_ARCH', `${asked(request)}: no tool is built for that`, {
      hint: 'platforms are win32, linux and darwin, archs x64, x86 and arm64, and their other names',
    })
  }
  const platformVersion = platformVersionOf(request)
  const spec = request.version.replace(/^v(?=\d)/, '')
  return { tool, spec, platform, arch, ...(platformVersion !== undefined && { platformVersion }) }
}

/** @throws E_CONFIG for the number 24.04, which is 24.4 with 22.10 gone to 22.1 */
function platformVersionOf({ name, extra }: PackageRequest): string | undefined {
  const value = extra?.platformVersion
  if (value === undefined || typeof value === 'string') return value
  throw new PkgcacheError('E_CONFIG', `platformVersion of ${printable(name)} is no text`, {
    hint: "write it in quotes: '24.04'",
  })
}

function toResolution(request: PackageRequest, download: ToolDownload): Resolution {
  const { name, platform, arch, normalise } = request
  const { version, url, size } = download
  return {
    name,
    version,
    platform,
    arch,
    urls: [url],
    digests: [...pinnedDigests(request), ...digestsOf(download)],
    minimumTrust: 'tofu',
    ...(url.endsWith('.exe') && { member: `${name}.exe` }),
    ...(size !== undefined && { size }),
    ...(request.format !== undefined && { format: request.format }),
    ...(normalise !== undefined && { normalise }),
  }
}

/** What an index says of a file is as good as a checksum file: both come from the project, beside the file. */
function digestsOf({ sha256, sha512, from, url }: ToolDownload): ExpectedDigest[] {
  const origin = { origin: 'checksum-file', from: from ?? url } as const
  return [
    ...(sha256 === undefined ? [] : [{ algorithm: 'sha256', value: sha256, ...origin } as const]),
    ...(sha512 === undefined ? [] : [{ algorithm: 'sha512', value: sha512, ...origin } as const]),
  ]
}

function noSuchVersion(request: PackageRequest, query: ToolQuery, known: DirectPackage): PkgcacheError {
  const isWithoutRelease = query.platform === 'linux' && query.platformVersion === undefined
  return new PkgcacheError('E_UNKNOWN_VERSION', `there is no file of ${asked(request)}`, {
    hint:
      isWithoutRelease && known.perRelease === true
        ? "its builds are each for one release of Ubuntu: say which, as in platformVersion: '24.04'"
        : `check version and arch at ${known.releases}`,
  })
}

function asked({ name, version, platform, arch }: PackageRequest): string {
  return printable(shorten(`${name} ${version} for ${platform}/${arch}`, 120))
}
