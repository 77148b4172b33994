import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici'
import type { FetchHttpOptions } from './options.ts'
import { type ProxyEnvironment, proxyFor } from './proxy.ts'

const DEFAULTS = { connectTimeout: 15_000, stallTimeout: 30_000 }

/** Authorities (PEM) trusted instead of Node's own. */
interface Trust {
  readonly ca?: string
}

export interface Route {
  readonly dispatcher: Dispatcher
  readonly proxy: URL | undefined
}

/** The pooled connections of one plugin instance. Idle ones do not keep the process alive. */
export class Connections {
  /** ms */
  readonly stallTimeout: number
  readonly #connect: Trust & { timeout: number }
  readonly #env: ProxyEnvironment
  readonly #direct: Agent
  readonly #proxies = new Map<string, ProxyAgent>()

  /** `trust` is for tests with a certificate of their own; users have NODE_EXTRA_CA_CERTS. */
  constructor(options: FetchHttpOptions, env: ProxyEnvironment, trust: Trust = {}) {
    this.stallTimeout = options.stallTimeout ?? DEFAULTS.stallTimeout
    this.#connect = { ...trust, timeout: options.connectTimeout ?? DEFAULTS.connectTimeout }
    this.#env = env
    this.#direct = new Agent({ connect: this.#connect })
  }

  /**
   * How to reach `url`.
   * @throws E_CONFIG when the environment names a proxy that is none
   */
  route(url: URL): Route {
    const proxy = proxyFor(url, this.#env)
    if (proxy === undefined) return { dispatcher: this.#direct, proxy }
    let dispatcher = this.#proxies.get(proxy.href)
    if (dispatcher === undefined) {
      dispatcher = this.#through(proxy)
      this.#proxies.set(proxy.href, dispatcher)
    }
    return { dispatcher, proxy }
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
