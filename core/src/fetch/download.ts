import type { ErrorCode } from '../errors/codes.ts'
import { PkgcacheError } from '../errors/error.ts'
import { formatBytes } from '../format.ts'
import { REPLACED } from '../lockfile/faults.ts'
import type { Fetched } from '../model/artifact.ts'
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from '../model/digest.ts'
import { formatKey } from '../model/names.ts'
import type { Resolved } from '../model/resolved.ts'
import type { Attempt, BareScope } from '../net/asking.ts'
import type { Client } from '../net/client.ts'
import { shownUrl } from '../net/shown-url.ts'
import { webPageText } from '../net/web-page.ts'
import type { FetchResponse } from '../plugins/types.ts'
import type { Part } from './part.ts'
import type { Parts } from './parts.ts'

const PROGRESS_BYTES = 1 << 20

/** A finished download, and what is to become of its bytes. */
export interface Downloaded {
  readonly fetched: Fetched
  /** Bytes that came in this run; the others were there already. */
  readonly receivedBytes: number
  /** To be called when nobody needs the file any more: removes it, or leaves it for the next run. */
  release(keep: boolean): Promise<void>
}

/** What downloads work with. */
export interface DownloadMeans {
  readonly client: Client
  readonly parts: Parts
  /** The most a download may come to, in bytes. */
  readonly maxBytes: number
}

/**
 * Brings a resolution's bytes to disk, hashing while writing. URLs and their mirrors are tried in order; each goes on
 * from what an earlier try or run left of it. Bytes that do not match every digest known beforehand never leave this
 * function.
 * @throws E_DIGEST naming both digests, E_TOO_LARGE, E_HTTP for a web page, and what the fetcher plugins throw
 */
export async function download(
  resolved: Resolved,
  means: DownloadMeans,
  scope: BareScope,
): Promise<Downloaded> {
  const errors: PkgcacheError[] = []
  const failed: string[] = []
  for (const url of resolved.urls) {
    try {
      const downloaded = await means.client.each(url, resolved.headers, scope, async (attempt, candidate) => {
        failed.push(candidate)
        const done = await fromCandidate(resolved, { url, candidate, attempt }, means, scope)
        failed.pop()
        return done
      })
      // what other places gave of it is of no use any more
      for (const candidate of failed) await means.parts.drop(candidate, resolved.digests)
      return downloaded
    } catch (error) {
      if (!(error instanceof PkgcacheError) || scope.signal.aborted) throw error
      errors.push(error)
    }
  }
  throw (
    errors.find((error) => error.exitCode === 3) ??
    errors[0] ??
    new PkgcacheError('E_NOT_FOUND', 'there is no URL')
  )
}

interface Place {
  /** The URL asked for. */
  readonly url: string
  /** What stands in for it: a mirror, or itself. */
  readonly candidate: string
  readonly attempt: Attempt
}

/** One candidate, with its retries: they go on from what is already there when upstream's validator allows. */
async function fromCandidate(
  resolved: Resolved,
  { url, candidate, attempt }: Place,
  { parts, maxBytes }: DownloadMeans,
  scope: BareScope,
): Promise<Downloaded> {
  const algorithms = new Set<DigestAlgorithm>([
    'sha256',
    ...resolved.digests.map(({ algorithm }) => algorithm),
  ])
  const part = await parts.open(candidate, resolved.digests, [...algorithms])
  try {
    if (!part.isWhole)
      await attempt.resume(part, (response) => receive(response, part, { resolved, maxBytes }, scope))
    const digests = await part.finish()
    checkDigests(resolved, digests, part.servedBy)
    const { file, size, servedBy } = part
    const fetched = { resolved, file, size, digests, url: shownUrl(url), servedBy }
    const release = (keep: boolean) => (keep ? part.keep() : part.discard())
    return { fetched, receivedBytes: part.received, release }
  } catch (error) {
    await (scope.signal.aborted || isWorthKeeping(error) ? part.keep() : part.discard())
    throw error
  }
}

/** Faults that say nothing against the bytes: of the connection, of another answer than the file, of the disk. */
export function isWorthKeeping(error: unknown): boolean {
  return error instanceof PkgcacheError && (error.retryable || KEEPING.includes(error.code))
}

