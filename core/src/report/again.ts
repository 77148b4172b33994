import { PkgcacheError } from '../errors/error.ts'
import { formatKey, keyId, type PackageKey } from '../model/names.ts'
import type { PackageRequest } from '../model/request.ts'
import type { ItemResult, RunResult } from '../model/run.ts'
import type { RenderedReport } from '../plugins/types.ts'
import { purpose, requestKey } from '../resolve/resolve.ts'
import { callScope, type RunContext } from '../run/context.ts'
import { chooseFormat } from './choose-format.ts'
import { readLastResult } from './reports.ts'

/**
 * One report of how things are now: what is declared against what is cached, with the failures and deliveries of the
 * last run. @throws E_USAGE for a format that no plugin renders
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

async function currentResult(requests: readonly PackageRequest[], run: RunContext): Promise<RunResult> {
  const last = await readLastResult(run)
  const stored = await run.store.load()
  const lastByKey = new Map(last?.items.map((item) => [keyId(item.key), item]))
  const current = (key: PackageKey, meant: ReturnType<typeof purpose>): ItemResult => {
    const record = stored.get(keyId(key))
    if (record) return { key, state: 'cached', record, ...meant }
    const before = lastByKey.get(keyId(key))
    if (before?.state === 'failed') return { key, state: 'failed', error: before.error, ...meant }
    const hint = '`pkgcache run` brings it'
    const error = new PkgcacheError('E_NOT_CACHED', 'is not in the store', { hint, item: formatKey(key) })
    return { key, state: 'failed', error, ...meant }
  }
  const configured = new Set(requests.map((request) => keyId(requestKey(request))))
  // what toolsets add is known from the last run only: no plugin is asked here
  const declared = last?.items.filter(
    ({ key, section }) => section !== undefined && !configured.has(keyId(key)),
  )
  const items = [
    ...requests.map((request) => current(requestKey(request), purpose(request))),
    ...(declared ?? []).map((item) => current(item.key, purpose(item))),
  ]
  const now = new Date().toISOString()
  const bare = {
    startedAt: now,
    finishedAt: now,
    requirements: [],
    nodes: [],
    deliveries: [],
    removals: [],
    reports: [],
    errors: [],
    unchanged: true,
    exitCode: 0,
  }
  return { ...bare, ...last, store: run.store.layout.root, items }
}
