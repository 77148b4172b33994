import { STATUS_CODES } from 'node:http'
import { type ErrorCode, formatDuration, PkgcacheError, shownUrl, systemCode } from '@pkgcache/core'
import { ForbiddenAddress } from './guard.ts'

/** What was asked, for messages. */
export interface Asked {
  readonly url: URL
  readonly method: 'GET' | 'HEAD'
  readonly proxy?: URL | undefined
  /** ms */
  readonly stallTimeout?: number
  /** What redirected here. */
  readonly from?: URL | undefined
}

/** Longest wait that upstream may ask for, in ms. */
const MAX_RETRY_AFTER = 60_000

interface Kind {
  readonly code: ErrorCode
  readonly what: string
  readonly retryable: boolean
  readonly hint?: string
}

const RESET: Kind = { code: 'E_UNREACHABLE', what: 'the connection was reset', retryable: true }
const TIMEOUT: Kind = {
  code: 'E_UNREACHABLE',
  what: 'no connection within the connect timeout',
  retryable: true,
  hint: 'check the network and the proxy variables; a firewall may drop the packets',
}
const NO_ROUTE: Kind = {
  code: 'E_UNREACHABLE',
  what: 'the host cannot be reached',
  retryable: true,
  hint: 'check the network, the routes and the proxy variables',
}
const CLOSED: Kind = {
  code: 'E_UNREACHABLE',
  what: 'the connection was closed before an answer',
  retryable: true,
}
const TRUNCATED: Kind = {
  code: 'E_TRUNCATED',
  what: 'the body ended before its announced end',
  retryable: true,
}
const NOT_HTTP: Kind = {
  code: 'E_HTTP',
  what: 'the answer breaks the HTTP protocol',
  retryable: false,
  hint: 'check that the port speaks HTTP, and that http: and https: are not swapped',
}
const CERTIFICATE: Kind = {
  code: 'E_UNREACHABLE',
  what: 'the certificate is not trusted',
  retryable: false,
  hint: 'if it was issued by an authority of your own, name its PEM file in NODE_EXTRA_CA_CERTS',
}
const TLS: Kind = {
  code: 'E_UNREACHABLE',
  what: 'no TLS connection can be made',
  retryable: false,
  hint: 'check that the port speaks TLS; an authority of your own is named in NODE_EXTRA_CA_CERTS',
}

/** By the `code` of Node's or undici's error. */
const KINDS: Readonly<Record<string, Kind>> = {
  ECONNREFUSED: {
    code: 'E_UNREACHABLE',
    what: 'the connection is refused',
    retryable: true,
    hint: 'check that the server is running and the port is right',
  },
  ENOTFOUND: {
    code: 'E_UNREACHABLE',
    what: 'the host name is unknown',
    retryable: false,
    hint: 'check the name and the DNS; behind a proxy set HTTPS_PROXY, without internet name a mirror',
  },
  EAI_AGAIN: {
    code: 'E_UNREACHABLE',
    what: 'the host name cannot be looked up for now',
    retryable: true,
    hint: 'check the DNS; behind a proxy set HTTPS_PROXY, without internet name a mirror',
  },
  ECONNRESET: RESET,
  EPIPE: RESET,
  UND_ERR_CONNECT_TIMEOUT: TIMEOUT,
  ETIMEDOUT: TIMEOUT,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  EADDRNOTAVAIL: NO_ROUTE,
  UND_ERR_HEADERS_OVERFLOW: NOT_HTTP,
  // undici's own, of a status below 100
  ERR_ASSERTION: NOT_HTTP,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: TRUNCATED,
  EPROTO: TLS,
  UND_ERR_PRX_TLS: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  ERR_TLS_CERT_ALTNAME_INVALID: CERTIFICATE,
}

function kindOf(error: Error, asked: Asked, begun: boolean): Kind {
  // llhttp's errors reach us without a code; an end in the middle of a chunked body is one of them.
  if (error.name === 'HTTPParserError') {
    return begun && /EOF/.test(error.message) ? TRUNCATED : { ...NOT_HTTP, retryable: begun }
  }
  const code = systemCode(error)
  // the parser's word for two lengths, or a length beside chunks: undici takes it for a short body
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && !begun) return NOT_HTTP
  if (code === 'UND_ERR_SOCKET') return begun ? TRUNCATED : CLOSED
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    const what = `${begun ? 'no byte' : 'no answer'} for ${formatDuration(asked.stallTimeout ?? 0)}`
    return {
      code: 'E_STALLED',
      what,
      retryable: true,
      hint: 'try again, raise stallTimeout, or name a mirror',
    }
  }
  const known = code === undefined ? undefined : KINDS[code]
  if (known !== undefined) return known
  if (code?.startsWith('CERT_')) return CERTIFICATE
  if (code?.startsWith('ERR_SSL_') || code?.startsWith('ERR_TLS_')) return TLS
  return { code: 'E_UNREACHABLE', what: 'the request failed', retryable: false }
}