const KEEPING: readonly ErrorCode[] = [
  ...(['E_UNREACHABLE', 'E_FORBIDDEN', 'E_HTTP', 'E_REDIRECT'] as const),
  ...(['E_NOSPC', 'E_ABORTED', 'E_STORE', 'E_LOCKED'] as const),
]

interface Expected {
  readonly resolved: Resolved
  readonly maxBytes: number
}

async function receive(
  response: FetchResponse,
  part: Part,
  { resolved, maxBytes }: Expected,
  scope: BareScope,
): Promise<void> {
  // what the source knows counts: a 416 that says "complete" may be of a shorter file
  const total = resolved.size ?? response.size
  if (total !== undefined && total > maxBytes) throw tooLarge(response, maxBytes)
  let goesOn = part.size > 0 && response.offset === part.size
  const begin = () =>
    part.begin({ servedBy: shownUrl(response.url.href), validator: response.validator, total })
  let told = part.size
  const tell = () => {
    told = part.size
    scope.progress?.({ done: part.size, ...(total !== undefined && { total }) })
  }
  try {
    for await (const chunk of response.body) {
      if (!goesOn) {
        // before the bytes that are there are given up for it
        refuseWebPage(response, chunk, resolved)
        await begin()
        goesOn = true
      }
      await part.add(chunk)
      if (part.size > (total ?? maxBytes)) break
      if (part.size - told >= PROGRESS_BYTES) tell()
    }
  } finally {
    // what came before a fault is good for the next try
    await part.settle()
    tell()
  }
  if (!goesOn) await begin()
  if (total === undefined && part.size > maxBytes) throw tooLarge(response, maxBytes)
  if (total !== undefined && part.size !== total) throw wrongLength(response, part.size, total)
}

/** A login page, an error page, a page of a captive portal: where something else is expected, it never is the file. */
function refuseWebPage(response: FetchResponse, head: Uint8Array, { format }: Resolved): void {
  if (format === 'html' || /\.x?html?$/i.test(response.url.pathname)) return
  const text = webPageText(head, response.contentType)
  if (text === undefined) return
  throw new PkgcacheError(
    'E_HTTP',
    `${shownUrl(response.url.href)} answered with a web page instead of the file: ${JSON.stringify(text)}`,
    { hint: 'log in there, or give credentials (in the URL, by a plugin, in netrc), or name a mirror' },
  )
}

function tooLarge(response: FetchResponse, maxBytes: number): PkgcacheError {
  return new PkgcacheError(
    'E_TOO_LARGE',
    `${shownUrl(response.url.href)} is larger than the ${formatBytes(maxBytes)} (${maxBytes} bytes) a download may have`,
    { hint: 'raise limits.downloadBytes in the config if it is meant to be so large' },
  )
}

function wrongLength(response: FetchResponse, size: number, total: number): PkgcacheError {
  const url = shownUrl(response.url.href)
  if (size > total) {
    return new PkgcacheError('E_TOO_LARGE', `${url} sent ${size} bytes where ${total} were announced`, {
      hint: 'the server or the source contradicts itself; name a mirror',
    })
  }
  return new PkgcacheError('E_TRUNCATED', `${url} ended after ${size} of ${total} bytes`, {
    hint: 'try again; if it stays so, name a mirror',
    retryable: true,
  })
}

/** @throws E_DIGEST */
function checkDigests(resolved: Resolved, digests: Fetched['digests'], servedBy: string): void {
  for (const algorithm of DIGEST_ALGORITHMS) {
    for (const expected of resolved.digests.filter((digest) => digest.algorithm === algorithm)) {
      const actual = digests[algorithm]
      if (actual === expected.value) continue
      throw new PkgcacheError(
        'E_DIGEST',
        `${servedBy} has ${algorithm} ${actual}, but ${shownUrl(expected.from)} says ${expected.value}`,
        {
          item: formatKey(resolved.key),
          hint:
            expected.origin === 'lock'
              ? REPLACED
              : 'the file was changed, or a mirror is wrong; nothing of it was published',
        },
      )
    }
  }
}
