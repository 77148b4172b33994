import { serveNode, sortDeliveries } from '../distribute/distribute.ts'
import { ReadyList } from '../distribute/ready-list.ts'
import { type PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { keyId } from '../model/names.ts'
import type { NodeSpec } from '../model/node.ts'
import type { StoreRecord } from '../model/record.ts'
import type { PackageRequest } from '../model/request.ts'
import type { ItemResult, NodeResult, RunResult } from '../model/run.ts'
import { writeReports } from '../report/reports.ts'
import { declaredRequests, requestKey } from '../resolve/resolve.ts'
import { callScope, presentable, type RunContext } from './context.ts'
import { cachedItem, processItem, requestIndex, upToDate } from './item.ts'

/** What one run is to do. */
export interface RunTask {
  readonly requests: readonly PackageRequest[]
  readonly nodes: readonly NodeSpec[]
  /** False takes only what is cached. */
  readonly fetch: boolean
  /** False leaves the reports alone. */
  readonly report: boolean
}

/** All stages over all items. @throws E_STORE before anything is done, else everything is in the result */
export async function runAll(task: RunTask, run: RunContext): Promise<RunResult> {
  const startedAt = new Date().toISOString()
  await run.parts.clear(async () => {
    const records = [...(await run.store.load()).values()]
    return new Set(records.map((record) => record.source_sha256))
  })
  const requests = withoutRepeats(await declaredRequests(run, task.requests))
  run.emit({ type: 'items', items: requests.map(requestKey), nodes: task.nodes })
  const { items, deliveries } = await throughTheStages(requests, task, run)
  await finishIndex(items, run)
  return report({ startedAt, items: items.map(meantFor(requests)), deliveries, task }, run)
}

/** Results stand in the order of their requests. */
function meantFor(requests: readonly PackageRequest[]): (item: ItemResult, index: number) => ItemResult {
  return (item, index) => {
    const to = requests[index]?.to
    return to === undefined ? item : { ...item, to }
  }
}

function withoutRepeats(requests: readonly PackageRequest[]): PackageRequest[] {
  const byText = new Map(requests.map((request) => [JSON.stringify(request), request]))
  return [...byText.values()]
}

/** Nodes are served while other items are still being fetched. */
async function throughTheStages(
  requests: readonly PackageRequest[],
  task: RunTask,
  run: RunContext,
): Promise<{ items: ItemResult[]; deliveries: NodeResult[] }> {
  const ready = new ReadyList<StoreRecord>()
  const serving = Promise.all(
    task.nodes.map((node) =>
      run.limiters.nodes.run(run.signal, () => serveNode(node, ready, run)).catch(() => []),
    ),
  )
  const known = await requestIndex(run)
  const tell = (result: ItemResult) => {
    run.emit({ type: 'item', result })
    if (result.state !== 'failed') ready.push(result.record)
    return result
  }
  const work = task.fetch ? processItem : cachedItem
  const items = await Promise.all(
    requests.map((request) => {
      const present = upToDate(request, known, run)
      return present ? tell(present) : work(request, known, run).then(tell)
    }),
  )
  ready.close()
  return { items, deliveries: sortDeliveries((await serving).flat(), task.nodes) }
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
  readonly deliveries: readonly NodeResult[]
  readonly task: RunTask
}

async function report({ startedAt, items, deliveries, task }: Outcome, run: RunContext): Promise<RunResult> {
  const result = {
    startedAt,
    finishedAt: new Date().toISOString(),
    store: run.store.layout.root,
    items,
    nodes: task.nodes,
    deliveries,
    removals: [],
    errors: [] as PkgcacheError[],
    unchanged:
      items.every((item) => item.state === 'cached') && deliveries.every(({ state }) => state === 'present'),
    exitCode: exitCode([...items, ...deliveries].flatMap((entry) => ('error' in entry ? [entry.error] : []))),
  }
  if (!task.report || run.signal.aborted) return { ...result, reports: [] }
  const written = await writeReports(result, run)
  const complete = { ...result, ...written, exitCode: result.exitCode || exitCode(written.errors) }
  const late = await done(complete, run)
  return { ...complete, errors: [...written.errors, ...late], exitCode: complete.exitCode || exitCode(late) }
}

async function done(result: RunResult, run: RunContext): Promise<PkgcacheError[]> {
  try {
    await run.host.series('done', result, callScope(run))
    return []
  } catch (thrown) {
    return [presentable(toPkgcacheError(thrown), run)]
  }
}

/** DESIGN 7: cancelled, then failed verification, then any failure. */
export function exitCode(errors: readonly PkgcacheError[]): number {
  if (errors.some((error) => error.code === 'E_ABORTED')) return 130
  if (errors.some((error) => error.exitCode === 3)) return 3
  return errors.length > 0 ? 1 : 0
}
