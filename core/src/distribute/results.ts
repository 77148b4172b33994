import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { keyId } from '../model/names.ts'
import type { NodeSpec, Placement } from '../model/node.ts'
import type { NodeResult } from '../model/run.ts'
import { presentable, type RunContext } from '../run/context.ts'
import { remotePath } from '../store/layout.ts'
import { type Available, isAvailable, type Ready, readyKey } from './ready.ts'

/** How a node came by a record. */
export interface Placed extends Placement {
  /** Name of the node that sent it. */
  readonly via?: string
}

function pathOf({ record }: Available): string {
  return remotePath(record, record.file)
}

export function placedResult(
  node: NodeSpec,
  entry: Available,
  { state, sentBytes, via }: Placed,
  onNode?: 'present' | 'done',
): NodeResult {
  return {
    node: node.name,
    key: readyKey(entry),
    state,
    remotePath: pathOf(entry),
    sentBytes,
    ...(via !== undefined && { via }),
    ...(onNode !== undefined && { onNode }),
  }
}

export function skippedResult(node: NodeSpec, entry: Available): NodeResult {
  return { node: node.name, key: readyKey(entry), state: 'skipped', remotePath: pathOf(entry) }
}

export function fallbackResult(
  node: NodeSpec,
  entry: Ready,
  reason: PkgcacheError,
  run: RunContext,
): NodeResult {
  const path = isAvailable(entry) && { remotePath: pathOf(entry) }
  const error = atNode(node, reason, run)
  return { node: node.name, key: readyKey(entry), state: 'fallback', ...path, error }
}

export function failedResult(node: NodeSpec, entry: Ready, thrown: unknown, run: RunContext): NodeResult {
  const error = run.signal.aborted
    ? new PkgcacheError('E_ABORTED', 'cancelled')
    : toPkgcacheError(thrown, 'E_NODE')
  const path = isAvailable(entry) && { remotePath: pathOf(entry) }
  return { node: node.name, key: readyKey(entry), state: 'failed', ...path, error: atNode(node, error, run) }
}

/** An error as it may leave pkgcache, with the node it belongs to. */
export function atNode(node: NodeSpec, error: PkgcacheError, run: RunContext): PkgcacheError {
  return presentable(error, run, { stage: 'distribute', item: `node ${node.name}` })
}

/** Results in the order of the nodes, then of the keys. */
export function sortDeliveries(results: readonly NodeResult[], nodes: readonly NodeSpec[]): NodeResult[] {
  const place = new Map(nodes.map((node, index) => [node.name, index]))
  const rank = (result: NodeResult) => place.get(result.node) ?? 0
  return [...results].sort((a, b) => rank(a) - rank(b) || (keyId(a.key) < keyId(b.key) ? -1 : 1))
}
