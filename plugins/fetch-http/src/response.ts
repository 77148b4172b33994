import { type FetchRequest, type FetchResponse, PkgcacheError, printable } from '@pkgcache/core'
import { type Answer, discard, type Headers } from './exchange.ts'
import { type Asked, httpDate, shownRequest, statusFault } from './faults.ts'

/** A Last-Modified counts as strong when it is at least this much older than Date, in ms (RFC 9110 8.8.2.2). */
const SETTLED = 60_000
/** RFC 9110 8.8.3, strong */
const ETAG = /^"[!#-~\u0080-\u00ff]*"$/
const ANY_ETAG = /^(?:W\/)?"[!#-~\u0080-\u00ff]*"$/

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
  if (status === 416 && isComplete(headers, request)) return complete(answer, asked, request)
  if (status === 304 && Object.keys(conditions(request)).length > 0) return unchanged(answer, asked)
  if (status !== 200 && status !== 206) throw statusFault(asked, status, headers['retry-after'])
  refuseEncoding(headers, asked)
  const whole = { offset: 0, size: contentLength(headers), bytes: contentLength(headers) }
  if (status === 200) refusePart(headers, asked)
  const { offset, size, bytes } = status === 206 ? partOf(headers, asked, request) : whole
  const validator = validatorOf(headers) ?? (status === 206 ? request.validator : undefined)
  if (request.method === 'GET' && bytes !== undefined) {
    body.expected = { bytes, fault: (received) => lengthFault(asked, received, bytes) }
  }
  return {
    url: asked.url,
    offset,
    body: request.method === 'HEAD' ? nothing() : body,
    ...(size === undefined ? {} : { size }),
    ...(validator === undefined ? {} : { validator }),
    ...versionOf(headers),
    ...(headers['content-type'] === undefined ? {} : { contentType: headers['content-type'] }),
  }
}

/**
 * 416 with the size of what is there already: of this very version, since If-Range of another one would have been
 * answered with 200 (RFC 9110 14.2, 15.5.17). Nothing was left to send when the connection was lost.
 */
function isComplete(headers: Headers, request: FetchRequest): boolean {
  if (!wantsRange(request)) return false
  const size = /^bytes \*\/(\d{1,15})$/i.exec(headers['content-range'] ?? '')?.[1]
  return Number(size) === request.offset && !isOther(headers, request)
}

function complete(answer: Answer, asked: Asked, { offset = 0, validator }: FetchRequest): FetchResponse {
  discard(answer)
  return {
    url: asked.url,
    offset,
    size: offset,
    body: nothing(),
    ...(validator !== undefined && { validator }),
  }
}

function unchanged(answer: Answer, asked: Asked): FetchResponse {
  discard(answer)
  return { url: asked.url, offset: 0, body: nothing(), notModified: true, ...versionOf(answer.headers) }
}

/** Headers that ask for a file only when it is another than the copy that is there (RFC 9110 13.1.2, 13.1.3). */
export function conditions({ method, unless }: FetchRequest): Record<string, string> {
  if (method !== 'GET' || unless === undefined) return {}
  const { etag, lastModified } = unless
  if (etag !== undefined && ANY_ETAG.test(etag)) return { 'if-none-match': etag }
  if (lastModified === undefined || Number.isNaN(httpDate(lastModified))) return {}
  return { 'if-modified-since': lastModified }
}

/** What the answer says of its version, for conditions later on. */
function versionOf(headers: Headers): Pick<FetchResponse, 'etag' | 'lastModified'> {
  const { etag, 'last-modified': lastModified } = headers
  const dated = lastModified !== undefined && !Number.isNaN(httpDate(lastModified))
  return { ...(etag !== undefined && ANY_ETAG.test(etag) && { etag }), ...(dated && { lastModified }) }
}

/** Whether an answer says that it is of another version than the part that is there. */
function isOther(headers: Headers, { validator }: FetchRequest): boolean {
  const now = validator?.startsWith('"') ? headers.etag : headers['last-modified']
  return now !== undefined && now !== validator
}

