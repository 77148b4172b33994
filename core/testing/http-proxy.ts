import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** One request that reached the proxy. */
export interface ProxyLogEntry {
  /** `CONNECT`, or the method of a forwarded request. */
  readonly method: string
  /** `host:port` for CONNECT, the absolute URL otherwise. */
  readonly target: string
  readonly authorization: string | undefined
}

/** How the proxy behaves. */
export interface HttpProxyOptions {
  /** Asks for these with 407 when they are not sent. */
  readonly credentials?: { readonly user: string; readonly password: string }
  /** Answers every CONNECT with this status. */
  readonly connectStatus?: number
}

/** A running proxy on 127.0.0.1. */
export interface HttpProxy {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string
  readonly requests: readonly ProxyLogEntry[]
  close(): Promise<void>
}

/** A forward proxy on 127.0.0.1 for tests: CONNECT tunnels, and plain http in absolute form (RFC 9112 3.2.2). */
export async function startHttpProxy(options: HttpProxyOptions = {}): Promise<HttpProxy> {
  const requests: ProxyLogEntry[] = []
  const tunnels = new Set<Duplex>()
  const { credentials } = options
  const wanted =
    credentials && `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
  const admit = (request: IncomingMessage): boolean => {
    const authorization = request.headers['proxy-authorization']
    requests.push({ method: request.method ?? '', target: request.url ?? '', authorization })
    return wanted === undefined || authorization === wanted
  }

  const server = createServer((request, response) => {
    if (admit(request)) return passOn(request, response)
    response.writeHead(407, { 'proxy-authenticate': 'Basic realm="test"' }).end('proxy login\n')
  })
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const status = admit(request) ? (options.connectStatus ?? 200) : 407
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`)
    const upstream = tunnel(request.url ?? '', client, head)
    for (const end of [client, upstream]) {
      tunnels.add(end)
      end.once('close', () => tunnels.delete(end))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests, close: () => close(server, tunnels) }
}

function passOn(request: IncomingMessage, response: ServerResponse): void {
  const headers = { ...request.headers }
  delete headers['proxy-authorization']
  const target = new URL(request.url ?? '')
  const upstream = forward(target, { method: request.method ?? 'GET', headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  upstream.on('error', () => response.writeHead(502).end())
  request.pipe(upstream)
}

function tunnel(target: string, client: Duplex, head: Buffer): Socket {
  const { hostname, port } = new URL(`http://${target}`)
  const upstream = connect(Number(port) || 80, hostname, () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    upstream.write(head)
    upstream.pipe(client).pipe(upstream)
  })
  upstream.on('error', () => client.destroy())
  client.on('error', () => upstream.destroy())
  return upstream
}

function close(server: Server, tunnels: ReadonlySet<Duplex>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
    for (const end of tunnels) end.destroy()
  })
}
