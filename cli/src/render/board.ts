import {
  formatBytes,
  formatDuration,
  formatKey,
  type ItemResult,
  keyId,
  type NodeResult,
  type PackageKey,
  type PkgcacheError,
  type RunEvent,
} from '@pkgcache/core'
import { Meter } from './meter.ts'
import { oneLine, shortKey } from './text.ts'

/** One line of the live list. */
export interface Row {
  readonly text: string
  readonly state: 'waiting' | 'active' | 'done' | 'failed'
}

interface Line {
  readonly label: string
  state: Row['state']
  /** What the line says beside its label. */
  note: string
  readonly meter: Meter
}

interface NodeLine extends Line {
  /** Ids of what is on its way to it. */
  readonly flying: Set<string>
  /** How each delivery ended, by id: more may be asked for on the node, and the same delivery is told of again. */
  readonly ended: Map<string, NodeResult['state']>
}

/** What a live list shows, made of run events alone. Draws nothing itself. */
export class Board {
  readonly #now: () => number
  readonly #items = new Map<string, Line & { readonly key: PackageKey }>()
  readonly #renamed = new Map<string, Line>()
  readonly #nodes = new Map<string, NodeLine>()
  #finished = false
  #labelWidth = 0

  constructor(now: () => number) {
    this.#now = now
  }

  apply(event: RunEvent): void {
    if (event.type === 'items') {
      for (const key of event.items)
        this.#add(this.#items, keyId(key), { key, label: formatKey(key), ...this.#fresh() })
      for (const { name } of event.nodes) {
        const counts = { flying: new Set<string>(), ended: new Map<string, NodeResult['state']>() }
        this.#add(this.#nodes, name, { label: `node ${oneLine(name)}`, ...counts, ...this.#fresh() })
      }
    } else if (event.type === 'stage') this.#stage(this.#item(event.item), event.stage)
    else if (event.type === 'progress') {
      this.#progress(this.#item(event.item), event.stage, event.done, event.total)
    } else if (event.type === 'node-progress') {
      const node = this.#nodes.get(event.node)
      node?.flying.add(keyId(event.item))
      this.#progress(node, shortKey(event.item), event.done, event.total)
    } else if (event.type === 'item') this.#itemDone(event.result)
    else if (event.type === 'delivery') this.#delivered(event.result)
  }

