import { tellIdlePatterns } from '../distribute/choose.ts'
import { distributeAll } from '../distribute/distribute.ts'
import type { Link } from '../distribute/link.ts'
import type { Declared } from '../distribute/prune.ts'
import type { Ready } from '../distribute/ready.ts'
import { ReadyList } from '../distribute/ready-list.ts'
import type { Served } from '../distribute/service.ts'
import { type PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { keyId } from '../model/names.ts'
import type { NodeSpec } from '../model/node.ts'
import type { PackageRequest } from '../model/request.ts'
import { requestDigest } from '../model/request-digest.ts'
import type { ItemResult, NodeResult, RunResult } from '../model/run.ts'
import { writeReports } from '../report/reports.ts'
import {
  type AskedFor,
  type Declared as Declaration,
  declare,
  onlyAsked,
  onlySections,
  purpose,
  tellUnlocked,
} from '../resolve/declare.ts'
import { requestKey } from '../resolve/resolve.ts'
import { recordKey } from '../store/records.ts'
import { callScope, presentable, type RunContext } from './context.ts'
import { cachedItem, processItem, requestIndex, upToDate } from './item.ts'

/** What one run is to do. */
export interface RunTask {
  readonly requests: readonly PackageRequest[]
  /** One per node. */
  readonly links: readonly Link[]
  /** Every node there is, those not chosen too: what patterns in `to` are held against. */
  readonly inventory: readonly NodeSpec[]
  /** False takes only what is cached. */
  readonly fetch: boolean
  /** False leaves the reports alone. */
  readonly report: boolean
  readonly maxFailures?: number | undefined
  /** Sections of toolsets that alone count. */
  readonly only?: readonly string[] | undefined
  /** Nothing but `requests` is to be done: how they were asked for. Absent: what plugins declare, too. */
  readonly asked?: AskedFor | undefined
  /** Removes from nodes what no request of the config accounts for. */
  readonly prune?: boolean | undefined
}

/** All stages over all items. @throws E_STORE before anything is done, else everything is in the result */
export async function runAll(task: RunTask, run: RunContext): Promise<RunResult> {
  const startedAt = new Date().toISOString()
  await run.parts.clear(async () => {
    const records = [...(await run.store.load()).values()]
    return new Set(records.map((record) => record.source_sha256))
  })
  // what is left on nodes is everything that is declared
  const only = task.prune ? undefined : task.only
  const all = await declare(run, task.requests, { only })
  const declared = task.asked ? onlyAsked(all, task.requests, task.asked, run) : onlySections(all, task.only)
  const requests = withoutRepeats(declared.requests)
  tellUnlocked(requests, run)
  tellIdlePatterns(requests, task.inventory, run)
  const nodes = task.links.map(({ node }) => node)
  run.emit({ type: 'items', items: requests.map(requestKey), nodes })
  const lasting = await lastingRequests(all, task, run)
  const { items, served } = await throughTheStages(requests, lasting, task, run)
  await finishIndex(items, run)
  const told = { items: items.map(meantFor(requests)), nodes: task.links.map(asFound) }
  return report({ startedAt, ...told, declared, served, task }, run)
}

/** A node with its arch, where it was asked for it: reports tell by it what was not meant for the node. */
function asFound({ node, knownArch }: Link): NodeSpec {
  return knownArch === undefined ? node : { ...node, arch: knownArch }
}

/** Results stand in the order of their requests. */
function meantFor(requests: readonly PackageRequest[]): (item: ItemResult, index: number) => ItemResult {
  return (item, index) => ({ ...item, ...purpose(requests[index]) })
}

/** What is asked for in two sections is one package; the first one has it. */
function withoutRepeats(requests: readonly PackageRequest[]): PackageRequest[] {
  const byText = new Map<string, PackageRequest>()
  for (const request of requests) {
    const text = JSON.stringify({ ...request, section: undefined })
    if (!byText.has(text)) byText.set(text, request)
  }
  return [...byText.values()]
}

/** Everything declared, chosen or not, that `prune` leaves on nodes; undefined where nothing is to be removed. */
async function lastingRequests(
  all: Declaration,
  { prune, asked }: RunTask,
  run: RunContext,
): Promise<readonly PackageRequest[] | undefined> {
  if (!prune) return undefined
  const { requests, errors } = asked ? await declare(run, run.settings.requests) : all
  if (errors.length === 0) return requests
  // a broken toolset declares nothing just now
  run.log('warn', 'distribute', 'nothing is removed from nodes: what is declared has faults')
  return undefined
}

/** Nodes are served while other items are still being fetched. */
async function throughTheStages(
  requests: readonly PackageRequest[],
  lasting: readonly PackageRequest[] | undefined,
  task: RunTask,
  run: RunContext,
): Promise<{ items: ItemResult[]; served: Served }> {
  const ready = new ReadyList<Ready>()
  const { links, maxFailures } = task
  const declared = lasting && once(() => accountable([...requests, ...lasting], run))
  const serving = distributeAll({ links, ready, maxFailures, declared }, run)
  const known = await requestIndex(run)
  const tell = (request: PackageRequest, result: ItemResult) => {
    run.emit({ type: 'item', result })
    ready.push(result.state === 'failed' ? { request, ...result } : { request, record: result.record })
    return result
  }
  const work = task.fetch ? processItem : cachedItem
  const items = await Promise.all(
    requests.map((request) => {
      const present = upToDate(request, known, run)
      if (present) return tell(request, present)
      return work(request, known, run).then((result) => tell(request, result))
    }),
  )
  ready.close()
  return { items, served: await serving }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= work()
    return made
  }
}

