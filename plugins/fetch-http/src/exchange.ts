import type { IncomingHttpHeaders } from 'node:http'
import { PkgcacheError } from '@pkgcache/core'
import type { Dispatcher } from 'undici'
import { Body } from './body.ts'
import type { Connections } from './connections.ts'
import { type Asked, networkFault } from './faults.ts'

/** Bodies nobody reads (of redirects, of errors) up to this many bytes are let in, to keep the connection. */
const DISCARD = 64 * 1024

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

/**
 * Names in lower case. A field that came twice with different values has them all, parted by line breaks, which no value
 * holds: no check of a value that may stand only once takes it.
 */
export type Headers = Readonly<Record<string, string | undefined>>

/** Where a redirect comes from, and how deep it may lead. */
export interface Redirected {
  readonly from: URL
  readonly depth: number | undefined
}

/**
 * One request, one answer, no redirect followed.
 * @throws E_UNREACHABLE, E_STALLED, E_FORBIDDEN (the proxy's), E_HTTP (no HTTP), E_REDIRECT (a name that leads to a
 *   private place), E_CONFIG, E_ABORTED
 */
export async function exchange(
  connections: Connections,
  url: URL,
  method: 'GET' | 'HEAD',
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  redirected?: Redirected,
): Promise<Answer> {
  if (signal.aborted) throw new PkgcacheError('E_ABORTED', 'cancelled', { cause: signal.reason })
  const { dispatcher, proxy } = connections.route(url, redirected?.depth)
  const { stallTimeout } = connections
  const handler = new Exchange({ url, method, proxy, stallTimeout, from: redirected?.from }, signal)
  dispatcher.dispatch(
    {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { ...headers },
      headersTimeout: stallTimeout,
      bodyTimeout: stallTimeout,
    },
    handler,
  )
  return handler.answered
}

/** The body of an answer that nobody reads: a short one is let in, of any other the connection is closed. */
export function discard(answer: Answer): void {
  const length = Number(answer.headers['content-length'] ?? Number.NaN)
  if (!(length <= DISCARD)) void answer.body.return()
}

function flat(headers: IncomingHttpHeaders): Headers {
  const fields = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? [...new Set(value)].join('\n') : value,
  ])
  return Object.fromEntries(fields)
}

/** What undici tells of one request, turned into an answer and a body. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly answered: Promise<Answer>
  readonly #asked: Asked
  readonly #signal: AbortSignal
  readonly #body: Body
  #settle: { resolve(answer: Answer): void; reject(fault: Error): void } | undefined
  #controller: Dispatcher.DispatchController | undefined

  constructor(asked: Asked, signal: AbortSignal) {
    this.#asked = asked
    this.#signal = signal
    this.#body = new Body({
      pause: () => this.#controller?.pause(),
      resume: () => this.#controller?.resume(),
      cancel: () => this.#cancel(),
    })
    this.answered = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    signal.addEventListener('abort', this.#onAbort)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // Cancelled while the connection was made: undici has no earlier moment to hear of it.
    if (this.#signal.aborted) this.#cancel()
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.#settle?.resolve({ status, headers: flat(headers), body: this.#body })
    this.#settle = undefined
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#body.push(chunk)
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#body.end()
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    const begun = this.#settle === undefined
    const fault = networkFault(error, this.#asked, begun)
    this.#settle?.reject(fault)
    this.#settle = undefined
    this.#body.end(fault)
  }

  readonly #onAbort = (): void => {
    const fault = new PkgcacheError('E_ABORTED', 'cancelled', { cause: this.#signal.reason })
    this.#settle?.reject(fault)
    this.#settle = undefined
    this.#body.abort(fault)
  }

  #cancel(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#controller?.abort(new Error('not wanted any more'))
  }
}
