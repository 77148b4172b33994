import type { Settings } from '../config/settings.ts'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { keyId } from '../model/names.ts'
import type { Delivery } from '../model/node.ts'
import type { StoreRecord } from '../model/record.ts'
import type { PluginContext } from '../plugins/types.ts'
import type { RunContext } from '../run/context.ts'
import type { Link } from './link.ts'
import type { Placed } from './results.ts'
import { type Lease, Tree } from './tree.ts'

/** One record on its way to one node. */
export interface Transfer {
  readonly link: Link
  readonly record: StoreRecord
  readonly delivery: Delivery
  readonly progress: PluginContext['progress']
  /** Asked before anything is changed on the node; false: it is not to be begun any more. */
  readonly mayBegin: () => boolean
  /** Sends it from this machine. @param lost told each time the connection is */
  readonly send: (lost?: () => void) => Promise<Placed>
}

/** The trees of one run: one for each record and each transport whose sessions can relay. */
export class Forest {
  readonly #run: RunContext
  readonly #settings: Settings['distribute']
  readonly #trees = new Map<string, Tree<Link>>()
  /** Pairs of nodes of which it was told that one cannot send to the other. */
  readonly #told = new Set<string>()

  constructor(run: RunContext) {
    this.#run = run
    this.#settings = run.settings.distribute
  }

  /** @returns undefined when the node is not to be begun any more */
  async bring(transfer: Transfer): Promise<Placed | undefined> {
    const { link, record, delivery, mayBegin, send } = transfer
    const tried = new Set<Link>()
    for (;;) {
      // also after a transfer that failed: the connection may be what failed
      const state = await link.attempt((opened) => opened.session.check(delivery, link.context(opened)))
      const tree = await this.#treeFor(link, record)
      if (state === 'present') {
        if (!mayBegin()) return undefined
        tree?.hold(link)
        return { state, sentBytes: 0 }
      }
      if (tree === undefined) return mayBegin() ? send() : undefined
      const lease = await tree.take(link, tried, this.#run.signal)
      if (!mayBegin()) {
        lease.end(false)
        return undefined
      }
      const placed = await (lease.from ? this.#relay(lease.from, lease, transfer) : direct(lease, send))
      if (placed) return placed
      if (lease.from) tried.add(lease.from)
    }
  }

  async #treeFor(link: Link, record: StoreRecord): Promise<Tree<Link> | undefined> {
    const { plugin, session } = await link.session()
    if (session.relay === undefined) return undefined
    const id = `${plugin} ${keyId(record)}`
    const tree = this.#trees.get(id) ?? new Tree<Link>(this.#settings.fanout)
    this.#trees.set(id, tree)
    return tree
  }

  /** @returns undefined when that node cannot: another way is to be found */
  async #relay(from: Link, lease: Lease<Link>, transfer: Transfer): Promise<Placed | undefined> {
    const { link, delivery, progress } = transfer
    try {
      const { identityFile } = this.#settings
      const holder = from.opened
      if (holder?.session.relay === undefined)
        throw new PkgcacheError('E_NODE_LOST', 'its connection was lost')
      const { session } = await link.session()
      const task = { to: session, ...(identityFile !== undefined && { identityFile }) }
      const { state } = await holder.session.relay(delivery, task, from.context(holder, progress))
      lease.end(true)
      return { state, sentBytes: 0, ...(state === 'sent' && { via: from.node.name }) }
    } catch (thrown) {
      lease.end(false)
      if (this.#run.signal.aborted) throw thrown
      this.#tell(from, link, toPkgcacheError(thrown, 'E_NODE'))
      return undefined
    }
  }

  #tell(from: Link, to: Link, { code, message }: PkgcacheError): void {
    const pair = JSON.stringify([from.node.name, to.node.name])
    if (this.#told.has(pair)) return
    this.#told.add(pair)
    const text = `node ${from.node.name} could not send to ${to.node.name}: ${code}: ${message}`
    this.#run.log('warn', 'distribute', `${text}; another way is taken`)
  }
}

/** A node whose connection is lost must not keep those waiting that count on it. */
async function direct(lease: Lease<Link>, send: Transfer['send']): Promise<Placed> {
  try {
    const placed = await send(() => lease.end(false))
    lease.end(true)
    return placed
  } catch (error) {
    lease.end(false)
    throw error
  }
}