/** What requests come to, as far as the store knows. */
async function accountable(requests: readonly PackageRequest[], run: RunContext): Promise<Declared[]> {
  const known = await requestIndex(run)
  const stored = await run.store.load()
  return requests.map((request) => {
    const record = known.get(requestDigest(request)) ?? stored.get(keyId(requestKey(request)))
    return { request, key: record && recordKey(record) }
  })
}

async function finishIndex(items: readonly ItemResult[], run: RunContext): Promise<void> {
  const used = items.flatMap((item) => (item.state === 'failed' ? [] : [keyId(item.key)]))
  // also after a cancelled run: what was published belongs in the index
  await run.store.flushIndex(AbortSignal.timeout(60_000))
  await run.store.access.touch(used, Date.now())
}

interface Outcome {
  readonly startedAt: string
  readonly items: readonly ItemResult[]
  readonly declared: Declaration
  readonly nodes: readonly NodeSpec[]
  readonly served: Served
  readonly task: RunTask
}

async function report(outcome: Outcome, run: RunContext): Promise<RunResult> {
  const { startedAt, items, declared, nodes, task } = outcome
  const served = { ...outcome.served, errors: [...declared.errors, ...outcome.served.errors] }
  const result = {
    startedAt,
    finishedAt: new Date().toISOString(),
    store: run.store.layout.root,
    items,
    requirements: declared.requirements,
    nodes,
    ...served,
    unchanged: isUnchanged(items, served),
    exitCode: exitCode([...items.flatMap(faultOf), ...served.deliveries.flatMap(faultOf), ...served.errors]),
  }
  if (!task.report || run.signal.aborted) return { ...result, reports: [] }
  const written = await writeReports(result, run)
  const errors = [...served.errors, ...written.errors]
  const complete = { ...result, ...written, errors, exitCode: result.exitCode || exitCode(written.errors) }
  const late = await done(complete, run)
  return { ...complete, errors: [...errors, ...late], exitCode: complete.exitCode || exitCode(late) }
}

/** A node that came by a package in another way is no failure; that the package itself failed is one. */
function faultOf(result: ItemResult | NodeResult): PkgcacheError[] {
  return result.state === 'failed' ? [result.error] : []
}

function isUnchanged(items: readonly ItemResult[], { deliveries, removals, errors }: Served): boolean {
  return (
    items.every(({ state }) => state === 'cached') &&
    deliveries.every((one) => one.state === 'present' && one.onNode !== 'done') &&
    removals.length === 0 &&
    errors.length === 0
  )
}

async function done(result: RunResult, run: RunContext): Promise<PkgcacheError[]> {
  try {
    await run.host.series('done', result, callScope(run))
    return []
  } catch (thrown) {
    const all: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown]
    return all.map((one) => presentable(toPkgcacheError(one), run))
  }
}

/** DESIGN 7: cancelled, then failed verification, then any failure. */
export function exitCode(errors: readonly PkgcacheError[]): number {
  if (errors.some((error) => error.code === 'E_ABORTED')) return 130
  if (errors.some((error) => error.exitCode === 3)) return 3
  return errors.length > 0 ? 1 : 0
}
