import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { keyId, type PackageKey } from '../model/names.ts'
import { isFor, type NodeSpec } from '../model/node.ts'
import type { StoreRecord } from '../model/record.ts'
import type { NodeResult } from '../model/run.ts'
import type { NodeSession } from '../plugins/types.ts'
import { callScope, presentable, type RunContext } from '../run/context.ts'
import { Limiter } from '../run/scheduler.ts'
import { remotePath } from '../store/layout.ts'
import { toDelivery } from './delivery.ts'
import type { ReadyList } from './ready-list.ts'

// deliveries to one node that share its connection: while one waits for its digest, another sends
const PER_NODE = 3

function keyOf({ name, version, platform, arch }: StoreRecord): PackageKey {
  return { name, version, platform, arch }
}

/** @throws E_TRANSPORT, and what the transport throws */
export async function openSession(node: NodeSpec, run: RunContext): Promise<NodeSession> {
  const answer = await run.host.bail<NodeSession>('distribute', node, callScope(run))
  if (answer) return answer.value
  throw new PkgcacheError('E_TRANSPORT', 'no transport plugin takes this node', {
    hint: `loaded transports: ${run.host.ownersOf('distribute').join(', ') || 'none'}`,
  })
}

/**
 * Everything one node is to get, over one connection, as it becomes ready. The connection is made when there is
 * something to send, and a node that fails is not tried again for the rest of the run.
 */
export async function serveNode(
  node: NodeSpec,
  ready: ReadyList<StoreRecord>,
  run: RunContext,
): Promise<NodeResult[]> {
  const results: Promise<NodeResult>[] = []
  const limiter = new Limiter(PER_NODE)
  let session: Promise<NodeSession> | undefined
  for await (const record of ready) {
    if (!isFor(node, record)) continue
    session ??= openSession(node, run)
    results.push(
      limiter
        .run(run.signal, () => deliver(record, node, session as Promise<NodeSession>, run))
        .catch((thrown) => failed(record, node, thrown, run)),
    )
  }
  const settled = await Promise.all(results)
  await session?.then((open) => open.close()).catch(() => undefined)
  return settled
}

async function deliver(
  record: StoreRecord,
  node: NodeSpec,
  session: Promise<NodeSession>,
  run: RunContext,
): Promise<NodeResult> {
  const key = keyOf(record)
  const delivery = toDelivery(record, run)
  const scope = callScope(run, ({ done }) =>
    run.emit({ type: 'node-progress', node: node.name, item: key, done, total: delivery.size }),
  )
  try {
    const open = await session
    const { state, sentBytes } = await open.place(delivery, run.host.context('distribute', scope))
    const result: NodeResult = { node: node.name, key, state, remotePath: delivery.remotePath, sentBytes }
    run.emit({ type: 'delivery', result })
    return result
  } catch (thrown) {
    return failed(record, node, thrown, run)
  }
}

function failed(record: StoreRecord, node: NodeSpec, thrown: unknown, run: RunContext): NodeResult {
  const error = run.signal.aborted
    ? new PkgcacheError('E_ABORTED', 'cancelled')
    : toPkgcacheError(thrown, 'E_NODE')
  const place = { stage: 'distribute', item: `node ${node.name}` }
  const result: NodeResult = {
    node: node.name,
    key: keyOf(record),
    state: 'failed',
    remotePath: remotePath(record, record.file),
    error: presentable(error, run, place),
  }
  run.emit({ type: 'delivery', result })
  return result
}

/** Results in the order of the nodes, then of the keys. */
export function sortDeliveries(results: readonly NodeResult[], nodes: readonly NodeSpec[]): NodeResult[] {
  const place = new Map(nodes.map((node, index) => [node.name, index]))
  const rank = (result: NodeResult) => place.get(result.node) ?? 0
  return [...results].sort((a, b) => rank(a) - rank(b) || (keyId(a.key) < keyId(b.key) ? -1 : 1))
}
