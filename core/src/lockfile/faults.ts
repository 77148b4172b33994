import { PkgcacheError } from '../errors/error.ts'
import { printable } from '../format.ts'
import type { LockEntry } from '../model/lock.ts'
import { formatKey, plainVersion } from '../model/names.ts'
import type { PackageRequest } from '../model/request.ts'

/** A lock file that cannot be used. @param line from 1 */
export function lockFileFault(
  file: string,
  line: number | undefined,
  message: string,
  details: { readonly faults?: readonly string[]; readonly cause?: unknown } = {},
): PkgcacheError {
  const place = line === undefined ? file : `${file}, line ${line}`
  return new PkgcacheError('E_LOCK_FILE', `${place}: ${message}`, {
    hint: 'get a sound copy from version control; or remove it, and `pkgcache lock` makes a new one',
    ...details,
  })
}

/** A frozen run's answer to a request that is not in the lock file. @param entries all of the lock file */
export function notLocked(request: PackageRequest, entries: readonly LockEntry[]): PkgcacheError {
  const { name, platform, arch } = request
  const named = entries.filter((entry) => entry.name === name)
  const same = named.filter((entry) => entry.platform === platform && entry.arch === arch)
  const message =
    named.length === 0
      ? 'is not in the lock file'
      : same.length === 0
        ? `is locked for ${list(named.map((entry) => `${entry.platform}/${entry.arch}`))} only`
        : difference(request, same)
  return new PkgcacheError('E_NOT_LOCKED', message, {
    hint: '`pkgcache lock` brings the lock file up to date; --no-frozen runs without being held to it',
  })
}

/** What is not as it was locked, as far as a digest of the request lets that be told. */
function difference(request: PackageRequest, same: readonly LockEntry[]): string {
  const entry = same.find((candidate) => plainVersion(candidate.request) === plainVersion(request.version))
  if (entry === undefined) {
    const versions = list(same.map((candidate) => candidate.request))
    return `version ${printable(request.version)} is asked for, the lock file has ${versions}`
  }
  if (request.sha256 !== undefined && request.sha256 !== entry.sha256)
    return `the config pins sha256 ${request.sha256}, the lock file has ${entry.sha256}`
  if ((request.normalise === false) !== (entry.normalise === false))
    return `normalise is ${request.normalise !== false}, it was locked with ${entry.normalise !== false}`
  return 'what the config says of it (its URL, checksum, format or own fields) is not what it was locked with'
}

function list(words: readonly string[]): string {
  return [...new Set(words)].join(', ')
}

/** What to do about other bytes than those locked. */
export const REPLACED =
  'upstream replaced a release, or somebody is in between; if it is meant, delete its entry from the lock file by hand and lock again'

/** Bytes or words of a source that are not the locked ones. @param says who says `actual` */
export function contradicts(
  entry: LockEntry,
  { says, actual, locked }: { readonly says: string; readonly actual: string; readonly locked: string },
): PkgcacheError {
  return new PkgcacheError('E_DIGEST', `${says} ${actual}, but the lock file says ${locked}`, {
    item: formatKey({ ...entry, version: entry.request }),
    hint: REPLACED,
  })
}