async function* nothing(): AsyncIterable<Uint8Array> {}

/** The bytes must be those of the file: a digest over an encoded body proves nothing. */
function refuseEncoding(headers: Headers, asked: Asked): void {
  const { 'content-encoding': content = '', 'transfer-encoding': transfer = '' } = headers
  const encoded = !/^(?:identity)?$/i.test(content)
  // no TE was sent, so nothing but chunked may come (RFC 9112 7.4)
  if (!encoded && /^(?:identity|chunked)?$/i.test(transfer)) return
  const shown = printable((encoded ? content : transfer).replaceAll('\n', ', ').slice(0, 40))
  throw new PkgcacheError(
    'E_HTTP',
    `${shownRequest(asked)} answered with ${encoded ? 'Content' : 'Transfer'}-Encoding ${shown}, asked was identity`,
    { hint: 'turn off compression for these files on the server or its proxy, or name a mirror' },
  )
}

function contentLength(headers: Headers): number | undefined {
  const length = headers['content-length']
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}

interface PartOf {
  readonly offset: number
  /** Of the whole file. */
  readonly size: number | undefined
  /** That the body must have. */
  readonly bytes: number
}

/** Content-Range of a 206, which must be the range asked for, of the same version (RFC 9110 15.3.7). */
function partOf(headers: Headers, asked: Asked, request: FetchRequest): PartOf {
  const offset = wantsRange(request) ? request.offset : undefined
  const wanted = offset === undefined ? 'no part was' : `the bytes from ${offset} on were`
  if (/^multipart\/byteranges/i.test(headers['content-type'] ?? ''))
    throw partFault(asked, `sent several parts in one where ${wanted} asked`)
  const range = contentRange(headers)
  if (range === undefined || range.start !== offset)
    throw partFault(asked, `sent ${shownRange(headers)} where ${wanted} asked`)
  if (isOther(headers, request)) throw partFault(asked, 'sent a part of another version of the file')
  const { start, end, size } = range
  // a server may send less than was asked for; the rest is asked for again
  return { offset: start, size, bytes: size === undefined ? end + 1 - start : size - start }
}

function contentRange(
  headers: Headers,
): { start: number; end: number; size: number | undefined } | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(headers['content-range'] ?? '')
  if (match === null) return undefined
  const [start, end, total] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (end < start || total <= end) return undefined
  return { start, end, size: Number.isNaN(total) ? undefined : total }
}

function shownRange(headers: Headers): string {
  const text = headers['content-range']?.replaceAll('\n', ', ') ?? ''
  return text === '' ? 'no Content-Range' : `Content-Range "${printable(text.slice(0, 80))}"`
}

/** A whole file with a Content-Range is one only if that is the range of all of it; RFC 9110 14.4 gives it no meaning. */
function refusePart(headers: Headers, asked: Asked): void {
  if ((headers['content-range'] ?? '') === '') return
  const range = contentRange(headers)
  const length = contentLength(headers)
  const all = range?.start === 0 && range.end + 1 === range.size && (length ?? range.size) === range.size
  if (!all) throw partFault(asked, `answered 200 OK with ${shownRange(headers)}`)
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

/**
 * A range is asked for only with a strong validator: without one, two versions could be joined unnoticed; a weak ETag
 * must not stand in If-Range (RFC 9110 13.1.5).
 */
export function wantsRange(
  request: FetchRequest,
): request is FetchRequest & { offset: number; validator: string } {
  const { method, offset = 0, validator } = request
  return method === 'GET' && offset > 0 && validator !== undefined && isStrong(validator)
}

function isStrong(validator: string): boolean {
  return ETAG.test(validator) || !Number.isNaN(httpDate(validator))
}

/** A strong validator of the answer, for If-Range later on. */
export function validatorOf(headers: Headers): string | undefined {
  const { etag, date } = headers
  if (etag !== undefined && ETAG.test(etag)) return etag
  const modified = headers['last-modified']
  if (modified === undefined || date === undefined) return undefined
  return httpDate(date) - httpDate(modified) >= SETTLED ? modified : undefined
}
