import { formatKey, keyId } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { ItemResult, RunResult } from '../model/run.ts'
import type { ReportRequest } from '../plugins/types.ts'
import { cacheReport } from './cache-report.ts'
import { composition } from './composition.ts'
import { fault, withoutCredentials } from './fault.ts'
import { grouped } from './grouped.ts'
import { keyParts, nodeRows } from './node-rows.ts'
import { packageSortKey, sortedBy } from './order.ts'
import { percentOf } from './percent.ts'
import { toolsetCoverage } from './toolset.ts'
import type {
  ReportFailure,
  ReportNode,
  ReportPackage,
  ReportStored,
  ReportSummary,
  ReportTotals,
} from './types.ts'

function stored(record: StoreRecord): ReportStored {
  return {
    format: record.format,
    type: record.type,
    trust: record.trust,
    evidence: record.evidence.map(({ verifier, trust, summary, from }) => ({
      verifier,
      ...(trust === undefined ? {} : { trust }),
      summary: withoutCredentials(summary),
      ...(from === undefined ? {} : { from: withoutCredentials(from) }),
    })),
    source_size: record.source_size,
    size: record.size,
    unpacked_size: record.unpacked_size,
    members: record.members,
    source_sha256: record.source_sha256,
    sha256: record.sha256,
    ...(record.content_sha256 === undefined ? {} : { content_sha256: record.content_sha256 }),
    source: record.source,
    url: withoutCredentials(record.url),
    served_by: withoutCredentials(record.served_by),
    file: record.file,
    cached_at: record.cached_at,
  }
}

function packageRow(item: ItemResult, held: StoreRecord | undefined): ReportPackage {
  const record = item.state === 'failed' ? held : item.record
  return {
    ...keyParts(item.key),
    ...(item.section ? { section: item.section } : {}),
    state: item.state,
    fetched_bytes: item.state === 'published' ? item.fetchedBytes : 0,
    ...(record === undefined ? {} : { stored: stored(record) }),
    ...(item.state === 'failed' ? { error: fault(item.error) } : {}),
  }
}

function storedRow(record: StoreRecord): ReportPackage {
  return { ...keyParts(record), state: 'stored', fetched_bytes: 0, stored: stored(record) }
}

/** Every record once: those of the store, and those of the run should the list be older. */
function recordsById({ result, records }: ReportRequest): ReadonlyMap<string, StoreRecord> {
  const byId = new Map(records.map((record) => [keyId(record), record]))
  for (const item of result.items) if (item.state !== 'failed') byId.set(keyId(item.key), item.record)
  return byId
}

/** Of several requests for one package, of two sections say, the one that did the most for it. */
function onePerPackage(items: readonly ItemResult[]): ItemResult[] {
  const deeds = ['published', 'cached', 'failed'] as const
  return [...grouped(items, ({ key }) => keyId(key)).values()].flatMap((same) => {
    const [item] = same.toSorted((a, b) => deeds.indexOf(a.state) - deeds.indexOf(b.state))
    const [section] = same.flatMap((one) => one.section || []).sort()
    return item === undefined ? [] : [section === undefined ? item : { ...item, section }]
  })
}

function packageRows(result: RunResult, records: ReadonlyMap<string, StoreRecord>): ReportPackage[] {
  const asked = new Set(result.items.map((item) => keyId(item.key)))
  const others = [...records].filter(([id]) => !asked.has(id)).map(([, record]) => storedRow(record))
  const rows = onePerPackage(result.items).map((item) => packageRow(item, records.get(keyId(item.key))))
  return sortedBy([...rows, ...others], packageSortKey)
}

function ofDeliveries({ deliveries }: RunResult, state: 'failed' | 'fallback'): ReportFailure[] {
  const found = deliveries.flatMap((one) => (one.state === state && 'error' in one ? [one] : []))
  return sortedBy(found, ({ key, node }) => `${packageSortKey(key)}\u0000${node}`).map(
    ({ key, node, error }) => ({ scope: 'delivery', item: formatKey(key), node, ...fault(error) }),
  )
}

function failures(result: RunResult): ReportFailure[] {
  const ofItems = onePerPackage(result.items).filter((item) => item.state === 'failed')
  return [
    ...sortedBy(ofItems, ({ key }) => packageSortKey(key)).map(
      ({ key, error }): ReportFailure => ({ scope: 'package', item: formatKey(key), ...fault(error) }),
    ),
    ...ofDeliveries(result, 'failed'),
    ...result.errors.map(
      (error): ReportFailure => ({
        scope: 'run',
        ...(error.item === undefined ? {} : { item: withoutCredentials(error.item) }),
        ...fault(error),
      }),
    ),
  ]
}

function deliveryTotals(nodes: readonly ReportNode[]) {
  const sum = (pick: (node: ReportNode) => number) => nodes.reduce((all, node) => all + pick(node), 0)
  const counts = {
    delivered: sum((node) => node.sent + node.present),
    refused: sum((node) => node.failed),
    fallback: sum((node) => node.fallback),
    skipped: sum((node) => node.skipped),
    absent: sum((node) => node.absent),
  }
  return {
    deliveries: Object.values(counts).reduce((all, count) => all + count, 0),
    ...counts,
    sent_bytes: sum((node) => node.sent_bytes),
    removed: sum((node) => node.removals.length),
    removed_bytes: sum((node) => node.removals.reduce((all, { bytes }) => all + bytes, 0)),
  }
}

function totals(packages: readonly ReportPackage[], nodes: readonly ReportNode[]): ReportTotals {
  const count = (state: ReportPackage['state']) => packages.filter((row) => row.state === state).length
  const held = packages.flatMap((row) => row.stored ?? [])
  const storedBytes = held.reduce((sum, { size }) => sum + size, 0)
  const unpackedBytes = held.reduce((sum, row) => sum + row.unpacked_size, 0)
  return {
    requested: packages.length - count('stored'),
    cached: count('cached'),
    published: count('published'),
    failed: count('failed'),
    stored: held.length,
    downloaded_bytes: packages.reduce((sum, row) => sum + row.fetched_bytes, 0),
    source_bytes: held.reduce((sum, row) => sum + row.source_size, 0),
    stored_bytes: storedBytes,
    unpacked_bytes: unpackedBytes,
    compression_ratio: storedBytes === 0 ? null : Math.round((unpackedBytes / storedBytes) * 100) / 100,
    ...deliveryTotals(nodes),
  }
}

/**
 * The run and the store as every report shows them. Pure: the same request gives the same summary,
 * in whatever order its lists come.
 */
export function summarise(request: ReportRequest): ReportSummary {
  const { result } = request
  const packages = packageRows(result, recordsById(request))
  const nodes = nodeRows(result)
  const sums = totals(packages, nodes)
  const available = sums.cached + sums.published
  const toolset = toolsetCoverage(result)
  const { finishedAt: finished_at, store } = result
  return {
    schema: 1,
    started_at: result.startedAt,
    finished_at,
    duration_ms: Math.max(0, Date.parse(result.finishedAt) - Date.parse(result.startedAt)),
    store,
    exit_code: result.exitCode,
    unchanged: result.unchanged,
    totals: sums,
    coverage: {
      requested: sums.requested,
      available,
      percent: percentOf(available, sums.requested),
    },
    ...(toolset === undefined ? {} : { toolset }),
    composition: composition(packages),
    packages,
    nodes,
    failures: failures(result),
    fallbacks: ofDeliveries(result, 'fallback'),
    ...cacheReport({ finished_at, store, packages, toolset }),
  }
}
