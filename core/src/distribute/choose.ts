import { isMachine, isSameMachine } from '../model/arch.ts'
import { isFor, type NodeSpec } from '../model/node.ts'
import type { PackageRequest } from '../model/request.ts'
import { idlePatterns, isChosen } from '../model/select.ts'
import type { RunContext } from '../run/context.ts'

/**
 * Whether a node gets what a request leads to: it is chosen by `to`, and the arch is its own.
 * @param arch what the node said, where none is declared; undefined takes all
 */
export function takes(
  node: NodeSpec,
  arch: string | undefined,
  request: Pick<PackageRequest, 'to' | 'arch'>,
): boolean {
  return isChosen(node, request.to ?? []) && suits(node, arch, request)
}

function suits(node: NodeSpec, arch: string | undefined, artifact: { readonly arch: string }): boolean {
  if (node.arch !== undefined) return isFor(node, artifact)
  // "noarch" and the like are for every machine
  return arch === undefined || !isMachine(artifact.arch) || isSameMachine(arch, artifact.arch)
}

/** Inventories change, so a pattern in `to` that no node matches is no fault; but it may be a slip of the pen. */
export function tellIdlePatterns(
  requests: readonly PackageRequest[],
  nodes: readonly NodeSpec[],
  run: Pick<RunContext, 'log'>,
): void {
  if (nodes.length === 0) return
  const used = new Map<string, Set<string>>()
  for (const { name, to = [] } of requests)
    for (const pattern of to) used.set(pattern, (used.get(pattern) ?? new Set()).add(name))
  for (const pattern of idlePatterns([...used.keys()], nodes)) {
    const names = [...(used.get(pattern) ?? [])].join(', ')
    run.log('warn', 'distribute', `no node matches ${JSON.stringify(pattern)}, which "to" of ${names} names`)
  }
}
