import type { RunOptions } from '../cache.types.ts'
import type { FoundNodes } from '../distribute/inventory.ts'
import { Link } from '../distribute/link.ts'
import type { PackageRequest } from '../model/request.ts'
import type { RunResult } from '../model/run.ts'
import type { AskedFor } from '../resolve/declare.ts'
import type { RunContext } from './context.ts'
import { runAll } from './run.ts'

/** One way through the stages. */
export interface Going {
  /** What is asked for; the nodes may have a say in it. */
  readonly requests: (
    links: readonly Link[],
    run: RunContext,
  ) => readonly PackageRequest[] | Promise<readonly PackageRequest[]>
  readonly report: boolean
  /** Nothing but `requests` is to be done: how they were asked for. Absent: what plugins declare, too. */
  readonly asked?: AskedFor
}

export const NO_NODES: FoundNodes = { all: [], chosen: [] }

/** Goes through the stages, with one connection per node from the first question to the last delivery. */
export async function go(
  { requests, report, asked }: Going,
  { all: inventory, chosen }: FoundNodes,
  { stages, maxFailures, prune, only }: RunOptions,
  run: RunContext,
): Promise<RunResult> {
  const links = chosen.map((node) => new Link(node, run))
  const task = { fetch: stages !== 'distribute', report, maxFailures, prune, only, links, inventory }
  try {
    const wanted = await requests(links, run)
    // what a node is given is of its arch, as far as the node told
    const [arch] = links.flatMap(({ knownArch }) => knownArch ?? [])
    return await runAll({ ...task, requests: wanted, asked: asked && { arch, ...asked } }, run)
  } finally {
    await Promise.all(links.map((link) => link.close()))
  }
}
