import type { PkgcacheError } from '../errors/error.ts'
import { formatKey, keyId, type PackageKey } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { ItemResult, NodeResult, RunResult, StageName } from '../model/run.ts'
import type { ReportRequest } from '../plugins/types.ts'
import { composition } from './composition.ts'
import { packageSortKey, sortedBy } from './order.ts'
import type {
  ReportDelivery,
  ReportFailure,
  ReportFault,
  ReportNode,
  ReportPackage,
  ReportStored,
  ReportSummary,
  ReportTotals,
} from './types.ts'

const USER_INFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#]+@/gi
const SECRET_QUERY = /([?&][^=&\s#]*(?:token|sig|secret|passw|credential|auth|key)[^=&\s#]*=)[^&\s#'"]+/gi

/** Last line of defence: reports are mailed about, and a plugin may have left a password or a signed URL in a text. */
function withoutCredentials(text: string): string {
  if (!/[@=]/.test(text)) return text
  return text.replace(USER_INFO, '$1').replace(SECRET_QUERY, '$1***')
}

function fault(error: PkgcacheError): ReportFault {
  return {
    code: error.code,
    message: withoutCredentials(error.message),
    ...(error.hint === undefined ? {} : { hint: withoutCredentials(error.hint) }),
    ...(error.stage === undefined ? {} : { stage: error.stage as StageName }),
    ...(error.plugin === undefined ? {} : { plugin: error.plugin }),
    ...(error.faults.length === 0 ? {} : { faults: error.faults.map(withoutCredentials) }),
  }
}

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

function parts({ name, version, platform, arch }: PackageKey): PackageKey {
  return { name, version, platform, arch }
}

function packageRow(item: ItemResult, held: StoreRecord | undefined): ReportPackage {
  const record = item.state === 'failed' ? held : item.record
  return {
    ...parts(item.key),
    state: item.state,
    fetched_bytes: item.state === 'published' ? item.fetchedBytes : 0,
    ...(record === undefined ? {} : { stored: stored(record) }),
    ...(item.state === 'failed' ? { error: fault(item.error) } : {}),
  }
}

function storedRow(record: StoreRecord): ReportPackage {
  return { ...parts(record), state: 'stored', fetched_bytes: 0, stored: stored(record) }
}

/** Every record once: those of the store, and those of the run should the list be older. */
function recordsById({ result, records }: ReportRequest): ReadonlyMap<string, StoreRecord> {
  const byId = new Map(records.map((record) => [keyId(record), record]))
  for (const item of result.items) if (item.state !== 'failed') byId.set(keyId(item.key), item.record)
  return byId
}

function packageRows(result: RunResult, records: ReadonlyMap<string, StoreRecord>): ReportPackage[] {
  const asked = new Set(result.items.map((item) => keyId(item.key)))
  const others = [...records].filter(([id]) => !asked.has(id)).map(([, record]) => storedRow(record))
  const rows = result.items.map((item) => packageRow(item, records.get(keyId(item.key))))
  return sortedBy([...rows, ...others], packageSortKey)
}

function deliveryRow(
  key: PackageKey,
  arch: string | undefined,
  result: NodeResult | undefined,
): ReportDelivery {
  if (result === undefined) {
    const state = arch === undefined || arch === key.arch ? 'absent' : 'other-arch'
    return { ...parts(key), state, sent_bytes: 0 }
  }
  return {
    ...parts(key),
    state: result.state,
    ...(result.remotePath === undefined ? {} : { remote_path: result.remotePath }),
    sent_bytes: 'sentBytes' in result ? result.sentBytes : 0,
    ...('error' in result ? { error: fault(result.error) } : {}),
  }
}

function nodeRows({ nodes, items, deliveries }: RunResult): ReportNode[] {
  const byNode = new Map<string, Map<string, NodeResult>>()
  for (const delivery of deliveries) {
    const ofNode = byNode.get(delivery.node) ?? new Map<string, NodeResult>()
    byNode.set(delivery.node, ofNode.set(keyId(delivery.key), delivery))
  }
  const byId = new Map([...items, ...deliveries].map(({ key }) => [keyId(key), key]))
  const keys = sortedBy([...byId], ([, key]) => packageSortKey(key))
  return nodes.map(({ name, host, arch, root }) => {
    const packages = keys.map(([id, key]) => deliveryRow(key, arch, byNode.get(name)?.get(id)))
    const count = (state: ReportDelivery['state']) => packages.filter((row) => row.state === state).length
    return {
      name,
      ...(host === undefined ? {} : { host }),
      ...(arch === undefined ? {} : { arch }),
      root,
      sent: count('sent'),
      present: count('present'),
      failed: count('failed'),
      absent: count('absent'),
      sent_bytes: packages.reduce((sum, row) => sum + row.sent_bytes, 0),
      packages,
    }
  })
}

function failures({ items, deliveries, errors }: RunResult): ReportFailure[] {
  const ofItems = items.filter((item) => item.state === 'failed')
  const ofNodes = deliveries.filter((delivery) => delivery.state === 'failed')
  return [
    ...sortedBy(ofItems, ({ key }) => packageSortKey(key)).map(
      ({ key, error }): ReportFailure => ({ scope: 'package', item: formatKey(key), ...fault(error) }),
    ),
    ...sortedBy(ofNodes, ({ key, node }) => `${packageSortKey(key)}\u0000${node}`).map(
      ({ key, node, error }): ReportFailure => ({
        scope: 'delivery',
        item: formatKey(key),
        node,
        ...fault(error),
      }),
    ),
    ...errors.map(
      (error): ReportFailure => ({
        scope: 'run',
        ...(error.item === undefined ? {} : { item: withoutCredentials(error.item) }),
        ...fault(error),
      }),
    ),
  ]
}

function totals(packages: readonly ReportPackage[], nodes: readonly ReportNode[]): ReportTotals {
  const count = (state: ReportPackage['state']) => packages.filter((row) => row.state === state).length
  const held = packages.flatMap((row) => row.stored ?? [])
  const ofNodes = (pick: (node: ReportNode) => number) => nodes.reduce((sum, node) => sum + pick(node), 0)
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
    deliveries: ofNodes((node) => node.sent + node.present + node.failed + node.absent),
    delivered: ofNodes((node) => node.sent + node.present),
    sent_bytes: ofNodes((node) => node.sent_bytes),
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
  return {
    schema: 1,
    started_at: result.startedAt,
    finished_at: result.finishedAt,
    duration_ms: Math.max(0, Date.parse(result.finishedAt) - Date.parse(result.startedAt)),
    store: result.store,
    exit_code: result.exitCode,
    unchanged: result.unchanged,
    totals: sums,
    coverage: {
      requested: sums.requested,
      available,
      percent: sums.requested === 0 ? null : Math.floor((available / sums.requested) * 1000) / 10,
    },
    composition: composition(packages),
    packages,
    nodes,
    failures: failures(result),
  }
}
