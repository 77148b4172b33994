import type { ErrorCode } from '../errors/codes.ts'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import type { KeptCopy } from '../model/kept.ts'
import type { FetchResponse, KeptOptions, KeptText } from '../plugins/types.ts'
import { type Attempt, type BareScope, DEFAULT_TEXT_BYTES, type Each, readBytes, tooLarge } from './asking.ts'
import { shownUrl } from './shown-url.ts'
import { webPageText } from './web-page.ts'

/** Where texts are kept, by URLs without secrets. */
export interface KeptCopies {
  /** Undefined where there is none, or none that is whole. */
  read(url: string): Promise<KeptCopy | undefined>
  write(url: string, copy: KeptCopy): Promise<void>
}

/** How texts are kept in one run. */
export interface Keeping {
  readonly copies: KeptCopies
  /** False: nothing may be written. */
  readonly writes: boolean
  /** A URL as it may be written down. */
  readonly withoutSecrets: (url: string) => string
}

interface Asking {
  readonly url: string
  readonly maxBytes: number
  readonly scope: BareScope
}

interface Fault {
  readonly candidate: string
  readonly error: PkgcacheError
}

/** What came of one candidate: new bytes, or the copy that upstream says is as it was. */
type Answer = { readonly copy: KeptCopy; readonly state: KeptText['state'] }

/** The texts of one run: each URL is asked once, whoever asks. */
export class KeptTexts {
  readonly #keeping: Keeping
  readonly #told = new Map<string, Promise<KeptText>>()
  #cannotKeep = false

  constructor(keeping: Keeping) {
    this.#keeping = keeping
  }

  get(url: string, options: KeptOptions, scope: BareScope, each: Each): Promise<KeptText> {
    const { maxBytes = DEFAULT_TEXT_BYTES, offline = false, headers } = options
    const id = JSON.stringify([url, maxBytes, offline, headers])
    const known = this.#told.get(id)
    if (known !== undefined) return known
    const asking = { url, maxBytes, scope }
    const told = (offline ? this.#offline(asking) : this.#ask(asking, each)).then(toText)
    this.#told.set(id, told)
    return told
  }

  #read(url: string): Promise<KeptCopy | undefined> {
    return this.#keeping.copies.read(this.#keeping.withoutSecrets(url))
  }

  async #offline({ url, maxBytes }: Asking): Promise<Answer> {
    const copy = await this.#read(url)
    if (copy !== undefined) return { copy: within(copy, url, maxBytes), state: 'kept' }
    throw new PkgcacheError('E_NOT_CACHED', `${shownUrl(url)} is not kept, and upstream must not be asked`, {
      hint: 'let it be fetched once: run without --frozen, online',
    })
  }

  async #ask(asking: Asking, each: Each): Promise<Answer> {
    const { url, maxBytes, scope } = asking
    const before = await this.#read(url)
    const faults: Fault[] = []
    try {
      const answer = await each(async (attempt, candidate) => {
        try {
          return await this.#validated(attempt, candidate, before, asking)
        } catch (error) {
          if (error instanceof PkgcacheError) faults.push({ candidate, error })
          throw error
        }
      })
      if (answer.copy !== before) await this.#keep(asking, answer.copy)
      return { ...answer, copy: within(answer.copy, url, maxBytes) }
    } catch (thrown) {
      if (before === undefined || scope.signal.aborted || !(thrown instanceof PkgcacheError)) throw thrown
      if (!isAway(faults, url)) throw withCopy(thrown, before)
      const why = `${thrown.message}; going by the copy of ${shownUrl(url)} from ${before.fetchedAt}`
      scope.log('warn', 'fetch', why)
      return { copy: within(before, url, maxBytes), state: 'kept' }
    }
  }

  async #validated(
    attempt: Attempt,
    candidate: string,
    before: KeptCopy | undefined,
    { url, maxBytes }: Asking,
  ): Promise<Answer> {
    const servedBy = this.#keeping.withoutSecrets(candidate)
    const unless = before?.servedBy === servedBy ? conditionsOf(before) : undefined
    const use = async (response: FetchResponse): Promise<Answer | undefined> => {
      if (response.notModified) {
        return before && isOf(response, before) ? { copy: before, state: 'unchanged' } : undefined
      }
      const bytes = await readBytes(response, maxBytes)
      return compared(toCopy(bytes, response, servedBy), before, { url, response })
    }
    const answer = (await attempt.request('GET', use, unless)) ?? (await attempt.request('GET', use))
    if (answer !== undefined) return answer
    throw new PkgcacheError('E_HTTP', `${shownUrl(candidate)} says "not modified" of what is not there`)
  }

  /** What cannot be kept was fetched all the same. */
  async #keep({ url, scope }: Asking, copy: KeptCopy): Promise<void> {
    const { copies, writes, withoutSecrets } = this.#keeping
    if (!writes || this.#cannotKeep) return
    try {
      await copies.write(withoutSecrets(url), copy)
    } catch (thrown) {
      this.#cannotKeep = true
      const { message } = toPkgcacheError(thrown, 'E_STORE')
      scope.log('warn', 'fetch', `what is fetched cannot be kept for the next time: ${message}`)
    }
  }
}

