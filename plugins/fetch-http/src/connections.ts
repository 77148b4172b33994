import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici'
import { depthOf, literalPlace, placeOf } from './addresses.ts'
import { guardedLookup, type Lookup } from './guard.ts'
import type { FetchHttpOptions } from './options.ts'
import { type ProxyEnvironment, proxyFor } from './proxy.ts'

const DEFAULTS = { connectTimeout: 15_000, stallTimeout: 30_000 }

/** What tests bring of their own: authorities (PEM) trusted instead of Node's, a DNS. */
interface Surroundings {
  readonly ca?: string
  readonly lookup?: Lookup
}

export interface Route {
  readonly dispatcher: Dispatcher
  readonly proxy: URL | undefined
}

/** The pooled connections of one plugin instance. Idle ones do not keep the process alive. */
export class Connections {
  /** ms */
  readonly stallTimeout: number
  readonly #connect: { readonly ca?: string; readonly timeout: number }
  readonly #env: ProxyEnvironment
  readonly #lookup: Lookup | undefined
  readonly #allowPrivate: boolean
  readonly #direct: Agent
  /** By the depth that they may go to. */
  readonly #guarded = new Map<number, Agent>()
  readonly #proxies = new Map<string, ProxyAgent>()
  /** Address of the last direct connection to an origin. */
  readonly #reached = new Map<string, string>()

  /** `surroundings` are for tests; users have NODE_EXTRA_CA_CERTS. */
  constructor(options: FetchHttpOptions, env: ProxyEnvironment, { ca, lookup }: Surroundings = {}) {
    this.stallTimeout = options.stallTimeout ?? DEFAULTS.stallTimeout
    this.#connect = {
      ...(ca !== undefined && { ca }),
      timeout: options.connectTimeout ?? DEFAULTS.connectTimeout,
    }
    this.#env = env
    this.#lookup = lookup
    this.#allowPrivate = options.allowPrivateRedirects ?? false
    this.#direct = new Agent({ connect: this.#noting() })
  }

  /**
   * How to reach `url`.
   * @param depth of places that a name may lead to; undefined for any
   * @throws E_CONFIG when the environment names a proxy that is none
   */
  route(url: URL, depth?: number): Route {
    const proxy = proxyFor(url, this.#env)
    if (proxy === undefined) {
      return { dispatcher: depth === undefined ? this.#direct : this.#guardedAt(depth), proxy }
    }
    let dispatcher = this.#proxies.get(proxy.href)
    if (dispatcher === undefined) {
      dispatcher = this.#through(proxy)
      this.#proxies.set(proxy.href, dispatcher)
    }
    return { dispatcher, proxy }
  }

  /** How deep redirects from `url`, which was asked already, may lead; undefined for no limit. */
  depthFrom(url: URL): number | undefined {
    if (this.#allowPrivate) return undefined
    const address = this.#reached.get(url.origin)
    const place = literalPlace(url) ?? (address === undefined ? 'public' : placeOf(address))
    const depth = depthOf(place)
    return depth === 2 ? undefined : depth
  }

  /** Connections that remember what address they reached: to know whether an origin is private costs no query. */
  #noting(): buildConnector.connector {
    const connect = buildConnector({
      ...this.#connect,
      ...(this.#lookup && { lookup: guardedLookup(2, this.#lookup) }),
    })
    return (options, done) =>
      connect(options, (...[error, socket]) => {
        if (error !== null) return done(error, null)
        if (socket.remoteAddress !== undefined) {
          this.#reached.set(new URL(`${options.protocol}//${options.host}`).origin, socket.remoteAddress)
        }
        done(null, socket)
      })
  }

  #guardedAt(depth: number): Agent {
    const known = this.#guarded.get(depth)
    if (known !== undefined) return known
    const agent = new Agent({ connect: { ...this.#connect, lookup: guardedLookup(depth, this.#lookup) } })
    this.#guarded.set(depth, agent)
    return agent
  }

  #through(proxy: URL): ProxyAgent {
    const stall = { headersTimeout: this.stallTimeout, bodyTimeout: this.stallTimeout }
    return new ProxyAgent({
      uri: proxy.href,
      // Plain http goes in absolute form: many proxies allow CONNECT to port 443 only.
      proxyTunnel: false,
      proxyTls: this.#connect,
      requestTls: this.#connect,
      // Without it a proxy that never answers CONNECT is waited for by undici's own 300 s.
      clientFactory: (origin, opts) => new Pool(origin, { ...opts, ...stall }),
    })
  }
}
