import { PkgcacheError } from '../errors/error.ts'
import { printable } from '../format.ts'
import { toResolution } from '../lockfile/entry.ts'
import { lockedUrl } from '../lockfile/locked-url.ts'
import { algorithmOfHex, type ExpectedDigest } from '../model/digest.ts'
import type { LockEntry } from '../model/lock.ts'
import { checkKey, formatKey, type PackageKey, plainVersion } from '../model/names.ts'
import type { PackageRequest } from '../model/request.ts'
import type { Resolution, Resolved } from '../model/resolved.ts'
import { type RunContext, stageScope } from '../run/context.ts'
import { closest } from '../text.ts'
import { pinnedDigests } from '../trust/pinned.ts'

/** What a request is called before a source has said what it exactly is. */
export function requestKey(request: PackageRequest): PackageKey {
  const { name, version, platform, arch } = request
  return { name, version: plainVersion(version), platform, arch }
}

/**
 * Asks the source plugins in order; the first that claims the request says what it is. Where there is a lock file, the
 * answer is held to it; in a frozen run it alone is the answer.
 * @throws E_UNKNOWN_PACKAGE, E_NAME, E_PLUGIN, E_NOT_LOCKED, E_DIGEST, and what the source throws
 */
export async function resolveRequest(request: PackageRequest, run: RunContext): Promise<Resolved> {
  const entry = run.lock?.expected(request)
  if (entry === undefined || run.lock === undefined) return askSources(request, run)
  const resolved = run.lock.frozen ? fromLock(request, entry, run) : await askSources(request, run)
  return run.lock.hold(resolved, entry)
}

/** @throws E_NOT_LOCKED when its source says that it is elsewhere now */
function fromLock(request: PackageRequest, entry: LockEntry, run: RunContext): Resolved {
  stageScope(run, requestKey(request), 'resolve')
  const resolution = toResolution(entry)
  const located = run.host.locate(entry.source, request, entry)
  if (located === undefined) return toResolved(resolution, request, entry.source)
  const shown = located.urls.map((url) => lockedUrl(url, (text) => run.redactor.mask(text)))
  if (JSON.stringify(shown) !== JSON.stringify(entry.urls)) {
    const [now, then] = [shown, entry.urls].map((urls) => printable(urls.join(', ')))
    throw new PkgcacheError('E_NOT_LOCKED', `${entry.source} takes it from ${now}, locked is ${then}`, {
      hint: '`pkgcache lock --update` takes it from where it is now',
      plugin: entry.source,
      stage: 'resolve',
    })
  }
  return toResolved({ ...resolution, ...located }, request, entry.source)
}

/** @throws E_UNKNOWN_PACKAGE, E_NAME, E_PLUGIN, and what the source throws */
async function askSources(request: PackageRequest, run: RunContext): Promise<Resolved> {
  const scope = stageScope(run, requestKey(request), 'resolve')
  const answer = await run.limiters.resolve.run(run.signal, () =>
    run.host.bail<Resolution>('resolve', request, scope),
  )
  if (answer === undefined) throw unknownPackage(request, run)
  try {
    return toResolved(answer.value, request, answer.plugin)
  } catch (error) {
    throw error instanceof PkgcacheError ? error.at({ plugin: answer.plugin, stage: 'resolve' }) : error
  }
}

function unknownPackage(request: PackageRequest, run: RunContext): PkgcacheError {
  const meant = closest(request.name, run.host.suggestions)
  const sources = run.host.ownersOf('resolve').join(', ') || 'none'
  return new PkgcacheError(
    'E_UNKNOWN_PACKAGE',
    `no source knows a package called ${JSON.stringify(request.name)}`,
    {
      hint: meant
        ? `did you mean ${JSON.stringify(meant)}?`
        : `give it a \`url\`, or add a source plugin for it (loaded sources: ${sources})`,
    },
  )
}

function toResolved(resolution: Resolution, request: PackageRequest, source: string): Resolved {
  const { name, version, platform, arch } = resolution
  const key = { name, version, platform, arch }
  checkKey(key)
  if (resolution.urls.length === 0) throw new PkgcacheError('E_PLUGIN', `gave no URL for ${formatKey(key)}`)
  // a pin of the user's holds whether or not the source thought of it
  const digests = [...pinnedDigests(request), ...resolution.digests].filter(isFirst)
  for (const digest of digests) {
    if (algorithmOfHex(digest.value) === digest.algorithm && digest.value === digest.value.toLowerCase())
      continue
    throw new PkgcacheError(
      'E_PLUGIN',
      `gave ${digest.algorithm} ${JSON.stringify(digest.value)}, which is none in lower-case hex`,
    )
  }
  return { ...resolution, digests, request, key, source, minimumTrust: resolution.minimumTrust ?? 'tofu' }
}

function isFirst(digest: ExpectedDigest, index: number, all: readonly ExpectedDigest[]): boolean {
  return all.findIndex((other) => other.origin === digest.origin && other.value === digest.value) === index
}
