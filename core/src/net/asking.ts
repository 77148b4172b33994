import { PkgcacheError } from '../errors/error.ts'
import type { CallScope } from '../plugins/host.ts'
import type { FetchRequest, FetchResponse } from '../plugins/types.ts'
import { shownUrl } from './shown-url.ts'

/** What a small text may have at most, unless said otherwise. */
export const DEFAULT_TEXT_BYTES = 4 * 1024 * 1024

/** A scope without its fetch helper: the client makes that one itself. */
export type BareScope = Omit<CallScope, 'fetch'>

/** What is there already of a body that is being received. */
export interface Received {
  /** Bytes. */
  readonly size: number
  /** Set to undefined once upstream would not go on from here: the next try starts anew. */
  validator: string | undefined
}

/** One candidate, to be asked as often as its retries allow. */
export interface Attempt {
  /** One answer, handed to `use`; both are tried again together when either fails with a retryable error. */
  request<T>(
    method: FetchRequest['method'],
    use: (response: FetchResponse) => Promise<T>,
    unless?: FetchRequest['unless'],
  ): Promise<T>
  /** The same for a body whose beginning may be there: later tries ask for the rest only, where a validator allows. */
  resume<T>(received: Received, use: (response: FetchResponse) => Promise<T>): Promise<T>
}

/** Does `work` with the candidates of one URL, one after the other, until it succeeds with one. */
export type Each = <T>(work: (attempt: Attempt, candidate: string) => Promise<T>) => Promise<T>

/** A small body, whole. @throws E_TOO_LARGE */
export async function readBytes(response: FetchResponse, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.length
    if (size > limit) throw tooLarge(response.url, limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

export function tooLarge(url: URL | string, limit: number): PkgcacheError {
  return new PkgcacheError('E_TOO_LARGE', `${shownUrl(url)} is larger than ${limit} bytes`)
}
