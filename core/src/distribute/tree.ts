/** How many nodes are asked to send a record to a node, before this machine does it itself. */
const MOST_RELAYS = 2
/** A node that fails this often in a row is not asked any more. */
const MOST_FAILURES = 2
/** When so many transfers between nodes failed and none succeeded, nodes cannot reach each other. */
const HOPELESS = 4

/** Leave to bring one record to one node. */
export interface Lease<N> {
  /** The node that is to send it; undefined: this machine. */
  readonly from: N | undefined
  /** How it ended: the receiver holds the record now, or not. One that failed may still come to hold it. */
  end(holds: boolean): void
}

interface Waiter<N> {
  readonly node: N
  readonly tried: ReadonlySet<N>
  readonly grant: (lease: Lease<N>) => void
}

interface Holder {
  serving: number
  /** Since it last succeeded. */
  failures: number
}

interface Source<N> {
  readonly from: N | undefined
}

/**
 * Who sends one record to whom: this machine to `fanout` nodes, each node that holds it to `fanout` others at a time.
 * The others wait, but only as long as somebody may come to serve them; this machine does it where there is no hope
 * of that. So every node is served, and when nothing fails this machine sends the record `fanout` times at most.
 */
export class Tree<N> {
  readonly #fanout: number
  readonly #holders = new Map<N, Holder>()
  #waiting: Waiter<N>[] = []
  /** Leases of this machine that are under way or ended well. */
  #direct = 0
  #underWay = 0
  #relayed = 0
  #failedRelays = 0

  constructor(fanout: number) {
    this.#fanout = fanout
  }

  /** A node that holds the record, wherever it has it from. */
  hold(node: N): void {
    if (!this.#holders.has(node)) this.#holders.set(node, { serving: 0, failures: 0 })
    this.#match()
  }

  /**
   * Waits until it is the node's turn.
   * @param tried those that failed to send it to this node
   * @throws the signal's reason
   */
  async take(node: N, tried: ReadonlySet<N>, signal: AbortSignal): Promise<Lease<N>> {
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiter)
        reject(signal.reason)
      }
      const grant = (lease: Lease<N>) => {
        signal.removeEventListener('abort', leave)
        resolve(lease)
      }
      const waiter = { node, tried, grant }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(waiter)
      this.#match()
    })
  }

  #match(): void {
    for (const waiter of this.#waiting) {
      const source = this.#sourceFor(waiter)
      if (source === undefined) continue
      this.#waiting = this.#waiting.filter((one) => one !== waiter)
      waiter.grant(this.#lease(waiter.node, source))
    }
  }

  /** Undefined: it has to wait. */
  #sourceFor({ tried }: Waiter<N>): Source<N> | undefined {
    const isHopeless = this.#relayed === 0 && this.#failedRelays >= HOPELESS
    if (isHopeless || tried.size >= MOST_RELAYS) return { from: undefined }
    const eligible = [...this.#holders].filter(([node]) => !tried.has(node))
    const [free] = eligible
      .filter(([, holder]) => holder.serving < this.#fanout)
      .sort(([, a], [, b]) => a.serving - b.serving)
    if (free !== undefined) return { from: free[0] }
    if (this.#direct < this.#fanout) return { from: undefined }
    return eligible.length > 0 || this.#underWay > 0 ? undefined : { from: undefined }
  }

  #lease(node: N, { from }: Source<N>): Lease<N> {
    const holder = from === undefined ? undefined : this.#holders.get(from)
    if (holder) holder.serving++
    else this.#direct++
    this.#underWay++
    let isOver = false
    const end = (holds: boolean) => {
      if (!isOver) {
        this.#underWay--
        if (holder && from !== undefined) this.#relayEnded(from, holder, holds)
        else if (!holds) this.#direct--
      }
      isOver = true
      if (holds) this.hold(node)
      else this.#match()
    }
    return { from, end }
  }

  #relayEnded(from: N, holder: Holder, isGood: boolean): void {
    holder.serving--
    holder.failures = isGood ? 0 : holder.failures + 1
    if (isGood) this.#relayed++
    else this.#failedRelays++
    if (holder.failures >= MOST_FAILURES) this.#holders.delete(from)
  }
}