  /**
   * Nothing more will come: nodes that had no trouble are done.
   * @param complete false: the run was cut short, and what was not done yet will not be
   */
  finish(complete: boolean): void {
    this.#finished = true
    for (const line of [...this.#items.values(), ...this.#nodes.values()]) {
      if (line.state === 'failed' || line.state === 'done') continue
      const skipped = 'ended' in line && endedAs(line, 'skipped') > 0
      line.state = complete && !skipped ? 'done' : 'failed'
      if (skipped) line.note = `${inPlace(line)}: too many nodes had failed`
      else if (!complete) line.note = 'stopped'
    }
    for (const node of this.#nodes.values()) {
      node.flying.clear()
      if (node.state === 'done') node.note = inPlace(node) || 'nothing to send'
    }
  }

  get size(): number {
    return this.#items.size + this.#nodes.size
  }

  /** Every line, in the order of the configuration. */
  rows(): Row[] {
    return [...this.#items.values(), ...this.#nodes.values()].map((line) => this.#row(line))
  }

  /**
   * Lines of counts, then as much as fits into `capacity` lines of what is active and what failed.
   * Once all is over, the counts alone: what failed is told below them.
   */
  digest(capacity: number): Row[] {
    const counts = [this.#itemCounts(), ...(this.#nodes.size > 0 ? [this.#nodeCounts()] : [])]
    const rows = counts.map((text): Row => ({ text, state: 'active' }))
    if (this.#finished) return rows
    const lines = [...this.#nodes.values(), ...this.#items.values()]
    const room = Math.max(0, capacity - rows.length)
    const active = lines.filter((line) => line.state === 'active')
    const failed = lines.filter((line) => line.state === 'failed')
    // a third for what failed, and more where not so much is active
    const forFailed = Math.min(failed.length, Math.max(Math.floor(room / 3), room - active.length))
    const shown = [...active.slice(0, room - forFailed), ...failed.slice(0, forFailed)]
    return [...rows, ...shown.map((line) => this.#row(line))]
  }

  #itemCounts(): string {
    const states = [...this.#items.values()].map((line) => line.state)
    const of = (state: Row['state']) => states.filter((one) => one === state).length
    const [failed, active] = [of('failed'), of('active')]
    const done = `${of('done') + failed} of ${this.#items.size} packages done`
    return [
      done,
      ...(active === 0 ? [] : [`${active} active`]),
      ...(failed === 0 ? [] : [`${failed} failed`]),
    ].join(', ')
  }

  /** What is meant for a node is the run's to know: how many were reached says how far it is. */
  #nodeCounts(): string {
    const nodes = [...this.#nodes.values()]
    const of = (counts: (node: NodeLine) => boolean) => nodes.filter(counts).length
    const sum = (pick: (node: NodeLine) => number) => nodes.reduce((all, node) => all + pick(node), 0)
    const parts = [
      [of((node) => node.flying.size > 0), 'active'],
      [of((node) => node.state === 'failed'), 'failed'],
      [of((node) => endedAs(node, 'skipped') > 0), 'skipped'],
      [sum((node) => endedAs(node, 'sent', 'present')), 'in place'],
      [sum((node) => endedAs(node, 'fallback')), 'by fallback'],
    ] as const
    const reached = of((node) => endedAs(node, 'sent', 'present', 'fallback', 'failed') > 0)
    const shown = parts.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`)
    return [`${reached} of ${nodes.length} nodes reached`, ...shown].join(', ')
  }

  #fresh() {
    return { state: 'waiting' as Row['state'], note: 'waiting', meter: new Meter() }
  }

  #add<L extends Line>(lines: Map<string, L>, id: string, line: L): void {
    lines.set(id, line)
    this.#labelWidth = Math.max(this.#labelWidth, Math.min(line.label.length, 48))
  }

  /** A version asked for loosely gets its real name on the way: the line goes with it. */
  #item(key: PackageKey): Line | undefined {
    const id = keyId(key)
    const known = this.#items.get(id) ?? this.#renamed.get(id)
    if (known !== undefined) return known
    for (const line of this.#items.values()) {
      if (line.state === 'done' || line.state === 'failed') continue
      if (keyId({ ...line.key, version: key.version }) !== id) continue
      this.#renamed.set(id, line)
      return line
    }
    return undefined
  }

  #row(line: Line): Row {
    const speed = line.state === 'active' ? speedText(line.meter) : ''
    return { state: line.state, text: `${line.label.padEnd(this.#labelWidth)}  ${line.note}${speed}` }
  }

  #stage(line: Line | undefined, note: string): void {
    if (line === undefined || line.state === 'done' || line.state === 'failed') return
    line.state = 'active'
    if (line.note === note) return
    line.note = note
    line.meter.reset()
  }

  #progress(line: Line | undefined, note: string, done: number, total: number | undefined): void {
    this.#stage(line, note)
    line?.meter.update(this.#now(), done, total)
  }

  #itemDone(result: ItemResult): void {
    const line = this.#item(result.key)
    if (line === undefined) return
    line.state = result.state === 'failed' ? 'failed' : 'done'
    if (result.state === 'failed') line.note = trouble(result.error)
    if (result.state === 'cached') line.note = 'up to date'
    if (result.state === 'published')
      line.note = `published ${formatBytes(result.record.size)}, ${result.record.trust}`
  }

  #delivered(result: NodeResult): void {
    const node = this.#nodes.get(result.node)
    if (node === undefined) return
    node.flying.delete(keyId(result.key))
    node.ended.set(keyId(result.key), result.state)
    if (result.state === 'failed') {
      node.state = 'failed'
      node.note = trouble(result.error)
      return
    }
    if (node.state === 'failed') return
    node.state = node.flying.size > 0 ? 'active' : 'waiting'
    node.note = inPlace(node)
    node.meter.reset()
  }
}

function endedAs({ ended }: NodeLine, ...states: NodeResult['state'][]): number {
  return [...ended.values()].filter((state) => states.includes(state)).length
}

/** `7 in place, 1 by fallback`: as much of it as there is. */
function inPlace(node: NodeLine): string {
  const parts = [
    [endedAs(node, 'sent', 'present'), 'in place'],
    [endedAs(node, 'fallback'), 'by fallback'],
    [endedAs(node, 'skipped'), 'skipped'],
  ] as const
  return parts
    .filter(([n]) => n > 0)
    .map(([n, word]) => `${n} ${word}`)
    .join(', ')
}

function trouble(error: PkgcacheError): string {
  return error.code === 'E_ABORTED' ? 'stopped' : `${error.code} ${oneLine(error.message)}`
}

/** `  12.1 MB of 34.2 MB  8.2 MB/s  3 s left`: as much of it as is known. */
function speedText(meter: Meter): string {
  if (meter.done === 0) return ''
  const amount =
    meter.total === undefined
      ? formatBytes(meter.done)
      : `${formatBytes(meter.done)} of ${formatBytes(meter.total)}`
  const speed = meter.bytesPerSecond
  if (speed === undefined) return `  ${amount}`
  const left =
    meter.msLeft === undefined ? '' : `  ${formatDuration(Math.ceil(meter.msLeft / 1000) * 1000)} left`
  return `  ${amount}  ${formatBytes(speed)}/s${left}`
}
