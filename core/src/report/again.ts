import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { formatKey, keyId, type PackageKey } from '../model/names.ts'
import type { PackageRequest } from '../model/request.ts'
import { requestDigest } from '../model/request-digest.ts'
import type { ItemResult, RunResult } from '../model/run.ts'
import type { RenderedReport } from '../plugins/types.ts'
import { type Declared, declare, purpose } from '../resolve/declare.ts'
import { requestKey } from '../resolve/resolve.ts'
import { callScope, presentable, type RunContext } from '../run/context.ts'
import { recordKey } from '../store/records.ts'
import { chooseFormat } from './choose-format.ts'
import { readLastResult } from './reports.ts'

/**
 * One report of how things are now: what is declared against what is cached, with the failures and deliveries of the
 * last run. Asks nothing of upstream. @throws E_USAGE for a format that no plugin renders
 */
export async function renderAgain(
  format: string,
  requests: readonly PackageRequest[],
  run: RunContext,
): Promise<RenderedReport> {
  const records = await run.store.list()
  const result = await currentResult(requests, run)
  const collected = await run.host.collect<RenderedReport>('report', { result, records }, callScope(run))
  return chooseFormat(collected, format, '', run)
}

/**
 * What is declared now, by plugins too, with nothing asked of upstream. Where that has faults, what the last run was told
 * stands in for what cannot be told any more.
 */
async function declaredNow(
  configured: readonly PackageRequest[],
  last: RunResult | undefined,
  run: RunContext,
): Promise<Declared> {
  const now = await declare(run, configured, { frozen: true }).catch((thrown: unknown) => {
    const error = presentable(toPkgcacheError(thrown), run)
    return { requests: configured, requirements: [], errors: [error] }
  })
  if (now.errors.length === 0 || last === undefined) return now
  const there = new Set(now.requests.map((request) => keyId(requestKey(request))))
  const before = last.items.filter(({ key }) => !there.has(keyId(key)))
  return {
    requests: [...now.requests, ...before.map((item) => ({ ...item.key, ...purpose(item) }))],
    requirements: last.requirements,
    errors: now.errors,
  }
}

async function currentResult(configured: readonly PackageRequest[], run: RunContext): Promise<RunResult> {
  const last = await readLastResult(run)
  const stored = await run.store.load()
  const declared = await declaredNow(configured, last, run)
  const byRequest = new Map([...stored.values()].map((record) => [record.request, record]))
  const lastByKey = new Map(last?.items.map((item) => [keyId(item.key), item]))
  const items = declared.requests.map((request): ItemResult => {
    const asked = requestKey(request)
    const record = byRequest.get(requestDigest(request)) ?? stored.get(keyId(asked))
    const meant = purpose(request)
    if (record) return { key: recordKey(record), state: 'cached', record, ...meant }
    const before = lastByKey.get(keyId(asked))
    const error = before?.state === 'failed' ? before.error : notStored(asked)
    return { key: asked, state: 'failed', error, ...meant }
  })
  const now = new Date().toISOString()
  const bare = {
    ...{ startedAt: now, finishedAt: now, nodes: [], deliveries: [], removals: [], reports: [] },
    unchanged: true,
    exitCode: 0,
  }
  const { requirements } = declared
  const errors = [...(last?.errors ?? []).filter(({ stage }) => stage !== 'declare'), ...declared.errors]
  return { ...bare, ...last, store: run.store.layout.root, items, requirements, errors }
}

function notStored(key: PackageKey): PkgcacheError {
  const hint = '`pkgcache run` brings it'
  return new PkgcacheError('E_NOT_CACHED', 'is not in the store', { hint, item: formatKey(key) })
}
