import { rm } from 'node:fs/promises'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { download, isWorthKeeping } from '../fetch/download.ts'
import type { Fetched, Staged, Verdict } from '../model/artifact.ts'
import { checkKey, formatKey, keyId, type PackageKey } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { PackageRequest } from '../model/request.ts'
import { requestDigest } from '../model/request-digest.ts'
import type { Resolved } from '../model/resolved.ts'
import type { ItemResult } from '../model/run.ts'
import { bestTrust, type TrustLevel, trustAtLeast } from '../model/trust.ts'
import { shownUrl } from '../net/shown-url.ts'
import { normalise } from '../normalise/normalise.ts'
import { requestKey, resolveRequest } from '../resolve/resolve.ts'
import { recordKey } from '../store/records.ts'
import type { RecordDraft } from '../store/store.ts'
import { checkTrust, requiredTrust, verify } from '../verify/weigh.ts'
import { callScope, presentable, type RunContext, stageScope } from './context.ts'

/** Records by the digest of their request: an equal request needs no resolver. */
export type RequestIndex = ReadonlyMap<string, StoreRecord>

export async function requestIndex(run: RunContext): Promise<RequestIndex> {
  return new Map([...(await run.store.load()).values()].map((record) => [record.request, record]))
}

/** The record an equal request led to, if it is trusted enough; whether its file is there is not asked. */
function trustedRecord(
  request: PackageRequest,
  known: RequestIndex,
  run: RunContext,
): StoreRecord | undefined {
  const record = known.get(requestDigest(request))
  const required = requiredTrust('unverified', request.minimumTrust, run)
  if (record && run.lock?.allows(record) === false) return undefined
  return record && trustAtLeast(record.trust, required) ? record : undefined
}

/** The cached record an equal request led to, if it is intact and trusted enough. */
export async function knownRecord(
  request: PackageRequest,
  known: RequestIndex,
  run: RunContext,
): Promise<StoreRecord | undefined> {
  const record = trustedRecord(request, known, run)
  return record && (await run.store.isIntact(record)) ? record : undefined
}

/** A cached package of which nothing is in doubt, found without waiting for anything. */
export function upToDate(
  request: PackageRequest,
  known: RequestIndex,
  run: RunContext,
): ItemResult | undefined {
  const record = trustedRecord(request, known, run)
  if (record === undefined || run.store.look(record) !== 'there') return undefined
  return { key: recordKey(record), state: 'cached', record }
}

/** One package through the first five stages. Never throws: a failure is a result like others. */
export function processItem(
  request: PackageRequest,
  known: RequestIndex,
  run: RunContext,
): Promise<ItemResult> {
  return settled(request, run, async (calledFromNow) => {
    const record = await knownRecord(request, known, run)
    if (record) return { key: recordKey(record), state: 'cached', record }
    return run.limiters.items.run(run.signal, () => underLock(request, calledFromNow, run))
  })
}

/** For `distribute`: what is cached, or a failure that says it is not. Never throws either. */
export function cachedItem(
  request: PackageRequest,
  known: RequestIndex,
  run: RunContext,
): Promise<ItemResult> {
  return settled(request, run, async () => {
    const key = requestKey(request)
    const record = (await knownRecord(request, known, run)) ?? (await run.store.current(key))
    if (record) {
      run.lock?.check(request, record)
      checkTrust(record.trust, requiredTrust('unverified', request.minimumTrust, run))
      return { key, state: 'cached', record }
    }
    throw new PkgcacheError('E_NOT_CACHED', 'is not in the store', {
      hint: '`pkgcache fetch` or `pkgcache run` brings it',
    })
  })
}

/** What a resolution leads to, cached or brought through the stages: for the lock file. Throws. */
export function bring(resolved: Resolved, run: RunContext): Promise<ItemResult> {
  return run.limiters.items.run(run.signal, () => locked(resolved.key, run, () => reuseOrMake(resolved, run)))
}

/** Checks the request's key before any I/O, and makes whatever is thrown the item's result. */
async function settled(
  request: PackageRequest,
  run: RunContext,
  work: (calledFromNow: (key: PackageKey) => void) => Promise<ItemResult>,
): Promise<ItemResult> {
  let key = requestKey(request)
  try {
    checkKey(key)
    return await work((exact) => {
      key = exact
    })
  } catch (thrown) {
    const error = run.signal.aborted ? cancelled() : toPkgcacheError(thrown)
    return { key, state: 'failed', error: presentable(error, run, { item: formatKey(key) }) }
  }
}

function cancelled(): PkgcacheError {
  return new PkgcacheError('E_ABORTED', 'cancelled')
}

/**
 * Another process may be at the same package: its lock is waited for, and what it published is taken, with nothing
 * asked of upstream. A request whose version a source has yet to work out gets a second lock, on what that came to.
 */
