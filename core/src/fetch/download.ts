import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PkgcacheError } from '../errors/error.ts'
import type { Fetched } from '../model/artifact.ts'
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from '../model/digest.ts'
import { formatKey } from '../model/names.ts'
import type { Resolved } from '../model/resolved.ts'
import type { Attempt, BareScope, Client } from '../net/client.ts'
import { shownUrl } from '../net/shown-url.ts'
import type { FetchResponse } from '../plugins/types.ts'
import { uniqueName } from '../store/atomic.ts'
import { Part } from './part.ts'

const PROGRESS_BYTES = 1 << 20

/**
 * Brings a resolution's bytes into the staging folder, hashing while writing. URLs and their mirrors are tried in
 * order; bytes that do not match every digest known beforehand never leave this function.
 * @throws E_DIGEST naming both digests, and what the fetcher plugins throw
 */
export async function download(resolved: Resolved, client: Client, scope: BareScope): Promise<Fetched> {
  const file = join(scope.tmpDir, uniqueName('download'))
  const errors: PkgcacheError[] = []
  for (const url of resolved.urls) {
    try {
      return await client.each(url, resolved.headers, scope, (attempt) =>
        fromCandidate(resolved, url, file, attempt, scope),
      )
    } catch (error) {
      await rm(file, { force: true })
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

/** One candidate, with its retries: they go on from what is already there when upstream's validator allows. */
async function fromCandidate(
  resolved: Resolved,
  url: string,
  file: string,
  attempt: Attempt,
  scope: BareScope,
): Promise<Fetched> {
  const algorithms = new Set<DigestAlgorithm>([
    'sha256',
    ...resolved.digests.map(({ algorithm }) => algorithm),
  ])
  const part = await Part.create(file, [...algorithms])
  try {
    const servedBy = await attempt.resume(part, async (response) => {
      await receive(response, part, resolved.size, scope)
      return shownUrl(response.url.href)
    })
    const digests = part.digests()
    checkDigests(resolved, digests, servedBy)
    return { resolved, file, size: part.size, digests, url: shownUrl(url), servedBy }
  } finally {
    await part.close()
  }
}

async function receive(
  response: FetchResponse,
  part: Part,
  expected: number | undefined,
  scope: BareScope,
): Promise<void> {
  if (response.offset !== part.size) await part.restart()
  part.validator = response.validator
  const total = expected ?? response.size
  let told = part.size
  const tell = () => {
    told = part.size
    scope.progress?.({ done: part.size, ...(total !== undefined && { total }) })
  }
  try {
    for await (const chunk of response.body) {
      await part.add(chunk)
      if (total !== undefined && part.size > total) break
      if (part.size - told >= PROGRESS_BYTES) tell()
    }
  } finally {
    // what came before a fault is good for the next try
    await part.settle()
    tell()
  }
  if (total !== undefined && part.size !== total) throw wrongLength(response, part.size, total)
}

function wrongLength(response: FetchResponse, size: number, total: number): PkgcacheError {
  const url = shownUrl(response.url.href)
  if (size > total)
    return new PkgcacheError('E_TOO_LARGE', `${url} sent ${size} bytes where ${total} were announced`)
  return new PkgcacheError('E_TRUNCATED', `${url} ended after ${size} of ${total} bytes`, { retryable: true })
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
          hint: 'the file was changed, or a mirror is wrong; nothing of it was published',
        },
      )
    }
  }
}
