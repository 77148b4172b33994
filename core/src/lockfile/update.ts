import type { LockChange, LockResult } from '../cache.types.ts'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { type LockEntry, lockedKey } from '../model/lock.ts'
import { checkKey, formatKey, keyId } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { PackageRequest } from '../model/request.ts'
import { requestDigest } from '../model/request-digest.ts'
import type { Resolved } from '../model/resolved.ts'
import { declare } from '../resolve/declare.ts'
import { requestKey, resolveRequest } from '../resolve/resolve.ts'
import { callScope, presentable, type RunContext } from '../run/context.ts'
import { bring } from '../run/item.ts'
import { exitCode } from '../run/run.ts'
import type { Schemas } from '../schemas.ts'
import { closest } from '../text.ts'
import { type LockedBytes, toEntry } from './entry.ts'
import { holdToDigests, type LockFile } from './lock-file.ts'
import { lockedUrl } from './locked-url.ts'
import { parseLockFile } from './read.ts'
import { renderLockFile, writeLockFile } from './write.ts'

/** What one call of `lock` is to do. */
export interface LockTask {
  readonly requests: readonly PackageRequest[]
  readonly old: LockFile | undefined
  /** Absolute path. */
  readonly file: string
  /** Which of the locked packages are resolved again. */
  readonly update: true | readonly string[] | undefined
  readonly schemas: Schemas
}

/**
 * Locks what is declared and not locked yet, in a run that is itself held to no lock file. Other bytes than those locked
 * never find their way into it.
 * @throws E_USAGE, E_LOCK_FILE, E_NOSPC; what happens to single packages is in the result
 */
export async function lockAll(task: LockTask, run: RunContext): Promise<LockResult> {
  const declared = await declare(run, task.requests)
  const requests = withoutRepeats(declared.requests)
  checkUpdate(task.update, requests)
  const before = task.old?.entries ?? []
  const pairs = pairUp(requests, before)
  const locked = await Promise.all(pairs.map((pair) => lockOne(pair, task, run)))
  // some were fetched; also after a cancelled run they belong in the index
  await run.store.flushIndex(AbortSignal.timeout(60_000))
  // what has faults may well declare them
  const left = declared.errors.length > 0 ? 'kept' : 'removed'
  const changes = [...locked, ...unused(pairs, before, left)].sort(byKey)
  const changed = changes.some(({ change }) => change !== 'kept' && change !== 'failed')
  const written = changed && !run.signal.aborted
  if (written) {
    await writeLockFile(
      task.file,
      changes.flatMap(({ entry }) => entry ?? []),
    )
  }
  const errors = [...declared.errors, ...changes.flatMap(({ error }) => error ?? [])]
  return { file: task.file, written, changes, errors: declared.errors, exitCode: exitCode(errors) }
}

function withoutRepeats(requests: readonly PackageRequest[]): PackageRequest[] {
  return [...new Map(requests.map((request) => [requestDigest(request), request])).values()]
}

/** @throws E_USAGE */
function checkUpdate(update: LockTask['update'], requests: readonly PackageRequest[]): void {
  const names = [...new Set(requests.map(({ name }) => name))]
  for (const name of update === true ? [] : (update ?? [])) {
    if (names.includes(name)) continue
    const meant = closest(name, names)
    throw new PkgcacheError('E_USAGE', `no package called ${JSON.stringify(name)} is declared`, {
      hint: meant ? `did you mean ${JSON.stringify(meant)}?` : `declared: ${names.join(', ') || 'none'}`,
    })
  }
}

/** A request and the entry that it has, or that it takes the place of. */
interface Pair {
  readonly request: PackageRequest
  readonly entry: LockEntry | undefined
  /** The entry is that of an equal request. */
  readonly equal: boolean
}

/** Each request with its entry; one that has none takes over that of a request that is no longer there. */
function pairUp(requests: readonly PackageRequest[], entries: readonly LockEntry[]): Pair[] {
  const byRequest = new Map(entries.map((entry) => [entry.request_digest, entry]))
  const equals = requests.map((request) => byRequest.get(requestDigest(request)))
  const taken = new Set(equals.filter((entry) => entry !== undefined))
  return requests.map((request, index) => {
    const own = equals[index]
    if (own) return { request, entry: own, equal: true }
    const entry = entries.find((candidate) => !taken.has(candidate) && isSamePackage(candidate, request))
    if (entry) taken.add(entry)
    return { request, entry, equal: false }
  })
}

function isSamePackage(entry: LockEntry, { name, platform, arch }: PackageRequest): boolean {
  return entry.name === name && entry.platform === platform && entry.arch === arch
}

