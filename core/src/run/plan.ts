import type { Plan, PlannedDelivery, PlannedItem } from '../cache.types.ts'
import { toDelivery } from '../distribute/delivery.ts'
import { openSession } from '../distribute/distribute.ts'
import { type PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { formatKey } from '../model/names.ts'
import { isFor, type NodeSpec } from '../model/node.ts'
import type { StoreRecord } from '../model/record.ts'
import type { PackageRequest } from '../model/request.ts'
import { bestTrust } from '../model/trust.ts'
import { shownUrl } from '../net/shown-url.ts'
import { declaredRequests, requestKey, resolveRequest } from '../resolve/resolve.ts'
import { callScope, presentable, type RunContext } from './context.ts'
import { knownRecord, type RequestIndex, requestIndex } from './item.ts'
import { exitCode } from './run.ts'

interface Looked {
  readonly item: PlannedItem
  readonly record?: StoreRecord
  readonly error?: PkgcacheError
}

/** What `runAll` would do: resolves, asks for sizes, compares nodes; writes nothing. */
export async function planAll(
  requests: readonly PackageRequest[],
  nodes: readonly NodeSpec[],
  run: RunContext,
): Promise<Plan> {
  const known = await requestIndex(run)
  const looked = await Promise.all(
    (await declaredRequests(run, requests)).map((request) => lookAt(request, known, run)),
  )
  const perNode = await Promise.all(
    nodes.map((node) => run.limiters.nodes.run(run.signal, () => lookAtNode(node, looked, run))),
  )
  const deliveries = perNode.flatMap((node) => node.deliveries)
  const errors = [...looked.flatMap(({ error }) => error ?? []), ...perNode.flatMap((node) => node.errors)]
  return {
    store: run.store.layout.root,
    items: looked.map(({ item }) => item),
    deliveries,
    downloadBytes: looked.reduce((sum, { item }) => sum + (item.downloadBytes ?? 0), 0),
    exitCode: exitCode(errors),
  }
}

async function lookAt(request: PackageRequest, known: RequestIndex, run: RunContext): Promise<Looked> {
  const key = requestKey(request)
  const locked = run.lock && { locked: run.lock.entryOf(request) !== undefined }
  try {
    const record = await knownRecord(request, known, run)
    if (record) return { item: { key, action: 'cached', trust: record.trust, ...locked }, record }
    const resolved = await resolveRequest(request, run)
    const [url] = resolved.urls
    const size =
      resolved.size ??
      (await run.client
        .helper(callScope(run))
        .size(url, resolved.headers ? { headers: resolved.headers } : {}))
    const trust = bestTrust([
      'tofu',
      ...resolved.digests.map(({ origin }) => (origin === 'checksum-file' ? origin : 'pinned')),
    ])
    const shown = run.redactor.mask(shownUrl(url))
    const item = { key: resolved.key, action: 'fetch', url: shown, trust, ...locked } as const
    return { item: size === undefined ? item : { ...item, downloadBytes: size } }
  } catch (thrown) {
    const error = presentable(toPkgcacheError(thrown), run, { item: formatKey(key) })
    return { item: { key, action: 'failed', error: plain(error), ...locked }, error }
  }
}

function plain({ code, message, hint }: PkgcacheError): NonNullable<PlannedItem['error']> {
  return { code, message, ...(hint !== undefined && { hint }) }
}

async function lookAtNode(
  node: NodeSpec,
  looked: readonly Looked[],
  run: RunContext,
): Promise<{ deliveries: PlannedDelivery[]; errors: PkgcacheError[] }> {
  const wanted = looked.filter(({ item }) => item.action !== 'failed' && isFor(node, item.key))
  if (wanted.length === 0) return { deliveries: [], errors: [] }
  try {
    const session = await openSession(node, run)
    try {
      const deliveries: PlannedDelivery[] = []
      for (const { item, record } of wanted) {
        if (record === undefined) {
          deliveries.push({ node: node.name, key: item.key, action: 'unknown' })
          continue
        }
        const ctx = run.host.context('distribute', callScope(run))
        const state = await session.check(toDelivery(record, run), ctx)
        deliveries.push({
          node: node.name,
          key: item.key,
          action: state === 'present' ? 'present' : 'send',
          bytes: record.size,
        })
      }
      return { deliveries, errors: [] }
    } finally {
      await session.close()
    }
  } catch (thrown) {
    const error = presentable(toPkgcacheError(thrown, 'E_NODE'), run, {
      stage: 'distribute',
      item: `node ${node.name}`,
    })
    const failed = wanted.map(
      ({ item }) => ({ node: node.name, key: item.key, action: 'failed', error: plain(error) }) as const,
    )
    return { deliveries: failed, errors: [error] }
  }
}
