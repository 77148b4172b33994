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
  const queue: Piece[] = []
  const most = rules.rate === undefined ? IN_FLIGHT : QUEUED
  let waiting = 0
  let running = false
  let ended = false

  const put = (data: Buffer | undefined) => {
    if (ended) return void from.pause()
    const gone = rules.rate?.book(data?.length ?? 0) ?? performance.now()
    queue.push({ data, due: gone + rules.delay })
    waiting += data?.length ?? 0
    if (waiting > most) from.pause()
    if (!running) void run()
  }
  const run = async () => {
    running = true
    for (let piece = queue[0]; piece !== undefined && !ended; piece = queue[0]) {
      const early = piece.due - performance.now()
      if (early > 0) await sleep(early)
      await reopened()
      queue.shift()
      await pass(piece.data)
    }
    running = false
  }
  const reopened = async () => {
    for (let shut = rules.open(); shut !== undefined; shut = rules.open()) {
      from.pause()
      await shut
      from.resume()
    }
  }
  const pass = async (data: Buffer | undefined) => {
    if (to.destroyed) return
    if (data === undefined) return void to.end()
    waiting -= data.length
    if (waiting <= most && from.isPaused()) from.resume()
    const taken = rules.take(data)
    ended = taken < data.length
    if (taken > 0 && !to.destroyed && !to.write(data.subarray(0, taken))) await drained(to)
  }
  from.on('data', put)
  from.once('end', () => put(undefined))
  from.resume()
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
