import type { RunEvent } from '@pkgcache/core'
import { DefaultRenderer, Listr } from 'listr2'
import type { Occupant, Output } from '../output.ts'
import { Board, type Row } from './board.ts'
import { PlainView, type RunView } from './plain.ts'

const FRAME_MS = 100
// The prompt that follows and one empty line.
const LINES_KEPT_FREE = 2

/**
 * Listr2's renderer at a steady pace: of itself it redraws at every change of every title.
 * @param hidden while true, nothing is drawn, and the end leaves nothing
 */
function steadyRenderer(hidden: () => boolean) {
  return class SteadyRenderer extends DefaultRenderer {
    #drawn = 0

    override update(): void {
      const now = performance.now()
      if (now - this.#drawn < FRAME_MS / 2) return
      this.#drawn = now
      super.update()
    }

    override create(options?: Parameters<DefaultRenderer['create']>[0]): string {
      return hidden() ? '' : super.create(options)
    }
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
export class LiveView implements RunView, Occupant {
  readonly #output: Output
  readonly #board = new Board(() => performance.now())
  /** What failed is told in full below the list. */
  readonly #failures: RunEvent[] = []
  #slots: Slot[] = []
  #crowded = false
  #paused = false
  #ticking: NodeJS.Timeout | undefined
  #running: Promise<unknown> | undefined

  constructor(output: Output) {
    this.#output = output
  }

  onEvent(event: RunEvent): void {
    this.#board.apply(event)
    if (event.type === 'items') this.#start()
    if ((event.type === 'item' || event.type === 'delivery') && 'error' in event.result)
      this.#failures.push(event)
  }

  async end(complete: boolean): Promise<void> {
    // a question that nobody answered must not swallow the list
    this.resume()
    this.#output.occupy(undefined)
    if (this.#running !== undefined) {
      this.#board.finish(complete)
      this.#draw()
      await this.#stop(!complete)
    }
    this.#output.release()
    const plain = new PlainView(this.#output)
    for (const event of this.#failures.splice(0)) plain.onEvent(event)
    await plain.end()
  }

  async pause(): Promise<void> {
    if (this.#running === undefined) return
    this.#paused = true
    await this.#stop(false)
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#start()
  }

  async #stop(failed: boolean): Promise<void> {
    clearInterval(this.#ticking)
    for (const slot of this.#slots) slot.end(failed)
    await this.#running
    this.#running = undefined
  }

  #start(): void {
    if (this.#running !== undefined || this.#paused || this.#board.size === 0) return
    const capacity = Math.max(3, this.#output.rows - LINES_KEPT_FREE)
    this.#crowded = this.#board.size > capacity
    this.#slots = Array.from({ length: Math.min(this.#board.size, capacity) }, () => new Slot())
    this.#output.hold()
    this.#output.occupy(this)
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
      renderer: steadyRenderer(() => this.#paused),
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