async function underLock(
  request: PackageRequest,
  calledFromNow: (key: PackageKey) => void,
  run: RunContext,
): Promise<ItemResult> {
  const asked = requestKey(request)
  return locked(asked, run, async () => {
    const made = await run.store.current(asked)
    const known = made && new Map([[made.request, made]])
    const record = known && trustedRecord(request, known, run)
    if (record) return { key: asked, state: 'cached', record }
    const resolved = await resolveRequest(request, run)
    calledFromNow(resolved.key)
    if (keyId(resolved.key) === keyId(asked)) return reuseOrMake(resolved, run)
    return locked(resolved.key, run, () => reuseOrMake(resolved, run))
  })
}

async function locked(
  key: PackageKey,
  run: RunContext,
  work: () => Promise<ItemResult>,
): Promise<ItemResult> {
  const release = await run.store.locks.key(keyId(key), run.signal)
  try {
    return await work()
  } finally {
    await release()
  }
}

async function reuseOrMake(resolved: Resolved, run: RunContext): Promise<ItemResult> {
  const record = await run.store.current(resolved.key)
  const reusable = record && (await reuse(record, resolved, run))
  if (reusable) return { key: resolved.key, state: 'cached', record: reusable }
  return make(resolved, run)
}

/** A cached record serves a resolution when nothing that is expected of the bytes speaks against it. */
async function reuse(
  record: StoreRecord,
  resolved: Resolved,
  run: RunContext,
): Promise<StoreRecord | undefined> {
  // what was found in the folder is anybody's
  if (record.trust === 'unverified') return undefined
  const matching = resolved.digests.filter(
    (digest) => digest.algorithm === 'sha256' && digest.value === record.source_sha256,
  )
  if (matching.length < resolved.digests.length) return undefined
  if (
    resolved.digests.length === 0 &&
    !resolved.urls.map((url) => run.redactor.mask(shownUrl(url))).includes(record.url)
  )
    return undefined
  if ((resolved.normalise === false) !== (record.type === 'kept')) return undefined
  const gained: TrustLevel[] = matching.map((digest) =>
    digest.origin === 'checksum-file' ? 'checksum-file' : 'pinned',
  )
  const trust = bestTrust([record.trust, ...gained])
  const required = requiredTrust(resolved.minimumTrust, resolved.request.minimumTrust, run)
  // a signature can only prove more with the bytes at hand: they are fetched again
  if (resolved.signatures?.length && !trustAtLeast(trust, required)) return undefined
  checkTrust(trust, required)
  const request = requestDigest(resolved.request)
  if (trust === record.trust && request === record.request) return record
  const updated = { ...record, request, trust }
  await run.store.update(updated)
  return updated
}

async function make(resolved: Resolved, run: RunContext): Promise<ItemResult> {
  const scope = stageScope(run, resolved.key, 'fetch')
  run.workers.warm()
  const means = { client: run.client, parts: run.parts, maxBytes: run.settings.caps.downloadBytes }
  const downloaded = await run.limiters.fetch.run(run.signal, () => download(resolved, means, scope))
  try {
    const record = await publish(downloaded.fetched, run)
    await downloaded.release(false)
    await run.host.series('index', record, callScope(run))
    return { key: resolved.key, state: 'published', record, fetchedBytes: downloaded.receivedBytes }
  } catch (error) {
    // a cancelled run and a full disk say nothing against the bytes: the next run need not fetch them again
    await downloaded.release(run.signal.aborted || isWorthKeeping(toPkgcacheError(error)))
    throw error
  }
}

async function publish(fetched: Fetched, run: RunContext): Promise<StoreRecord> {
  const staged = await normalise(fetched, run)
  try {
    const verdict = await verify(staged, run)
    run.signal.throwIfAborted()
    return await run.store.publish(toDraft(staged, verdict, run), staged.stored.file, keptName(staged))
  } catch (error) {
    // what is kept as it is is the download itself, whose end is not decided here
    if (staged.stored.file !== fetched.file) await rm(staged.stored.file, { force: true })
    throw error
  }
}

/** A kept download keeps its name too. */
function keptName({ resolved, url }: Staged): string | undefined {
  if (resolved.normalise !== false) return undefined
  const name = new URL(url).pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(name)
  } catch {
    // not percent-encoding at all: as it stands it is refused for its "%"
    return name
  }
}

function toDraft(staged: Staged, verdict: Verdict, { redactor }: RunContext): RecordDraft {
  const { resolved, stored } = staged
  const mask = (text: string) => redactor.mask(text)
  return {
    schema: 1,
    ...resolved.key,
    request: requestDigest(resolved.request),
    source: resolved.source,
    url: mask(staged.url),
    served_by: mask(staged.servedBy),
    format: stored.format,
    type: resolved.normalise === false ? 'kept' : 'normalised',
    size: stored.size,
    sha256: stored.sha256,
    source_size: staged.size,
    source_sha256: staged.digests.sha256,
    ...(stored.contentSha256 !== undefined && { content_sha256: stored.contentSha256 }),
    unpacked_size: stored.unpackedSize,
    members: stored.members.length,
    trust: verdict.trust,
    evidence: verdict.evidence.map(({ verifier, trust, summary, from }) => ({
      verifier,
      ...(trust !== undefined && { trust }),
      summary: mask(summary),
      ...(from !== undefined && { from: mask(shownUrl(from)) }),
    })),
    cached_at: new Date().toISOString(),
  }
}