/** An error of the connection or the parser in our own words. `begun`: the headers had come. */
export function networkFault(error: Error, asked: Asked, begun: boolean): PkgcacheError {
  if (error instanceof ForbiddenAddress && asked.from !== undefined) {
    const where = `${shownUrl(asked.url)}, whose address ${error.message}`
    return placeFault({ ...asked, url: asked.from }, where, error)
  }
  const status = asked.proxy && proxyStatus(error)
  if (status !== undefined) return proxyFault(status, asked, error)
  const code = systemCode(error)
  const kind = kindOf(error, asked, begun)
  const through = asked.proxy ? ` through the proxy ${shownUrl(asked.proxy)}` : ''
  const detail = code === undefined || code.startsWith('UND_ERR_') ? '' : ` (${code})`
  return new PkgcacheError(kind.code, `${shownRequest(asked)}${through}: ${kind.what}${detail}`, {
    hint: kind.hint ?? 'try again; if it stays so, check the network or name a mirror',
    retryable: kind.retryable,
    cause: error,
  })
}

/** A redirect to a place that the first URL must not lead to. */
export function placeFault(asked: Asked, where: string, cause?: Error): PkgcacheError {
  return new PkgcacheError('E_REDIRECT', `${shownRequest(asked)} redirects to ${where}`, {
    hint: 'the server may be up to no good; if it is meant, set allowPrivateRedirects of fetch-http, or name a mirror',
    cause,
  })
}

/** undici has no code for an answer of the proxy itself, only these two sentences. */
function proxyStatus(error: Error): number | undefined {
  const match = /^Proxy response \((\d{3})\)|^Proxy Authentication Required \((407)\)/.exec(error.message)
  return match === null ? undefined : Number(match[1] ?? match[2])
}

function proxyFault(status: number, asked: Asked, cause: Error): PkgcacheError {
  const proxy = asked.proxy === undefined ? '' : ` ${shownUrl(asked.proxy)}`
  const forbidden = status === 401 || status === 403 || status === 407
  return new PkgcacheError(
    forbidden ? 'E_FORBIDDEN' : 'E_UNREACHABLE',
    `${shownRequest(asked)}: the proxy${proxy} answered ${shownStatus(status)}`,
    { hint: statusHint(forbidden ? 407 : status), retryable: status >= 500 || status === 429, cause },
  )
}

/** `GET https://host/path` */
export function shownRequest(asked: Asked): string {
  return `${asked.method} ${shownUrl(asked.url)}`
}

function shownStatus(status: number): string {
  return STATUS_CODES[status] === undefined ? String(status) : `${status} ${STATUS_CODES[status]}`
}

const STATUS_HINTS: Readonly<Record<number, string>> = {
  401: 'upstream wants credentials: give them in the headers of the source, or as user:password@ in the URL',
  403: 'upstream refuses this address or these credentials; check the token and its rights',
  404: 'check name, version and arch; upstream may have moved or removed the file',
  407: 'give the proxy credentials as http://user:password@host:port in HTTPS_PROXY and HTTP_PROXY',
  410: 'upstream has removed the file for good; choose another version or a mirror that kept it',
  416: 'the file changed since the download began; fetch it anew',
  429: 'upstream limits the number of requests; wait, lower the concurrency, or name a mirror',
}

function statusHint(status: number): string {
  const hint = STATUS_HINTS[status]
  if (hint !== undefined) return hint
  return status >= 500
    ? 'the fault is on the other side; try again later or name a mirror'
    : 'open the address in a browser to see what it answers'
}

const NOT_FOUND = [404, 410]
const FORBIDDEN = [401, 403, 407]
const PASSING = [408, 425, 429]

/** A status other than 200 and 206 as an error; `retryAfter` is the header's value. */
export function statusFault(asked: Asked, status: number, retryAfter: string | undefined): PkgcacheError {
  const code = NOT_FOUND.includes(status)
    ? 'E_NOT_FOUND'
    : FORBIDDEN.includes(status)
      ? 'E_FORBIDDEN'
      : 'E_HTTP'
  const retryable = PASSING.includes(status) || status >= 500
  const why = status === 416 ? ': the range is refused' : ''
  return new PkgcacheError(code, `${shownRequest(asked)} answered ${shownStatus(status)}${why}`, {
    hint: statusHint(status),
    retryable,
    retryAfterMs: retryable ? retryAfterMs(retryAfter, Date.now()) : undefined,
  })
}

/** Retry-After (RFC 9110 10.2.3), seconds or a date, in ms and at most a minute. */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : httpDate(text) - now
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER)
}

/** An HTTP-date (RFC 9110 5.6.7) in ms since the epoch; NaN for what `Date.parse` takes beyond that (`-5`, `1.5`). */
export function httpDate(text: string): number {
  return /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i.test(text) ? Date.parse(text) : Number.NaN
}
