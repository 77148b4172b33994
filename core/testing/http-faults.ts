import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Content } from './http-content.ts'
import type { HttpFault } from './http-script.ts'

const TRICKLE_MS = 10
/** Time for what was written to arrive before a reset takes the rest back, in ms. */
const ARRIVAL_MS = 50

export interface Planned {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body?: AsyncIterable<Uint8Array>
  /** Where in the content the body starts. */
  readonly offset: number
}

/** Status, headers and body of one answer, the fault's own wishes included. */
export function plan(request: IncomingMessage, content: Content | undefined, fault: HttpFault): Planned {
  const planned = ordinary(request, content, fault)
  const headers: Record<string, string> = { ...planned.headers }
  if (fault.contentRange !== undefined) headers['content-range'] = fault.contentRange
  if (fault.chunked) delete headers['content-length']
  for (const [name, value] of Object.entries(fault.headers ?? {})) {
    if (value === '') delete headers[name.toLowerCase()]
    else headers[name.toLowerCase()] = value
  }
  return { ...planned, headers }
}

function ordinary(request: IncomingMessage, content: Content | undefined, fault: HttpFault): Planned {
  const type = fault.contentType
  if (fault.redirectTo !== undefined) {
    return text(fault.status ?? 302, fault.body ?? '', { location: fault.redirectTo })
  }
  if (fault.status !== undefined || fault.body !== undefined) {
    const status = fault.status ?? 200
    return text(
      status,
      fault.body ?? `${STATUS_CODES[status] ?? status}\n`,
      type ? { 'content-type': type } : {},
    )
  }
  if (content === undefined) return text(404, 'Not Found\n', {})
  return fault.gzip ? gzipped(content) : served(request, content, fault)
}

function text(status: number, body: string, extra: Record<string, string>): Planned {
  const bytes = Buffer.from(body)
  const headers = { 'content-type': 'text/plain', 'content-length': String(bytes.length), ...extra }
  return { status, headers, body: single(bytes), offset: 0 }
}

function gzipped(content: Content): Planned {
  const headers = { 'content-type': content.type, 'content-encoding': 'gzip', etag: content.etag }
  return { status: 200, headers, body: compressed(content), offset: 0 }
}

async function* compressed(content: Content): AsyncIterable<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content.read(0, content.size - 1)) chunks.push(chunk)
  yield gzipSync(Buffer.concat(chunks))
}

function served(request: IncomingMessage, content: Content, fault: HttpFault): Planned {
  const etag = fault.etag ?? content.etag
  const headers: Record<string, string> = {
    'content-type': fault.contentType ?? content.type,
    'accept-ranges': 'bytes',
    'last-modified': content.lastModified,
  }
  if (etag !== '') headers.etag = etag
  if (isUnchanged(request, content, etag)) return { status: 304, headers, offset: 0 }
  const range = fault.ignoreRange ? undefined : asked(request, content, etag)
  if (range && range.start >= content.size) {
    return text(416, '', { ...headers, 'content-range': `bytes */${content.size}` })
  }
  const { start, end } = range ?? { start: 0, end: content.size - 1 }
  headers['content-length'] = String(end - start + 1)
  if (range) headers['content-range'] = `bytes ${start}-${end}/${content.size}`
  const body = content.size > 0 ? content.read(start, end) : single(Buffer.alloc(0))
  return { status: range ? 206 : 200, headers, body, offset: start }
}

/** Whether a conditional request names what is there (RFC 9110 13.2.2): by If-None-Match, without one by the date. */
function isUnchanged({ headers, method }: IncomingMessage, content: Content, etag: string): boolean {
  const { 'if-none-match': match, 'if-modified-since': since } = headers
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  if (method !== 'GET' || (match ?? since) === undefined) return false
  if (match === undefined) return Date.parse(content.lastModified) <= Date.parse(since ?? '')
  return etag !== '' && match.split(',').map(opaque).includes(opaque(etag))
}

/** The one range asked for, when If-Range allows it (RFC 9110 13.1.5). */
function asked(
  request: IncomingMessage,
  content: Content,
  etag: string,
): { start: number; end: number } | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  if (match === null || request.method !== 'GET') return undefined
  const condition = request.headers['if-range']
  const same =
    condition === undefined ||
    (condition === etag && !etag.startsWith('W/')) ||
    condition === content.lastModified
  if (!same) return undefined
  const last = content.size - 1
  return { start: Number(match[1]), end: match[2] ? Math.min(Number(match[2]), last) : last }
}

async function* single(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}

/** The body with its fault: cut, longer, or with one byte inverted. `offset` is where in the content it starts. */
export async function* faultyBody(
  body: AsyncIterable<Uint8Array>,
  fault: HttpFault,
  offset: number,
): AsyncIterable<Uint8Array> {
  const limit = fault.stallAfter ?? fault.resetAfter ?? fault.endAfter ?? Number.POSITIVE_INFINITY
  let sent = 0
  for await (const chunk of fault.trickle === undefined ? body : trickled(body, fault.trickle, fault)) {
    const piece = chunk.subarray(0, limit - sent)
    yield flipped(piece, (fault.flipByteAt ?? -1) - offset - sent)
    sent += piece.length
    if (sent >= limit) return
  }
  if (fault.extraBytes) yield Buffer.alloc(fault.extraBytes, 0x2b)
}

async function* trickled(
  body: AsyncIterable<Uint8Array>,
  bytes: number,
  { trickleMs = TRICKLE_MS }: HttpFault,
): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += bytes) {
      await sleep(trickleMs)
      yield chunk.subarray(at, at + bytes)
    }
  }
}

function flipped(chunk: Uint8Array, at: number): Uint8Array {
  if (at < 0 || at >= chunk.length) return chunk
  const copy = Uint8Array.from(chunk)
  copy[at] = (copy[at] ?? 0) ^ 0xff
  return copy
}

/** Writes the body no faster than the client reads it. */
export async function writeBody(
  response: ServerResponse,
  body: AsyncIterable<Uint8Array>,
  wrote: (bytes: number) => void,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  for await (const chunk of body) {
    if (response.destroyed) return
    wrote(chunk.length)
    if (!response.write(chunk)) await once(response, 'drain', { signal: gone.signal })
  }
}

/** Ends the answer as its fault says. */
export async function finish(response: ServerResponse, fault: HttpFault): Promise<void> {
  const { socket } = response
  if (fault.stallAfter !== undefined) return
  if (fault.resetAfter !== undefined) {
    await sleep(ARRIVAL_MS)
    socket?.resetAndDestroy()
  } else if (fault.endAfter !== undefined) {
    socket?.end()
  } else {
    response.end()
  }
}
