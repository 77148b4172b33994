import type { IncomingHttpHeaders } from 'node:http'
import { type FetchRequest, type FetchResponse, PkgcacheError, printable } from '@pkgcache/core'
import { type Answer, discard } from './exchange.ts'
import { type Asked, shownRequest, statusFault } from './faults.ts'

/** A Last-Modified counts as strong when it is at least this much older than Date, in ms (RFC 9110 8.8.2.2). */
const SETTLED = 60_000

/** What an answer that is no redirect means for the request; its body is left to the caller or ended. */
export function respond(answer: Answer, url: URL, request: FetchRequest): FetchResponse {
  const asked = { url, method: request.method }
  try {
    return accepted(answer, asked, request)
  } catch (fault) {
    discard(answer)
    throw fault
  }
}

function accepted(answer: Answer, asked: Asked, request: FetchRequest): FetchResponse {
  const { status, headers, body } = answer
  if (status !== 200 && status !== 206) throw statusFault(asked, status, headers['retry-after'])
  refuseEncoding(headers, asked)
  const part = status === 206 ? partOf(headers, asked, request) : { offset: 0, size: contentLength(headers) }
  const { offset, size } = part
  const validator = validatorOf(headers) ?? (status === 206 ? request.validator : undefined)
  const expected = size === undefined ? contentLength(headers) : size - offset
  if (request.method === 'GET' && expected !== undefined) {
    body.expected = { bytes: expected, fault: (received) => lengthFault(asked, received, expected) }
  }
  return {
    url: asked.url,
    offset,
    body: request.method === 'HEAD' ? nothing() : body,
    ...(size === undefined ? {} : { size }),
    ...(validator === undefined ? {} : { validator }),
    ...(headers['content-type'] === undefined ? {} : { contentType: headers['content-type'] }),
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {}

/** The bytes must be those of the file: a digest over an encoded body proves nothing. */
function refuseEncoding(headers: IncomingHttpHeaders, asked: Asked): void {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') return
  throw new PkgcacheError(
    'E_HTTP',
    `${shownRequest(asked)} answered with Content-Encoding ${printable(encoding.slice(0, 40))}, asked was identity`,
    { hint: 'turn off compression for these files on the server or its proxy, or name a mirror' },
  )
}

function contentLength(headers: IncomingHttpHeaders): number | undefined {
  const length = headers['content-length']
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}

/** Content-Range of a 206, which must be the range asked for, of the same version (RFC 9110 15.3.7). */
function partOf(
  headers: IncomingHttpHeaders,
  asked: Asked,
  request: FetchRequest,
): { offset: number; size?: number } {
  const text = headers['content-range'] ?? ''
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(text)
  const [start, end, total] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])]
  const offset = wantsRange(request) ? request.offset : undefined
  if (match === null || start !== offset || end < start || total <= end) {
    const shown = text === '' ? 'no Content-Range' : `Content-Range "${printable(text.slice(0, 80))}"`
    throw partFault(asked, `sent ${shown} where the bytes from ${offset ?? 0} on were asked`)
  }
  const { validator } = request
  const now = validator?.startsWith('"') ? headers.etag : headers['last-modified']
  if (now !== undefined && now !== validator)
    throw partFault(asked, 'sent a part of another version of the file')
  return Number.isNaN(total) ? { offset: start } : { offset: start, size: total }
}

function partFault(asked: Asked, what: string): PkgcacheError {
  return new PkgcacheError('E_HTTP', `${shownRequest(asked)} ${what}`, {
    hint: 'the server or a cache before it handles ranges wrongly; fetch the file anew or name a mirror',
  })
}

function lengthFault(asked: Asked, received: number, expected: number): PkgcacheError {
  const short = received < expected
  const what = short
    ? `ended after ${received} of ${expected} bytes`
    : `sent more than the announced ${expected} bytes`
  return new PkgcacheError(short ? 'E_TRUNCATED' : 'E_TOO_LARGE', `${shownRequest(asked)} ${what}`, {
    hint: short ? 'try again; if it stays so, name a mirror' : 'the server contradicts itself; name a mirror',
    retryable: short,
  })
}

/** A range is asked for only with a validator: without one, two versions could be joined unnoticed. */
export function wantsRange(
  request: FetchRequest,
): request is FetchRequest & { offset: number; validator: string } {
  return request.method === 'GET' && (request.offset ?? 0) > 0 && request.validator !== undefined
}

/** A strong validator of the answer, for If-Range later on. */
export function validatorOf(headers: IncomingHttpHeaders): string | undefined {
  const { etag, date } = headers
  if (etag !== undefined && /^"[^"]*"$/.test(etag)) return etag
  const modified = headers['last-modified']
  if (modified === undefined || date === undefined) return undefined
  return Date.parse(date) - Date.parse(modified) >= SETTLED ? modified : undefined
}
