import type { Socket } from 'node:net'

/** How one direction of a line passes bytes on. */
export interface LineRules {
  /** ms */
  readonly delay: number
  /** When this many bytes may have left at full rate: shared by all connections of a direction. */
  readonly rate: RateLimit | undefined
  /** Called before a piece is passed on. @returns how many bytes of it are; less than all ends the line for good */
  take(piece: Buffer): number
  /** What to wait for while the line passes nothing on; undefined when it does. */
  open(): Promise<void> | undefined
}

/** Most bytes that wait on a line for their time to come, where nothing but the delay holds them. */
const IN_FLIGHT = 64 * 1024 * 1024
/** The same where a rate does: about what a router keeps. */
const QUEUED = 256 * 1024

/** Gives each piece the time at which it has gone through. */
export class RateLimit {
  readonly #perMs: number
  #free = 0

  /** @param bytes per second */
  constructor(bytes: number) {
    this.#perMs = bytes / 1000
  }

  /** @returns when the last of `bytes` has gone, on the clock of `performance.now()` */
  book(bytes: number): number {
    this.#free = Math.max(this.#free, performance.now()) + bytes / this.#perMs
    return this.#free
  }
}

interface Piece {
  /** Undefined: the end. */
  readonly data: Buffer | undefined
  readonly due: number
}

/** Passes on what comes from one socket to the other: in order, late, and at no higher rate than the rules say. */
export function passOn(from: Socket, to: Socket, rules: LineRules): void {
  new Direction(from, to, rules).start()
}

class Direction {
  readonly #from: Socket
  readonly #to: Socket
  readonly #rules: LineRules
  readonly #most: number
  readonly #queue: Piece[] = []
  #waiting = 0
  #running = false
  #ended = false

  constructor(from: Socket, to: Socket, rules: LineRules) {
    this.#from = from
    this.#to = to
    this.#rules = rules
    this.#most = rules.rate === undefined ? IN_FLIGHT : QUEUED
  }

  start(): void {
    this.#from.on('data', (data: Buffer) => this.#put(data))
    this.#from.once('end', () => this.#put(undefined))
    this.#from.resume()
  }

  #put(data: Buffer | undefined): void {
    if (this.#ended) return void this.#from.pause()
    const gone = this.#rules.rate?.book(data?.length ?? 0) ?? performance.now()
    this.#queue.push({ data, due: gone + this.#rules.delay })
    this.#waiting += data?.length ?? 0
    if (this.#waiting > this.#most) this.#from.pause()
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let piece = this.#queue[0]; piece !== undefined && !this.#ended; piece = this.#queue[0]) {
      const early = piece.due - performance.now()
      if (early > 0) await sleep(early)
      await this.#reopened()
      this.#queue.shift()
      await this.#pass(piece.data)
    }
    this.#running = false
  }

  async #reopened(): Promise<void> {
    for (let shut = this.#rules.open(); shut !== undefined; shut = this.#rules.open()) {
      this.#from.pause()
      await shut
      this.#from.resume()
    }
  }

  async #pass(data: Buffer | undefined): Promise<void> {
    const to = this.#to
    if (to.destroyed) return
    if (data === undefined) return void to.end()
    this.#waiting -= data.length
    if (this.#waiting <= this.#most && this.#from.isPaused()) this.#from.resume()
    const taken = this.#rules.take(data)
    this.#ended = taken < data.length
    if (taken > 0 && !to.destroyed && !to.write(data.subarray(0, taken))) await drained(to)
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.once('drain', done).once('close', done)
  })
}
