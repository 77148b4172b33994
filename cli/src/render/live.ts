import type { RunEvent } from '@pkgcache/core'
import { DefaultRenderer, Listr } from 'listr2'
import type { Output } from '../output.ts'
import { Board, type Row } from './board.ts'
import { PlainView, type RunView } from './plain.ts'

const FRAME_MS = 100
// The prompt that follows and one empty line.
const LINES_KEPT_FREE = 2

/** Listr2's renderer at a steady pace: of itself it redraws at every change of every title. */
class SteadyRenderer extends DefaultRenderer {
  #drawn = 0

  override update(): void {
    const now = performance.now()
    if (now - this.#drawn < FRAME_MS / 2) return
    this.#drawn = now
    super.update()
  }
}

/** One line of the Listr: a task that ends when the view says so. */
class Slot {
  readonly ended: Promise<void>
  #task: { title: string } | undefined
  #text = ''
  #settle: (failed: boolean) => void = () => {}

  constructor() {
    this.ended = new Promise((resolve, reject) => {
      this.#settle = (failed) => (failed ? reject(new Error(this.#text)) : resolve())
    })
    // Listr is told, too; without this one a failure before it starts would be "unhandled".
    this.ended.catch(() => {})
  }

  attach(task: { title: string }): void {
    this.#task = task
    task.title = this.#text
  }

  show(text: string): void {
    if (text === this.#text) return
    this.#text = text
    if (this.#task !== undefined) this.#task.title = text
  }

  end(failed: boolean): void {
    this.#settle(failed)
  }
}

/** A live list on a terminal, never higher than it: one line per package and node, or counts and what is active. */
export class LiveView implements RunView {
  readonly #output: Output
  readonly #board = new Board(() => performance.now())
  /** What failed is told in full below the list. */
  readonly #failures: RunEvent[] = []
  #slots: Slot[] = []
  #crowded = false
  #ticking: NodeJS.Timeout | undefined
  #running: Promise<unknown> | undefined

  constructor(output: Output) {
    this.#output = output
  }

  onEvent(event: RunEvent): void {
    this.#board.apply(event)
    if (event.type === 'items') this.#start()
    const failed = (event.type === 'item' || event.type === 'delivery') && event.result.state === 'failed'
    if (failed) this.#failures.push(event)
  }

  async end(complete: boolean): Promise<void> {
    if (this.#running !== undefined) {
      clearInterval(this.#ticking)
      this.#board.finish(complete)
      this.#draw()
      for (const slot of this.#slots) slot.end(!complete)
      await this.#running
      this.#running = undefined
    }
    this.#output.release()
    const plain = new PlainView(this.#output)
    for (const event of this.#failures.splice(0)) plain.onEvent(event)
  }

  #start(): void {
    if (this.#running !== undefined || this.#board.size === 0) return
    const capacity = Math.max(3, this.#output.rows - LINES_KEPT_FREE)
    this.#crowded = this.#board.size > capacity
    this.#slots = Array.from({ length: Math.min(this.#board.size, capacity) }, () => new Slot())
    this.#output.hold()
    this.#draw()
    this.#running = this.#list().run()
    this.#ticking = setInterval(() => this.#draw(), FRAME_MS)
  }

  #list() {
    const tasks = this.#slots.map((slot) => ({
      title: ' ',
      task: (_: unknown, task: { title: string }) => {
        slot.attach(task)
        return slot.ended
      },
    }))
    return new Listr(tasks, {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: SteadyRenderer,
      rendererOptions: { formatOutput: 'truncate', collapseErrors: false, showErrorMessage: false },
    })
  }

  #draw(): void {
    const rows = this.#crowded ? this.#board.digest(this.#slots.length) : this.#board.rows()
    for (const [index, slot] of this.#slots.entries()) this.#drawSlot(slot, rows[index])
  }

  #drawSlot(slot: Slot, row: Row | undefined): void {
    slot.show(row?.text ?? '')
    if (this.#crowded || row === undefined) return
    if (row.state === 'done' || row.state === 'failed') slot.end(row.state === 'failed')
  }
}
