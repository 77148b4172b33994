import { connect, createServer, type Socket } from 'node:net'

/** Where a line leads, and what goes wrong on it. */
export interface TcpProxyOptions {
  /** Where connections go. */
  readonly host: string
  readonly port: number
  /** Cut every connection once this many bytes went from the client to the server. */
  readonly cutAfter?: number
  /** Pass nothing on any more, without closing, once this many bytes went from the client to the server. */
  readonly stallAfter?: number
  /** Added to each direction, in ms. */
  readonly delay?: number
}

/** A line between a client and a server that can be delayed, cut and stalled. */
export interface TcpProxy {
  readonly host: string
  readonly port: number
  /** Bytes passed on from clients to the server. */
  readonly sent: number
  /** Bytes passed on from the server to clients. */
  readonly received: number
  /** Ends every connection at once with a reset; new ones are taken. */
  cut(): void
  close(): Promise<void>
}

/** Starts a proxy on 127.0.0.1. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const lines = new Set<Socket>()
  const counters = { sent: 0, received: 0 }
  const cut = () => {
    for (const socket of lines) socket.resetAndDestroy()
  }
  const server = createServer((client) => {
    const upstream = connect(options.port, options.host)
    endTogether([client, upstream], lines)
    const onSent = (bytes: number): boolean => {
      counters.sent += bytes
      if (options.cutAfter !== undefined && counters.sent >= options.cutAfter) cut()
      return options.stallAfter === undefined || counters.sent < options.stallAfter
    }
    pass(client, upstream, options.delay ?? 0, onSent)
    pass(upstream, client, options.delay ?? 0, (bytes) => {
      counters.received += bytes
      return true
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    host: '127.0.0.1',
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get sent() {
      return counters.sent
    },
    get received() {
      return counters.received
    },
    cut,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      cut()
      return closed
    },
  }
}

/** When one end of a line goes, the other goes too. `lines` holds those that are up. */
function endTogether(pair: readonly Socket[], lines: Set<Socket>): void {
  for (const socket of pair) {
    lines.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      lines.delete(socket)
      for (const other of pair) other.destroy()
    })
  }
}

/** Passes data on in order; stops for good when `count` says so. */
function pass(from: Socket, to: Socket, delay: number, count: (bytes: number) => boolean): void {
  const forward = (data: Buffer) => {
    if (!to.destroyed && !to.write(data)) {
      from.pause()
      to.once('drain', () => from.resume())
    }
  }
  from.on('data', (data: Buffer) => {
    if (!count(data.length)) from.pause().removeAllListeners('data')
    else if (delay > 0) setTimeout(forward, delay, data)
    else forward(data)
  })
}
