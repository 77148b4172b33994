import { type PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { keyId, type PackageKey } from '../model/names.ts'
import type { NodeFile } from '../model/node.ts'
import type { PackageRequest } from '../model/request.ts'
import type { NodeRemoval, NodeResult } from '../model/run.ts'
import type { RunContext } from '../run/context.ts'
import { placedOnNode } from '../store/layout.ts'
import { takes } from './choose.ts'
import type { Link } from './link.ts'
import { isAvailable, type Ready, readyKey } from './ready.ts'
import { atNode } from './results.ts'

/** A request of the config, and what it stands for. */
export interface Declared {
  readonly request: PackageRequest
  /** Undefined: nobody knows just now, so that it accounts for every version. */
  readonly key: PackageKey | undefined
}

export interface PruneTask {
  readonly arch: string | undefined
  /** Everything the run was to bring, to whatever node. */
  readonly entries: readonly Ready[]
  /** What became of it on this node. */
  readonly deliveries: readonly NodeResult[]
  readonly declared: readonly Declared[]
}

interface Pruned {
  readonly removals: readonly NodeRemoval[]
  readonly errors: readonly PkgcacheError[]
}

/**
 * Removes from a node what pkgcache put there and no declared request accounts for. Nothing where a delivery failed:
 * the old version may be what the node lives on. Never throws.
 */
export async function pruneNode(link: Link, task: PruneTask, run: RunContext): Promise<Pruned> {
  const isWell = ({ state }: NodeResult) => state === 'sent' || state === 'present' || state === 'fallback'
  if (!task.deliveries.every(isWell) || run.signal.aborted) return { removals: [], errors: [] }
  const { node } = link
  const removals: NodeRemoval[] = []
  try {
    for (const { remotePath, size } of await obsolete(link, task, run)) {
      await link.attempt(async (opened) => opened.session.remove?.(remotePath, link.context(opened)))
      removals.push({ node: node.name, remotePath, bytes: size })
    }
    return { removals, errors: [] }
  } catch (thrown) {
    return { removals, errors: [atNode(node, toPkgcacheError(thrown, 'E_NODE'), run)] }
  }
}

async function obsolete(link: Link, task: PruneTask, run: RunContext): Promise<NodeFile[]> {
  const files = await link.attempt(async (opened) => {
    const { session, plugin } = opened
    if (session.list && session.remove) return session.list(link.context(opened))
    run.log('warn', 'distribute', `node ${link.node.name}: ${plugin} removes nothing from nodes`)
    return []
  })
  const isAccounted = accountFor(link, task)
  return files.filter(({ remotePath, delivered }) => {
    const key = placedOnNode(remotePath)?.key
    return delivered && key !== undefined && !isAccounted(key)
  })
}

/** What may not go, whoever put it there. */
function accountFor(
  link: Link,
  { arch, entries, deliveries, declared }: PruneTask,
): (key: PackageKey) => boolean {
  const failedItems = entries.filter((entry) => !isAvailable(entry)).map((entry) => readyKey(entry).name)
  const fallenBack = deliveries.flatMap(({ state, key }) => (state === 'fallback' ? [key.name] : []))
  const meant = declared.filter(({ request, key }) =>
    takes(link.node, arch, { ...request, arch: key?.arch ?? request.arch }),
  )
  const unknown = meant.flatMap(({ request, key }) => (key === undefined ? [request.name] : []))
  const names = new Set([...failedItems, ...fallenBack, ...unknown])
  const delivered = deliveries.map(({ key }) => keyId(key))
  const keys = new Set([...delivered, ...meant.flatMap(({ key }) => (key ? [keyId(key)] : []))])
  return (key) => names.has(key.name) || keys.has(keyId(key))
}
