import type { RunOptions } from '../cache.types.ts'
import type { FoundNodes } from '../distribute/inventory.ts'
import { Link } from '../distribute/link.ts'
import type { PackageRequest } from '../model/request.ts'
import type { RunResult } from '../model/run.ts'
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
}

export const NO_NODES: FoundNodes = { all: [], chosen: [] }

/** Goes through the stages, with one connection per node from the first question to the last delivery. */
export async function go(
  { requests, report }: Going,
  { all: inventory, chosen }: FoundNodes,
  { stages, maxFailures, prune, only }: RunOptions,
  run: RunContext,
): Promise<RunResult> {
  const links = chosen.map((node) => new Link(node, run))
  const task = { fetch: stages !== 'distribute', report, maxFailures, prune, only, links, inventory }
  try {
    return await runAll({ ...task, requests: await requests(links, run) }, run)
  } finally {
    await Promise.all(links.map((link) => link.close()))
  }
}