function toText({ copy, state }: Answer): KeptText {
  const validator = copy.etag ?? copy.lastModified
  return {
    text: copy.bytes.toString(),
    ...(validator !== undefined && { validator }),
    fetchedAt: copy.fetchedAt,
    state,
  }
}

function within(copy: KeptCopy, url: string, maxBytes: number): KeptCopy {
  if (copy.bytes.length > maxBytes) throw tooLarge(url, maxBytes)
  return copy
}

/** One of the two: a server that has ETags goes by them alone (RFC 9110 13.2.2), and dates know no more than seconds. */
function conditionsOf({ etag, lastModified }: KeptCopy) {
  if (etag !== undefined) return { etag }
  return lastModified === undefined ? undefined : { lastModified }
}

/** Whether a 304 speaks of this copy (RFC 9111 4.3.4), by weak comparison (RFC 9110 8.8.3.2). */
function isOf(response: FetchResponse, { etag }: KeptCopy): boolean {
  const opaque = (tag: string) => tag.replace(/^W\//, '')
  return response.etag === undefined || etag === undefined || opaque(response.etag) === opaque(etag)
}

function toCopy(bytes: Buffer, { etag, lastModified }: FetchResponse, servedBy: string): KeptCopy {
  return {
    bytes,
    servedBy,
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    fetchedAt: new Date().toISOString(),
  }
}

interface Answered {
  readonly url: string
  readonly response: FetchResponse
}

/**
 * New bytes beside those that are kept: equal ones came when they first came, whatever upstream says of them now.
 * @throws E_HTTP, to be tried again, for a web page where none was kept: a login or a portal stands between
 */
function compared(copy: KeptCopy, before: KeptCopy | undefined, { url, response }: Answered): Answer {
  if (before === undefined) return { copy, state: 'fetched' }
  if (before.bytes.equals(copy.bytes)) {
    const same =
      copy.servedBy === before.servedBy &&
      copy.etag === before.etag &&
      copy.lastModified === before.lastModified
    return { copy: same ? before : { ...copy, fetchedAt: before.fetchedAt }, state: 'unchanged' }
  }
  const page = webPageText(copy.bytes, response.contentType)
  if (page === undefined || webPageText(before.bytes, undefined) !== undefined) {
    return { copy, state: 'fetched' }
  }
  throw new PkgcacheError('E_HTTP', `${shownUrl(url)} answered with a web page: ${JSON.stringify(page)}`, {
    hint: 'log in there, or give credentials, or name a mirror',
    retryable: true,
  })
}

// no name for the host, no trust in its certificate: nothing that another try would change
const AWAY: readonly ErrorCode[] = ['E_UNREACHABLE']

/** Whether upstream could not be asked. Where it answered itself, what a mirror said is of no account. */
function isAway(faults: readonly Fault[], url: string): boolean {
  const isPassing = ({ error }: Fault) => error.retryable || AWAY.includes(error.code)
  const own = faults.find(({ candidate }) => candidate === url)
  return own === undefined ? faults.some(isPassing) : isPassing(own)
}

function withCopy(error: PkgcacheError, { fetchedAt }: KeptCopy): PkgcacheError {
  const { code, message, hint, plugin, stage, item } = error
  const kept = `a copy of ${fetchedAt} is kept`
  return new PkgcacheError(code, message, {
    hint: hint === undefined ? kept : `${hint}; ${kept}`,
    cause: error,
    plugin,
    stage,
    item,
  })
}
