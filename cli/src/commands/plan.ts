import { formatBytes, formatKey, keyId, type Plan, type PlannedDelivery } from '@pkgcache/core'
import { showError } from '../render/errors.ts'
import { planDocument } from '../render/json.ts'
import { foldNames } from '../render/ranges.ts'
import { count, oneLine, table } from '../render/text.ts'
import { openConfigured, using } from '../session.ts'
import { defined } from './defined.ts'
import { isFrozen } from './frozen.ts'
import type { Handler, Invocation } from './types.ts'

// a row per package on each of more nodes than these, and the plan is not to be read
const MANY_NODES = 20

export const plan: Handler = async (invocation) => {
  const { require, only, node: nodes } = invocation.options
  const { signal, output } = invocation
  const planned = await using(openConfigured(invocation), (cache) =>
    cache.plan({ signal, frozen: isFrozen(cache, invocation), ...defined({ require, only, nodes }) }),
  )
  if (output.json) output.document(planDocument(planned))
  else show(invocation, planned)
  return planned.exitCode
}

function show({ output }: Invocation, planned: Plan): void {
  for (const error of planned.errors) showError(output, error)
  for (const line of planLines(planned)) output.result(line)
  for (const { key, error } of planned.items) {
    if (error !== undefined) showError(output, { ...error, exitCode: 1, faults: [] }, formatKey(key))
  }
  const told = new Set<string>()
  for (const { node, error } of planned.deliveries) {
    // a node that is down cannot be asked about any package: once is enough
    const same = JSON.stringify([node, error?.code, error?.message])
    if (error !== undefined && !told.has(same))
      showError(output, { ...error, exitCode: 1, faults: [] }, `node ${node}`)
    told.add(same)
  }
}

/** With many nodes, a row for those that get the same in the same way; packages in the order of the plan. */
function folded(
  deliveries: Plan['deliveries'],
  items: Plan['items'],
): [names: string, one: PlannedDelivery][] {
  if (new Set(deliveries.map(({ node }) => node)).size <= MANY_NODES)
    return deliveries.map((one) => [oneLine(one.node), one])
  const alike = new Map<string, { readonly one: PlannedDelivery; readonly names: string[] }>()
  for (const one of deliveries) {
    const id = JSON.stringify([one.key, one.action, one.bytes])
    const known = alike.get(id)
    if (known === undefined) alike.set(id, { one, names: [oneLine(one.node)] })
    else known.names.push(oneLine(one.node))
  }
  const order = new Map(items.map(({ key }, index) => [keyId(key), index]))
  const place = ({ one }: { readonly one: PlannedDelivery }) => order.get(keyId(one.key)) ?? 0
  const rows = [...alike.values()].sort((a, b) => place(a) - place(b))
  return rows.map(({ one, names }) => {
    const label = foldNames(names)
    return [names.length === 1 ? label : `${label} (${names.length})`, one]
  })
}

/** The plan as tables and a last line that sums it up. */
export function planLines({ items, deliveries, downloadBytes, store }: Plan): string[] {
  const size = (bytes: number | undefined) => (bytes === undefined ? '?' : formatBytes(bytes))
  // without a lock file, nobody need be told that nothing is locked
  const held = items.some(({ locked }) => locked !== undefined)
  const packages = items.map(({ key, action, downloadBytes: bytes, trust, locked, url }) => [
    formatKey(key),
    action === 'cached' ? 'up to date' : action,
    action === 'fetch' ? size(bytes) : '',
    trust ?? '',
    ...(held ? [locked ? 'yes' : 'no'] : []),
    oneLine(url ?? ''),
  ])
  const head = ['PACKAGE', 'ACTION', 'SIZE', 'TRUST', ...(held ? ['LOCKED'] : []), 'FROM']
  const nodes = folded(deliveries, items).map(([names, { key, action, bytes }]) => [
    names,
    formatKey(key),
    action === 'present' ? 'up to date' : action === 'unknown' ? 'send' : action,
    action === 'send' || action === 'unknown' ? size(bytes) : '',
  ])
  const fetches = items.filter((item) => item.action === 'fetch').length
  const failed = [...items, ...deliveries].filter(({ action }) => action === 'failed').length
  const sends = deliveries.filter((one) => one.action === 'send' || one.action === 'unknown').length
  return [
    ...(packages.length === 0 ? [] : [...table(head, packages, [2]), '']),
    ...(nodes.length === 0 ? [] : [...table(['NODE', 'PACKAGE', 'ACTION', 'SIZE'], nodes, [3]), '']),
    fetches + sends + failed === 0
      ? `Nothing to do for ${oneLine(store)}.`
      : `${count(fetches, 'package')} to fetch (${formatBytes(downloadBytes)}), ${sends} to send${failed === 0 ? '' : `, ${failed} failed`}. Cache: ${oneLine(store)}`,
  ]
}
