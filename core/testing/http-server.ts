import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Content, contentOf, contentUnder } from './http-content.ts'
import { faultyBody, finish, plan, writeBody } from './http-faults.ts'
import type { HttpFault, HttpLogEntry, HttpRoute } from './http-script.ts'

/** What the server serves and how. */
export interface HttpServerOptions {
  /** A folder to serve. */
  readonly root?: string
  /** By path, without the query. */
  readonly routes?: Readonly<Record<string, HttpRoute>>
  /** Called once per request, when its answer has ended. */
  readonly log?: (entry: HttpLogEntry) => void
  /** PEM texts; makes it an https server. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** A running server on 127.0.0.1. */
export interface HttpServer {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string
  readonly port: number
  /** Every request so far, in order of arrival. */
  readonly requests: readonly HttpLogEntry[]
  /** Adds or replaces one route and starts its script anew. */
  route(path: string, route: HttpRoute): void
  /** Ends every connection, stalled ones too. */
  close(): Promise<void>
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * A server on 127.0.0.1 that serves a folder or single contents with Range, If-Range, ETag, If-None-Match,
 * If-Modified-Since and HEAD as it should (RFC 9110), and fails as its script says. For tests of fetchers, sources and everything above them.
 */
export async function startHttpServer(options: HttpServerOptions = {}): Promise<HttpServer> {
  const routes = new Map(Object.entries(options.routes ?? {}))
  const counts = new Map<string, number>()
  const requests: HttpLogEntry[] = []

  const listener: RequestListener = (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const turn = counts.get(path) ?? 0
    counts.set(path, turn + 1)
    const { method = 'GET', url = '/', headers } = request
    const entry: Mutable<HttpLogEntry> = { method, path: url, headers, status: 0, bytes: 0 }
    requests.push(entry)
    response.once('close', () => options.log?.(entry))
    const route = routes.get(path)
    const fault = route?.script?.[turn] ?? route?.always ?? {}
    const own = fault.content ?? route?.content
    const content =
      own !== undefined ? contentOf({ ...route, content: own }) : contentUnder(options.root, path, route)
    answer({ request, response, content, fault, entry }).catch(() => response.destroy())
  }

  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    route(path, route) {
      routes.set(path, route)
      counts.delete(path)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly content: Promise<Content | undefined>
  readonly fault: HttpFault
  readonly entry: Mutable<HttpLogEntry>
}

async function answer({ request, response, content, fault, entry }: Exchange): Promise<void> {
  if (fault.delayMs !== undefined) await sleep(fault.delayMs)
  if (fault.resetAfter === -1) return void request.socket.resetAndDestroy()
  if (fault.raw !== undefined) return void request.socket.end(fault.raw)
  const planned = plan(request, await content, fault)
  entry.status = planned.status
  response.sendDate = !('date' in planned.headers)
  response.writeHead(planned.status, planned.headers)
  if (request.method === 'HEAD' || planned.body === undefined) return void response.end()
  response.flushHeaders()
  await writeBody(response, faultyBody(planned.body, fault, planned.offset), (bytes) => {
    entry.bytes += bytes
  })
  await finish(response, fault)
}
