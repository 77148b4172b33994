import { type PackageRequest, PkgcacheError, printable, type SignatureSource } from '@pkgcache/core'
import type { Project, Target } from './projects.ts'

/** One file of one release. */
export interface Located {
  /** Without a leading "v". */
  readonly version: string
  readonly target: Target
  /** Go's name. */
  readonly arch: string
  readonly url: string
  readonly checksumUrl: string
  readonly signatures: readonly SignatureSource[]
  /** File name in `url`: what a list of checksums calls it. */
  readonly file: string
}

// semver.org, without build metadata: no release of these projects has any
const VERSION = /^v?((?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)$/
// what `uname -m`, Node and Debian call them
const ARCH_ALIASES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  x64: 'amd64',
  aarch64: 'arm64',
  armhf: 'arm',
}
const PLATFORM_ALIASES: Readonly<Record<string, string>> = { windows: 'win32' }

/**
 * Where `request` is published, by the project's own conventions; asks nobody.
 * @throws E_UNKNOWN_VERSION, E_UNKNOWN_ARCH
 */
export function locate(project: Project, request: PackageRequest): Located {
  const version = canonicalVersion(project, request.version)
  const platform = alias(PLATFORM_ALIASES, request.platform)
  const arch = alias(ARCH_ALIASES, request.arch)
  const target = project.targets.find((candidate) => candidate.platform === platform)
  if (!target?.archs.includes(arch)) throw unknownArch(project, request)
  const spelled = alias(project.spelling ?? {}, arch)
  const url = fill(project.url, { version, os: target.os, arch: spelled, suffix: target.suffix })
  const slash = url.lastIndexOf('/') + 1
  const file = url.slice(slash)
  const folder = url.slice(0, slash)
  const checksumUrl = folder + fill(project.checksum, { file })
  return {
    version,
    target,
    arch,
    url,
    checksumUrl,
    signatures: signaturesOf(project, checksumUrl, folder),
    file,
  }
}

function signaturesOf({ signature }: Project, checksumUrl: string, folder: string): SignatureSource[] {
  if (signature === undefined) return []
  const detached = signature === 'itself' ? {} : { url: folder + signature }
  return [{ over: 'checksum-file', checksumUrl, ...detached }]
}

function canonicalVersion(project: Project, version: string): string {
  const canonical = VERSION.exec(version)?.[1]
  if (canonical !== undefined) return canonical
  const shown = JSON.stringify(printable(version.slice(0, 80)))
  throw new PkgcacheError('E_UNKNOWN_VERSION', `${shown} is not a version of ${project.name}`, {
    hint: `write it in full, such as 1.2.3 or v1.2.3-rc.1; releases: ${project.releases}`,
  })
}

function unknownArch(project: Project, request: PackageRequest): PkgcacheError {
  const shown = printable(`${request.platform}/${request.arch}`.slice(0, 80))
  const published = project.targets
    .map((target) => `${target.platform}: ${target.archs.join(' ')}`)
    .join('; ')
  return new PkgcacheError('E_UNKNOWN_ARCH', `${project.name} is not published for ${shown}`, {
    hint: `published for ${published}`,
  })
}

function alias(aliases: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
}
