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

/** What a live list shows, made of run events alone. Draws nothing itself. */
export class Board {
  readonly #now: () => number
  readonly #items = new Map<string, Line & { readonly key: PackageKey }>()
  readonly #renamed = new Map<string, Line>()
  readonly #nodes = new Map<string, Line & { placed: number }>()
  #labelWidth = 0

  constructor(now: () => number) {
    this.#now = now
  }

  apply(event: RunEvent): void {
    if (event.type === 'items') {
      for (const key of event.items)
        this.#add(this.#items, keyId(key), { key, label: formatKey(key), ...this.#fresh() })
      for (const { name } of event.nodes) {
        this.#add(this.#nodes, name, { label: `node ${oneLine(name)}`, placed: 0, ...this.#fresh() })
      }
    } else if (event.type === 'stage') this.#stage(this.#item(event.item), event.stage)
    else if (event.type === 'progress') {
      this.#progress(this.#item(event.item), event.stage, event.done, event.total)
    } else if (event.type === 'node-progress') {
      this.#progress(this.#nodes.get(event.node), shortKey(event.item), event.done, event.total)
    } else if (event.type === 'item') this.#itemDone(event.result)
    else if (event.type === 'delivery') this.#delivered(event.result)
  }

  /**
   * Nothing more will come: nodes that had no trouble are done.
   * @param complete false: the run was cut short, and what was not done yet will not be
   */
  finish(complete: boolean): void {
    for (const line of [...this.#items.values(), ...this.#nodes.values()]) {
      if (line.state === 'failed' || line.state === 'done') continue
      line.state = complete ? 'done' : 'failed'
      if (!complete) line.note = 'stopped'
    }
    for (const node of this.#nodes.values()) {
      if (node.state === 'done') node.note = node.placed === 0 ? 'nothing to send' : `${node.placed} in place`
    }
  }

  get size(): number {
    return this.#items.size + this.#nodes.size
  }

  /** Every line, in the order of the configuration. */
  rows(): Row[] {
    return [...this.#items.values(), ...this.#nodes.values()].map((line) => this.#row(line))
  }

  /** One line of counts, then as many active lines as fit into `capacity`. */
  digest(capacity: number): Row[] {
    const rows: Row[] = [{ text: this.#counts(), state: 'active' }]
    for (const line of [...this.#nodes.values(), ...this.#items.values()]) {
      if (rows.length >= capacity) break
      if (line.state === 'active') rows.push(this.#row(line))
    }
    return rows
  }

  #counts(): string {
    const states = [...this.#items.values()].map((line) => line.state)
    const of = (state: Row['state']) => states.filter((one) => one === state).length
    const failed = of('failed')
    const done = `${of('done') + failed} of ${this.#items.size} packages done`
    return failed === 0 ? done : `${done}, ${failed} failed`
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
    if (result.state === 'failed') {
      node.state = 'failed'
      node.note = trouble(result.error)
      return
    }
    node.placed++
    if (node.state === 'failed') return
    node.state = 'active'
    node.note = `${node.placed} in place`
    node.meter.reset()
  }
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
