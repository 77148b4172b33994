import { type FetchRequest, type FetchResponse, PkgcacheError, shownUrl } from '@pkgcache/core'
import { depthOf, literalPlace, shownPlace } from './addresses.ts'
import type { Connections } from './connections.ts'
import { type Answer, discard, exchange, type Redirected } from './exchange.ts'
import { placeFault, shownRequest } from './faults.ts'
import { conditions, respond, wantsRange } from './response.ts'

const REDIRECTS = [301, 302, 303, 307, 308]
const MAX_REDIRECTS = 10

/** Headers of the request that say nothing about who asks: only these go on to another origin. */
const IMPERSONAL = ['accept', 'accept-language', 'user-agent']

interface Step {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/**
 * One request with its redirects. Retries, mirrors and what becomes of the bytes are the caller's.
 * @throws E_NOT_FOUND, E_FORBIDDEN, E_HTTP, E_REDIRECT, E_UNREACHABLE, E_STALLED, E_CONFIG, E_ABORTED;
 * while the body is read also E_TRUNCATED and E_TOO_LARGE
 */
export async function fetchHttp(
  connections: Connections,
  request: FetchRequest,
  signal: AbortSignal,
): Promise<FetchResponse> {
  const range = wantsRange(request)
    ? { range: `bytes=${request.offset}-`, 'if-range': request.validator }
    : conditions(request)
  const seen = new Set<string>()
  const first = firstStep(request)
  let step = first
  let redirected: Redirected | undefined
  for (;;) {
    const headers = { ...step.headers, ...range, 'accept-encoding': 'identity' }
    const answer = await exchange(connections, step.url, request.method, headers, signal, redirected)
    if (!REDIRECTS.includes(answer.status)) return respond(answer, step.url, request)
    discard(answer)
    seen.add(step.url.href)
    const from = step.url
    step = nextStep(step, answer, request, seen)
    // what the first origin says of itself is its own affair; only others are looked at
    const away = step.url.origin !== first.url.origin
    redirected = away ? { from, depth: connections.depthFrom(first.url) } : undefined
    if (redirected !== undefined) refusePlace(step.url, redirected, request)
  }
}

/** A server must not use us to reach what only we can: services of this machine, of its network, of its cloud. */
function refusePlace(url: URL, { from, depth }: Redirected, { method }: FetchRequest): void {
  const place = literalPlace(url)
  if (place === undefined || depth === undefined || depthOf(place) <= depth) return
  throw placeFault({ url: from, method }, `${shownUrl(url)}, ${shownPlace(place)}`)
}

/** Credentials in the URL become a header, so that the URL can be shown and compared. */
function firstStep(request: FetchRequest): Step {
  const headers: Record<string, string> = { 'user-agent': 'pkgcache' }
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value
  const { username, password } = request.url
  if (username !== '' || password !== '') {
    const pair = `${decoded(username)}:${decoded(password)}`
    headers.authorization ??= `Basic ${Buffer.from(pair).toString('base64')}`
  }
  return { url: bare(request.url), headers }
}

function nextStep(step: Step, answer: Answer, request: FetchRequest, seen: ReadonlySet<string>): Step {
  const location = inUtf8(answer.headers.location)
  const asked = { url: step.url, method: request.method }
  const refuse = (what: string, hint: string): PkgcacheError =>
    new PkgcacheError('E_REDIRECT', `${shownRequest(asked)} ${what}`, { hint })
  if (location === undefined || location.includes('\n') || !URL.canParse(location, step.url.href)) {
    const two = location?.includes('\n') ? 'to two places' : 'to something that is no URL'
    const what = location === undefined ? 'without a Location' : two
    throw refuse(`redirects ${what}`, 'the server is broken; name a mirror')
  }
  // Credentials that a server puts into a Location are not ours to send.
  const url = bare(new URL(location, step.url))
  const to = `redirects to ${shownUrl(url)}`
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refuse(`${to}, which is not http`, 'name a mirror')
  if (step.url.protocol === 'https:' && url.protocol === 'http:') {
    throw refuse(
      `${to}, from https to http`,
      'bytes and credentials would go unprotected; name a mirror with https',
    )
  }
  if (seen.has(url.href)) throw refuse(`${to}, where it came from`, 'the redirects go round in a circle')
  if (seen.size > MAX_REDIRECTS)
    throw refuse(`${to} after ${MAX_REDIRECTS} redirects`, 'use the final address')
  return { url, headers: url.origin === step.url.origin ? step.headers : impersonal(step.headers) }
}

function impersonal(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => IMPERSONAL.includes(name)))
}

/** Servers send names as they are, in UTF-8; headers are read byte by byte. */
function inUtf8(header: string | undefined): string | undefined {
  if (header === undefined || !/[\u0080-\u00ff]/.test(header)) return header
  const text = Buffer.from(header, 'latin1').toString('utf8')
  return text.includes('\uFFFD') ? header : text
}

function bare(url: URL): URL {
  const copy = new URL(url)
  copy.username = ''
  copy.password = ''
  copy.hash = ''
  return copy
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
