import type { Server, Socket } from 'node:net'
import type { NetworkHost } from './network.ts'
import { type LineRules, passOn, RateLimit } from './tcp-line.ts'
import { type TcpPlace, tcpPlace } from './tcp-place.ts'

/** Where a line leads, and what goes wrong on it. */
export interface TcpProxyOptions {
  /** Where connections go. */
  readonly host: string
  readonly port: number
  /** Listens and connects on this host of a test network. Default: this machine's loopback. */
  readonly inside?: NetworkHost
  /** Added to each direction, in ms. */
  readonly delay?: number
  /** What each direction carries, all connections together, in bytes per second. */
  readonly rate?: number
  /** Cut every connection once this many bytes went from clients to the server; 0 when it is taken. */
  readonly cutAfter?: number
  /** Cut every connection once this many bytes came from the server. */
  readonly cutAfterReceived?: number
  /** Asked before anything is passed on, in either direction; when true, it is not, and every connection is cut. */
  readonly cutWhen?: () => boolean
  /** How often the three above cut; then the line is sound. Default: for ever. */
  readonly cuts?: number
  /** For how long nobody is let in after a cut, in ms. Default 0. */
  readonly downFor?: number
  /** Pass nothing on any more, without closing, once this many bytes went from clients to the server. */
  readonly stallAfter?: number
}

/** A line between a client and a server that can be late, slow, cut and stalled. */
export interface TcpProxy {
  readonly host: string
  readonly port: number
  /** Bytes passed on from clients to the server. */
  readonly sent: number
  /** Bytes passed on from the server to clients. */
  readonly received: number
  /** Connections taken so far. */
  readonly connections: number
  /** Cuts so far. */
  readonly cuts: number
  /** Ends every connection at once with a reset. New ones are refused for `downFor` ms, default those of the options. */
  cut(downFor?: number): Promise<void>
  /** Passes nothing on for so long, in ms, and closes nothing: a line that swallows what it is given. */
  blackHole(ms: number): void
  close(): Promise<void>
}

/** Starts a proxy on 127.0.0.1, or in a test network. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const place = tcpPlace(options.inside)
  const proxy = new Line(options, place)
  await proxy.open()
  return proxy
}

class Line implements TcpProxy {
  readonly host: string
  sent = 0
  received = 0
  connections = 0
  cuts = 0
  readonly #options: TcpProxyOptions
  readonly #place: TcpPlace
  readonly #sockets = new Set<Socket>()
  readonly #rates: { readonly there: RateLimit | undefined; readonly back: RateLimit | undefined }
  #server: Server | undefined
  #port = 0
  #swallowing: Promise<void> | undefined
  #closed = false

  constructor(options: TcpProxyOptions, place: TcpPlace) {
    const limit = () => (options.rate === undefined ? undefined : new RateLimit(options.rate))
    this.#options = options
    this.#place = place
    this.#rates = { there: limit(), back: limit() }
    this.host = place.address
  }

  get port(): number {
    return this.#port
  }

  async open(): Promise<void> {
    const server = await this.#place.listen(this.#port)
    server.on('connection', (client) => void this.#take(client).catch(() => reset(client)))
    const address = server.address()
    this.#port = typeof address === 'object' && address !== null ? address.port : 0
    this.#server = server
  }

  async cut(downFor = this.#options.downFor ?? 0): Promise<void> {
    const down = downFor > 0 ? this.#stopListening() : undefined
    for (const socket of this.#sockets) reset(socket)
    if (down === undefined) return
    await down
    await new Promise((resolve) => setTimeout(resolve, downFor))
    if (!this.#closed) await this.open()
  }

  blackHole(ms: number): void {
    const over = new Promise<void>((resolve) => setTimeout(resolve, ms))
    this.#swallowing = over
    void over.then(() => {
      if (this.#swallowing === over) this.#swallowing = undefined
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const stopped = this.#stopListening()
    for (const socket of this.#sockets) reset(socket)
    await stopped
    await this.#place.end()
  }

  async #stopListening(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())))
  }

  async #take(client: Socket): Promise<void> {
    this.connections++
    this.#keep(client.pause())
    if (this.#options.cutAfter === 0 && this.#mayCut()) return this.#startCut()
    const upstream = this.#keep(await this.#place.connect(this.#options.port, this.#options.host))
    if (client.destroyed) return void reset(upstream)
    // a reset of one end is a reset of the other; an orderly end is passed on in its turn
    client.on('close', (failed) => failed && reset(upstream))
    upstream.on('close', (failed) => failed && reset(client))
    const late = { delay: this.#options.delay ?? 0, open: () => this.#swallowing }
    passOn(client, upstream, { ...late, rate: this.#rates.there, take: (piece) => this.#there(piece) })
    passOn(upstream, client, { ...late, rate: this.#rates.back, take: (piece) => this.#back(piece) })
  }

  #keep(socket: Socket): Socket {
    socket.allowHalfOpen = true
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
    this.#sockets.add(socket)
    return socket
  }

  #there(piece: Buffer): ReturnType<LineRules['take']> {
    const { cutAfter, stallAfter } = this.#options
    if (this.#isTime()) return this.#cutAt(0)
    const room = (limit: number | undefined) =>
      limit === undefined ? piece.length : Math.min(piece.length, Math.max(0, limit - this.sent))
    const stalled = room(stallAfter)
    const taken = this.#mayCut() ? Math.min(stalled, room(cutAfter)) : stalled
    this.sent += taken
    const reached = cutAfter !== undefined && this.sent >= cutAfter && this.#mayCut()
    return reached ? this.#cutAt(taken) : taken
  }

  #back(piece: Buffer): ReturnType<LineRules['take']> {
    const { cutAfterReceived } = this.#options
    if (this.#isTime()) return this.#cutAt(0)
    const limit =
      cutAfterReceived !== undefined && this.#mayCut() ? cutAfterReceived : Number.POSITIVE_INFINITY
    const taken = Math.min(piece.length, Math.max(0, limit - this.received))
    this.received += taken
    return this.received >= limit ? this.#cutAt(taken) : taken
  }

  #isTime(): boolean {
    return this.#mayCut() && this.#options.cutWhen?.() === true
  }

  #mayCut(): boolean {
    return this.cuts < (this.#options.cuts ?? Number.POSITIVE_INFINITY)
  }

  /** What was taken still goes out before the reset. */
  #cutAt(taken: number): number {
    this.#startCut()
    return taken
  }

  #startCut(): void {
    this.cuts++
    setImmediate(() => void this.cut())
  }
}

/**
 * Closes with a reset, also while bytes wait to be written. `resetAndDestroy` waits for those, and says goodbye first.
 */
function reset(socket: Socket): void {
  // after a goodbye there can be no reset any more (uv_tcp_close_reset)
  if (!socket.writableEnded) Object.assign(socket, { resetAndClosing: true })
  socket.destroy()
}
