import type { Plan, PlannedDelivery, PlannedItem } from '../cache.types.ts'
import { takes, tellIdlePatterns } from '../distribute/choose.ts'
import { toDelivery } from '../distribute/delivery.ts'
import type { FoundNodes } from '../distribute/inventory.ts'
import { Link } from '../distribute/link.ts'
import { atNode } from '../distribute/results.ts'
import { type PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { formatKey, keyId } from '../model/names.ts'
import type { NodeSpec } from '../model/node.ts'
import type { StoreRecord } from '../model/record.ts'
import type { PackageRequest } from '../model/request.ts'
import { bestTrust } from '../model/trust.ts'
import { shownUrl } from '../net/shown-url.ts'
import { declare, onlySections, tellUnlocked } from '../resolve/declare.ts'
import { requestKey, resolveRequest } from '../resolve/resolve.ts'
import { callScope, presentable, type RunContext } from './context.ts'
import { knownRecord, type RequestIndex, requestIndex } from './item.ts'
import { exitCode } from './run.ts'

interface Looked {
  readonly request: PackageRequest
  readonly item: PlannedItem
  readonly record?: StoreRecord
  readonly error?: PkgcacheError
}

/** What `runAll` would do: resolves, asks for sizes, compares nodes; writes nothing. */
export async function planAll(
  requests: readonly PackageRequest[],
  { chosen: nodes, all: inventory }: FoundNodes,
  only: readonly string[] | undefined,
  run: RunContext,
): Promise<Plan> {
  const known = await requestIndex(run)
  const declared = onlySections(await declare(run, requests, { only }), only)
  tellUnlocked(declared.requests, run)
  tellIdlePatterns(declared.requests, inventory, run)
  const looked = await Promise.all(declared.requests.map((request) => lookAt(request, known, run)))
  const perNode = await Promise.all(
    nodes.map((node) => run.limiters.connections.run(run.signal, () => lookAtNode(node, looked, run))),
  )
  const deliveries = perNode.flatMap((node) => node.deliveries)
  const errors = [
    ...declared.errors,
    ...looked.flatMap(({ error }) => error ?? []),
    ...perNode.flatMap((node) => node.errors),
  ]
  return {
    store: run.store.layout.root,
    items: looked.map(({ item }) => item),
    deliveries,
    errors: declared.errors,
    downloadBytes: looked.reduce((sum, { item }) => sum + (item.downloadBytes ?? 0), 0),
    exitCode: exitCode(errors),
  }
}

async function lookAt(request: PackageRequest, known: RequestIndex, run: RunContext): Promise<Looked> {
  const key = requestKey(request)
  const locked = run.lock && { locked: run.lock.entryOf(request) !== undefined }
  try {
    const record = await knownRecord(request, known, run)
    if (record) return { request, item: { key, action: 'cached', trust: record.trust, ...locked }, record }
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
    return { request, item: size === undefined ? item : { ...item, downloadBytes: size } }
  } catch (thrown) {
    const error = presentable(toPkgcacheError(thrown), run, { item: formatKey(key) })
    return { request, item: { key, action: 'failed', error: plain(error), ...locked }, error }
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
  const meant = (arch: string | undefined) => {
    const wanted = looked.filter(
      ({ item: { action, key }, request }) =>
        action !== 'failed' && takes(node, arch, { ...request, arch: key.arch }),
    )
    return [...new Map(wanted.map((one) => [keyId(one.item.key), one])).values()]
  }
  if (meant(node.arch).length === 0) return { deliveries: [], errors: [] }
  const link = new Link(node, run)
  try {
    // a node that cannot be reached has no arch, and says why
    await link.session()
    const deliveries: PlannedDelivery[] = []
    for (const one of meant(await link.arch())) deliveries.push(await compare(one, link, run))
    return { deliveries, errors: [] }
  } catch (thrown) {
    const error = atNode(node, toPkgcacheError(thrown, 'E_NODE'), run)
    const failed = meant(node.arch).map(
      ({ item }) => ({ node: node.name, key: item.key, action: 'failed', error: plain(error) }) as const,
    )
    return { deliveries: failed, errors: [error] }
  } finally {
    await link.close()
  }
}

async function compare({ item, record }: Looked, link: Link, run: RunContext): Promise<PlannedDelivery> {
  const common = { node: link.node.name, key: item.key }
  if (record === undefined) return { ...common, action: 'unknown' }
  const delivery = toDelivery(record, run)
  const state = await link.attempt((opened) => opened.session.check(delivery, link.context(opened)))
  return { ...common, action: state === 'present' ? 'present' : 'send', bytes: record.size }
}