function unused(
  pairs: readonly Pair[],
  entries: readonly LockEntry[],
  change: 'kept' | 'removed',
): LockChange[] {
  const used = new Set(pairs.map(({ entry }) => entry))
  return entries
    .filter((entry) => !used.has(entry))
    .map((entry) => ({
      key: lockedKey(entry),
      change,
      from: entry.version,
      ...(change === 'kept' && { entry }),
    }))
}

function byKey(a: LockChange, b: LockChange): number {
  return keyId(a.key) < keyId(b.key) ? -1 : 1
}

/** One package. Never throws: a failure is a change like others. */
async function lockOne(pair: Pair, task: LockTask, run: RunContext): Promise<LockChange> {
  const { request, entry: old, equal } = pair
  const again = task.update === true || task.update?.includes(request.name)
  if (old && equal && !again) return { key: lockedKey(old), change: 'kept', entry: old }
  const from = old && { from: old.version }
  try {
    checkKey(requestKey(request))
    const entry = await lockAnew(request, task, run)
    const key = lockedKey(entry)
    if (old === undefined) return { key, change: 'added', entry }
    const same = renderLockFile([entry]) === renderLockFile([old])
    return { key, change: same ? 'kept' : 'updated', entry, ...from }
  } catch (thrown) {
    const cancelled = run.signal.aborted && new PkgcacheError('E_ABORTED', 'cancelled')
    const key = requestKey(request)
    const error = presentable(cancelled || toPkgcacheError(thrown), run, { item: formatKey(key) })
    run.emit({ type: 'item', result: { key, state: 'failed', error } })
    return { key, change: 'failed', error, ...(old && { entry: old }), ...from }
  }
}

/** @throws E_DIGEST for other bytes than those locked, and whatever keeps a package from being resolved or brought */
async function lockAnew(request: PackageRequest, task: LockTask, run: RunContext): Promise<LockEntry> {
  const mask = (text: string) => run.redactor.mask(text)
  const resolved = await resolveRequest(request, run)
  const urls = resolved.urls.map((url) => lockedUrl(url, mask))
  // whatever asked for it: the same version from the same place has the same bytes
  const before = task.old?.entries.find(
    (entry) =>
      keyId(lockedKey(entry)) === keyId(resolved.key) && entry.urls.some((url) => urls.includes(url)),
  )
  const held = before ? holdToDigests(resolved, before, 'the lock file') : resolved
  const entry = toEntry(held, await bytesOf(held, before, run), mask)
  try {
    return parseLockFile(renderLockFile([entry]), task.file, task.schemas)[0] ?? entry
  } catch (cause) {
    const { message, faults } = toPkgcacheError(cause)
    throw new PkgcacheError('E_PLUGIN', `gave what no lock file can hold: ${message}`, {
      faults,
      plugin: resolved.source,
      cause,
    })
  }
}

/** Size and SHA-256 of a download: as they are known beforehand, else from the bytes themselves. */
async function bytesOf(
  resolved: Resolved,
  before: LockEntry | undefined,
  run: RunContext,
): Promise<LockedBytes> {
  const sha256 = knownSha256(resolved)
  if (sha256 !== undefined) {
    const size = await sizeOf(resolved, sha256, before, run)
    if (size !== undefined) return { size, sha256, found: [] }
  }
  const result = await bring(resolved, run)
  if (result.state === 'failed') throw result.error
  if (result.state === 'published') run.emit({ type: 'item', result })
  const { source_size: size, source_sha256, evidence: found } = result.record
  return { size, sha256: source_sha256, found }
}

/** What source or user say; the lock's own word is no news. @throws E_DIGEST when they differ */
function knownSha256({ digests }: Resolved): string | undefined {
  const [first, ...others] = digests.filter(
    ({ algorithm, origin }) => algorithm === 'sha256' && origin !== 'lock',
  )
  const other = first && others.find(({ value }) => value !== first.value)
  if (first === undefined || other === undefined) return first?.value
  throw new PkgcacheError(
    'E_DIGEST',
    `${first.from} says sha256 ${first.value}, but ${other.from} says ${other.value}`,
    { hint: 'one of them is wrong; nothing was locked' },
  )
}

/** Bytes, without fetching any; undefined when nobody says. */
async function sizeOf(
  resolved: Resolved,
  sha256: string,
  before: LockEntry | undefined,
  run: RunContext,
): Promise<number | undefined> {
  if (resolved.size !== undefined) return resolved.size
  if (before?.sha256 === sha256) return before.size
  const record: StoreRecord | undefined = (await run.store.load()).get(keyId(resolved.key))
  if (record?.source_sha256 === sha256) return record.source_size
  const { headers } = resolved
  const ask = () => run.client.helper(callScope(run)).size(resolved.urls[0], headers ? { headers } : {})
  try {
    return await run.limiters.resolve.run(run.signal, ask)
  } catch (error) {
    // upstream may know no HEAD, or have it elsewhere: the download tells
    if (run.signal.aborted) throw error
    return undefined
  }
}
