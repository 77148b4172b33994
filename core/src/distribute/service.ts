import { type PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { keyId } from '../model/names.ts'
import type { NodeTask } from '../model/node.ts'
import type { NodeRemoval, NodeResult } from '../model/run.ts'
import type { RunContext } from '../run/context.ts'
import { Limiter } from '../run/scheduler.ts'
import { recordKey } from '../store/records.ts'
import { applyOnNode, fallBack, isWorthFallback } from './after.ts'
import { takes } from './choose.ts'
import { toDelivery } from './delivery.ts'
import type { Failures } from './failures.ts'
import type { Forest, Transfer } from './forest.ts'
import type { Link, Opened } from './link.ts'
import { type Declared, pruneNode } from './prune.ts'
import { type Available, aim, isAvailable, type Ready, readyKey } from './ready.ts'
import type { ReadyList } from './ready-list.ts'
import { failedResult, fallbackResult, type Placed, placedResult, skippedResult } from './results.ts'
import { Slot } from './slot.ts'

// deliveries to one node that share its connection: while one waits for its digest, another sends
const PER_NODE = 3

/** What the nodes of one run have in common. */
export interface Stand {
  readonly run: RunContext
  readonly ready: ReadyList<Ready>
  readonly failures: Failures
  /** Absent: this machine sends everything. */
  readonly forest: Forest | undefined
  /** What the config accounts for on nodes, asked at the end; undefined: nothing is removed from them. */
  readonly declared: (() => Promise<readonly Declared[]>) | undefined
}

/** What became of one node, or of all. */
export interface Served {
  readonly deliveries: readonly NodeResult[]
  readonly removals: readonly NodeRemoval[]
  /** Failures that belong to no delivery. */
  readonly errors: readonly PkgcacheError[]
}

interface Job {
  readonly entry: Ready
  readonly result: Promise<NodeResult | undefined>
}

/** Everything one node is to get, as it becomes ready. */
export class Service {
  readonly #link: Link
  readonly #stand: Stand
  readonly #run: RunContext
  readonly #limiter = new Limiter(PER_NODE)
  readonly #slot: Slot
  /** By key: a record goes to a node once, however many requests lead to it. */
  readonly #jobs = new Map<string, Job>()
  /** What was asked for by `onNode` and tried, by key and task. */
  readonly #applied = new Set<string>()
  #isBegun = false

  constructor(link: Link, stand: Stand) {
    this.#link = link
    this.#stand = stand
    this.#run = stand.run
    this.#slot = new Slot(stand.run.limiters.nodes, stand.run.signal)
  }

  /** Connects when there is something for the node, and not before its turn. Never throws. */
  async serve(): Promise<Served> {
    const { limiters, signal } = this.#run
    try {
      if (!(await this.#isWanted())) return { deliveries: [], removals: [], errors: [] }
      return await limiters.connections.run(signal, () => this.#serve())
    } catch (thrown) {
      return { deliveries: await this.#allFailed(thrown), removals: [], errors: [] }
    }
  }

  #wants(entry: Ready, arch: string | undefined): boolean {
    const isMatter =
      isAvailable(entry) || (entry.request.fallback !== undefined && isWorthFallback(entry.error))
    return isMatter && takes(this.#link.node, arch, aim(entry))
  }

  async #isWanted(): Promise<boolean> {
    const { ready, declared } = this.#stand
    if (declared !== undefined) return true
    for await (const entry of ready) if (this.#wants(entry, this.#link.node.arch)) return true
    return false
  }

  /** The run was cancelled while the node waited for its turn. */
  async #allFailed(thrown: unknown): Promise<NodeResult[]> {
    const { node } = this.#link
    const failed = new Map<string, NodeResult>()
    for await (const entry of this.#stand.ready)
      if (isAvailable(entry) && this.#wants(entry, node.arch))
        failed.set(keyId(readyKey(entry)), failedResult(node, entry, thrown, this.#run))
    for (const result of failed.values()) this.#run.emit({ type: 'delivery', result })
    return [...failed.values()]
  }

  async #serve(): Promise<Served> {
    const { failures, ready, forest, declared } = this.#stand
    const { node } = this.#link
    const arch = failures.areTooMany ? node.arch : await this.#link.arch()
    const all: Ready[] = []
    for await (const entry of ready) {
      all.push(entry)
      if (this.#wants(entry, arch)) this.#add(entry)
    }
    this.#tellOtherArch(all, arch)
    const settled = await Promise.all([...this.#jobs.values()].map(({ result }) => result))
    const deliveries = settled.filter((result) => result !== undefined)
    const mayPrune = declared !== undefined && this.#mayBegin()
    const pruned = mayPrune
      ? await pruneNode(this.#link, { arch, entries: all, deliveries, declared: await declared() }, this.#run)
      : { removals: [], errors: [] }
    // in a tree, it may have to serve others
    if (forest === undefined) await this.#link.close()
    return { deliveries, ...pruned }
  }

  #tellOtherArch(entries: readonly Ready[], arch: string | undefined): void {
    const { node } = this.#link
    const meant = entries.filter((entry) => this.#wants(entry, node.arch))
    if (arch === undefined || this.#jobs.size > 0 || meant.length === 0) return
    const arches = [...new Set(meant.map((entry) => readyKey(entry).arch))].join(', ')
    const text = `node ${node.name} is ${arch}, but what is meant for it is ${arches}: it gets nothing`
    this.#run.log('warn', 'distribute', text)
  }

  /** Once begun, a node is served to its end. */
  #mayBegin(): boolean {
    this.#isBegun ||= !this.#stand.failures.areTooMany
    return this.#isBegun
  }

  #add(entry: Ready): void {
    const id = keyId(readyKey(entry))
    const before = this.#jobs.get(id)
    if (before === undefined)
      this.#jobs.set(id, { entry, result: this.#settle(() => this.#place(entry), entry) })
    else if (isAvailable(before.entry)) this.#jobs.set(id, { ...before, result: this.#also(before, entry) })
    else {
      const result = before.result.then(() => this.#settle(() => this.#place(entry), entry))
      this.#jobs.set(id, { entry, result })
    }
  }

  /** Runs work for an entry, makes whatever is thrown its result, and tells of it. */
  async #settle(work: () => Promise<NodeResult | undefined>, entry: Ready): Promise<NodeResult | undefined> {
    const result = await work().catch((thrown: unknown) => this.#otherwise(entry, thrown))
    if (result?.state === 'failed') this.#stand.failures.add(this.#link.node.name)
    if (result) this.#run.emit({ type: 'delivery', result })
    return result
  }

  async #place(entry: Ready): Promise<NodeResult | undefined> {
    const { forest } = this.#stand
    if (!isAvailable(entry)) {
      if (!this.#mayBegin()) return undefined
      throw entry.error
    }
    // who cannot be reached takes no place from those who can
    await this.#link.session()
    const work = () => this.#limiter.run(this.#run.signal, () => this.#placeNow(entry))
    return forest ? work() : this.#slot.run(work)
  }

  async #placeNow(entry: Available): Promise<NodeResult> {
    const { node } = this.#link
    const { forest } = this.#stand
    const transfer = this.#transfer(entry)
    const direct = () => (this.#mayBegin() ? transfer.send() : undefined)
    try {
      const placed = await (forest ? forest.bring(transfer) : direct())
      if (placed === undefined) return skippedResult(node, entry)
      const { onNode } = entry.request
      return placedResult(node, entry, placed, onNode && (await this.#apply(entry, onNode)))
    } catch (thrown) {
      this.#count(entry, thrown)
      throw thrown
    }
  }

  /** Counts a failure that nothing can mend any more before its place is given to another node. */
  #count(entry: Ready, thrown: unknown): void {
    if (!this.#hasFallback(entry, toPkgcacheError(thrown, 'E_NODE')))
      this.#stand.failures.add(this.#link.node.name)
  }

  #hasFallback(entry: Ready, reason: PkgcacheError): boolean {
    return entry.request.fallback !== undefined && !this.#run.signal.aborted && isWorthFallback(reason)
  }

  #transfer(entry: Available): Transfer {
    const { record } = entry
    const [link, delivery, item] = [this.#link, toDelivery(record, this.#run), recordKey(record)]
    let most = 0
    const progress = ({ done }: { readonly done: number }) => {
      // what is sent once more is no progress
      if (done > most) link.advance()
      most = Math.max(most, done)
      this.#run.emit({ type: 'node-progress', node: link.node.name, item, done, total: delivery.size })
    }
    const place = async (opened: Opened): Promise<Placed> => {
      await this.#slot.ready()
      return opened.session.place(delivery, link.context(opened, progress))
    }
    return {
      link,
      record,
      delivery,
      progress,
      mayBegin: () => this.#mayBegin(),
      send: (lost) =>
        this.#slot.run(() =>
          link
            .attempt(place, () => this.#onLost(lost))
            .catch((thrown: unknown) => {
              this.#count(entry, thrown)
              throw thrown
            }),
        ),
    }
  }

  /** While it is connected to again, a node takes no place from others. */
  #onLost(lost?: () => void): void {
    if (this.#link.opened === undefined) this.#slot.rest()
    lost?.()
  }

  #apply(entry: Available, task: NodeTask): Promise<'present' | 'done'> {
    this.#applied.add(taskId(entry, task))
    const turn = { ready: () => this.#slot.ready(), lost: () => this.#onLost() }
    return applyOnNode(this.#link, entry, task, turn, this.#run)
  }

  /** Another request led to a record that the node has, or gets: only what is asked for beyond that is done. */
  async #also(before: Job, entry: Ready): Promise<NodeResult | undefined> {
    const result = await before.result
    const task = entry.request.onNode
    if (!isAvailable(entry) || task === undefined || this.#applied.has(taskId(entry, task))) return result
    if (result?.state !== 'sent' && result?.state !== 'present') return result
    return this.#settle(async () => {
      const now = await this.#limiter.run(this.#run.signal, () => this.#apply(entry, task))
      return { ...result, onNode: result.onNode === 'done' ? 'done' : now }
    }, entry)
  }

  /** An entry that could not be delivered: its fallback, or a failure. */
  async #otherwise(entry: Ready, thrown: unknown): Promise<NodeResult> {
    const { node } = this.#link
    const { fallback = '' } = entry.request
    const reason = toPkgcacheError(thrown, 'E_NODE')
    if (!this.#hasFallback(entry, reason)) return failedResult(node, entry, reason, this.#run)
    try {
      await this.#limiter.run(this.#run.signal, () => fallBack(this.#link, fallback, readyKey(entry), reason))
      return fallbackResult(node, entry, reason, this.#run)
    } catch (late) {
      return failedResult(node, entry, late, this.#run)
    }
  }
}

function taskId(entry: Available, task: NodeTask): string {
  return JSON.stringify([keyId(readyKey(entry)), task])
}
