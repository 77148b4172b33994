import { keyId, type PackageKey } from '../model/names.ts'
import { isFor, type NodeSpec } from '../model/node.ts'
import type { ItemResult, NodeResult, RunResult } from '../model/run.ts'
import { isChosen } from '../model/select.ts'
import { fault } from './fault.ts'
import { packageSortKey, sortedBy } from './order.ts'
import type { ReportDelivery, ReportNode, ReportNodeState } from './types.ts'

export function keyParts({ name, version, platform, arch }: PackageKey): PackageKey {
  return { name, version, platform, arch }
}

/** One package of the run, and whom it is for. */
interface Column {
  readonly key: PackageKey
  /** Patterns of each request for it; undefined: all nodes. */
  readonly to: (readonly string[] | undefined)[]
}

/** Everything requested or delivered, once, in the order of the packages. */
function columns(items: readonly ItemResult[], deliveries: readonly NodeResult[]): [string, Column][] {
  const byId = new Map<string, Column>()
  for (const { key, to } of items) {
    const known = byId.get(keyId(key))
    if (known === undefined) byId.set(keyId(key), { key, to: [to] })
    else known.to.push(to)
  }
  for (const { key } of deliveries) if (!byId.has(keyId(key))) byId.set(keyId(key), { key, to: [undefined] })
  return sortedBy([...byId], ([, { key }]) => packageSortKey(key))
}

/** Why a node has no result for a package. */
function stateWithout({ key, to }: Column, node: NodeSpec): ReportNodeState {
  if (!isFor(node, key)) return 'other-arch'
  return to.some((patterns) => patterns === undefined || isChosen(node, patterns)) ? 'absent' : 'other-nodes'
}

function deliveryRow(column: Column, node: NodeSpec, result: NodeResult | undefined): ReportDelivery {
  const key = keyParts(column.key)
  if (result === undefined) return { ...key, state: stateWithout(column, node), sent_bytes: 0 }
  const arrived = 'sentBytes' in result ? result : undefined
  return {
    ...key,
    state: result.state,
    ...(result.remotePath === undefined ? {} : { remote_path: result.remotePath }),
    sent_bytes: arrived?.sentBytes ?? 0,
    ...(arrived?.via === undefined ? {} : { via: arrived.via }),
    ...(arrived?.onNode === undefined ? {} : { on_node: arrived.onNode }),
    ...('error' in result ? { error: fault(result.error) } : {}),
  }
}

/** What each node got, in the order of the config. */
export function nodeRows({ nodes, items, deliveries, removals }: RunResult): ReportNode[] {
  const byNode = new Map<string, Map<string, NodeResult>>()
  for (const delivery of deliveries) {
    const ofNode = byNode.get(delivery.node) ?? new Map<string, NodeResult>()
    byNode.set(delivery.node, ofNode.set(keyId(delivery.key), delivery))
  }
  const all = columns(items, deliveries)
  return nodes.map((node) => {
    const { name, host, arch, root } = node
    const packages = all.map(([id, column]) => deliveryRow(column, node, byNode.get(name)?.get(id)))
    const count = (state: ReportNodeState) => packages.filter((row) => row.state === state).length
    const removed = removals.filter((one) => one.node === name)
    return {
      name,
      ...(host === undefined ? {} : { host }),
      ...(arch === undefined ? {} : { arch }),
      root,
      sent: count('sent'),
      present: count('present'),
      failed: count('failed'),
      fallback: count('fallback'),
      skipped: count('skipped'),
      absent: count('absent'),
      sent_bytes: packages.reduce((sum, row) => sum + row.sent_bytes, 0),
      packages,
      removals: sortedBy(
        removed.map(({ remotePath, bytes }) => ({ remote_path: remotePath, bytes })),
        (one) => one.remote_path,
      ),
    }
  })
}
