import { PkgcacheError } from '../errors/error.ts'
import { shorten } from '../format.ts'
import type { PluginHost } from '../plugins/host.ts'
import type { FetchHelper, FetchRequest, FetchResponse, TextOptions } from '../plugins/types.ts'
import type { KeyedLimiter } from '../run/scheduler.ts'
import { secretsOfRequest } from '../run/secrets.ts'
import {
  type Attempt,
  type BareScope,
  DEFAULT_TEXT_BYTES,
  type Each,
  type Received,
  readBytes,
} from './asking.ts'
import { type Keeping, KeptTexts } from './kept.ts'
import { type Candidate, type MirrorRules, mirrorCandidates } from './mirrors.ts'
import { withRetries } from './retry.ts'
import { shownUrl } from './shown-url.ts'

/** Every request there is goes through here: mirrors, retries, per-host cap, fetcher plugins. */
export class Client {
  readonly #host: PluginHost
  readonly #rules: MirrorRules
  readonly #perHost: KeyedLimiter
  readonly #kept: KeptTexts

  constructor(host: PluginHost, rules: MirrorRules, perHost: KeyedLimiter, keeping: Keeping) {
    this.#host = host
    this.#rules = rules
    this.#perHost = perHost
    this.#kept = new KeptTexts(keeping)
  }

  /**
   * Does `work` with one candidate after the other until one succeeds; each gets its retries.
   * @throws the first candidate's error when all fail, with what the others said in the hint
   */
  async each<T>(
    url: string,
    headers: Readonly<Record<string, string>> | undefined,
    scope: BareScope,
    work: (attempt: Attempt, candidate: string) => Promise<T>,
  ): Promise<T> {
    for (const secret of secretsOfRequest(url, headers)) scope.secret(secret)
    const candidates = mirrorCandidates(url, this.#rules)
    const errors: { candidate: Candidate; error: PkgcacheError }[] = []
    for (const candidate of candidates) {
      try {
        return await this.#tryCandidate(candidate, candidate.origin ? headers : undefined, scope, work)
      } catch (error) {
        if (!(error instanceof PkgcacheError) || scope.signal.aborted) throw error
        errors.push({ candidate, error })
        if (candidates.length > errors.length) {
          scope.log('warn', 'fetch', `${error.message}; trying the next URL`)
        }
      }
    }
    throw allFailed(errors)
  }

  async #tryCandidate<T>(
    candidate: Candidate,
    headers: Readonly<Record<string, string>> | undefined,
    scope: BareScope,
    work: (attempt: Attempt, candidate: string) => Promise<T>,
  ): Promise<T> {
    const url = parseUrl(candidate.url)
    const asking = <T>(
      ask: () => Partial<FetchRequest>,
      use: (response: FetchResponse) => Promise<T>,
      judge: (error: unknown) => unknown = (error) => error,
    ) =>
      withRetries(
        scope.signal,
        async () => {
          const opening = this.#open({ url, method: 'GET', headers: headers ?? {}, ...ask() }, scope)
          return use(await opening.catch((error) => Promise.reject(judge(error))))
        },
        (error, pause) => scope.log('warn', 'fetch', `${error.message}; again in ${Math.round(pause)} ms`),
      )
    const attempt: Attempt = {
      request: (method, use, unless) => asking(() => ({ method, ...(unless && { unless }) }), use),
      resume: (received, use) =>
        asking(
          () => rest(received),
          use,
          (error) => startAnew(error, received),
        ),
    }
    return this.#perHost.run(url.host, scope.signal, () => work(attempt, candidate.url))
  }

  async #open(request: FetchRequest, scope: BareScope): Promise<FetchResponse> {
    // fetchers get no fetch helper of their own: it would lead back here
    const answer = await this.#host.bail<FetchResponse>('fetch', request, { ...scope, fetch: NO_FETCH })
    if (answer?.value.notModified && request.unless === undefined) {
      const what = `${answer.plugin} says "not modified" where no copy was named`
      throw new PkgcacheError('E_PLUGIN', `${what} (${shownUrl(request.url.href)})`, {
        plugin: answer.plugin,
      })
    }
    if (answer) return answer.value
    const scheme = request.url.protocol.slice(0, -1)
    throw new PkgcacheError(
      'E_SCHEME',
      `no fetcher plugin takes ${scheme}: URLs (${shownUrl(request.url.href)})`,
      {
        hint: `loaded fetchers: ${this.#host.ownersOf('fetch').join(', ') || 'none'}`,
      },
    )
  }

  /** The helper plugins get. */
  helper(scope: BareScope): FetchHelper {
    const bytes = (url: string, options: TextOptions = {}): Promise<Buffer> =>
      this.each(url, options.headers, scope, (attempt) =>
        attempt.request('GET', (response) => readBytes(response, options.maxBytes ?? DEFAULT_TEXT_BYTES)),
      )
    return {
      bytes,
      text: async (url, options) => (await bytes(url, options)).toString(),
      kept: (url, options = {}) => {
        const each: Each = (work) => this.each(url, options.headers, scope, work)
        return this.#kept.get(url, options, scope, each)
      },
      size: (url, options = {}) =>
        this.each(url, options.headers, scope, (attempt) =>
          attempt.request('HEAD', async ({ size }) => size),
        ),
    }
  }
}

/** A refused or wrong range (416, another start, another version) would be refused each time: begin at byte 0. What may pass (503) keeps what is there. */
function startAnew(error: unknown, received: Received): unknown {
  const refused =
    error instanceof PkgcacheError &&
    error.code === 'E_HTTP' &&
    !error.retryable &&
    received.validator !== undefined
  if (!refused || received.size === 0) return error
  received.validator = undefined
  return new PkgcacheError('E_HTTP', error.message, { hint: error.hint, cause: error, retryable: true })
}

function rest(received: Received): Partial<FetchRequest> {
  const { size, validator } = received
  return size > 0 && validator !== undefined ? { offset: size, validator } : {}
}

const refuse = () => Promise.reject(new PkgcacheError('E_PLUGIN', 'a fetcher asked for the fetch helper'))
const NO_FETCH: FetchHelper = Object.freeze({
  text: refuse,
  bytes: refuse,
  kept: refuse,
  size: refuse,
})

/** @throws E_SCHEME */
function parseUrl(url: string): URL {
  try {
    return new URL(url)
  } catch (cause) {
    throw new PkgcacheError('E_SCHEME', `${JSON.stringify(shorten(shownUrl(url), 200))} is not a URL`, {
      cause,
    })
  }
}

function allFailed(errors: readonly { candidate: Candidate; error: PkgcacheError }[]): PkgcacheError {
  const [first, ...others] = errors
  if (first === undefined) return new PkgcacheError('E_UNREACHABLE', 'there is no URL to ask')
  // the most telling one: wrong bytes before missing bytes, and those before a mirror that is down
  const telling =
    errors.find(({ error }) => error.exitCode === 3) ?? errors.find(({ error }) => !error.retryable) ?? first
  if (others.length === 0) return telling.error
  const said = errors.map(({ candidate, error }) => `${shownUrl(candidate.url)} (${error.code})`).join(', ')
  return new PkgcacheError(telling.error.code, telling.error.message, {
    cause: telling.error,
    hint: [telling.error.hint, `asked in order: ${said}`].filter(Boolean).join('; '),
    plugin: telling.error.plugin,
    stage: telling.error.stage,
  })
}
