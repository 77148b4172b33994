import { setMaxListeners } from 'node:events'
import { afterAll } from 'vitest'
import type { RunOptions } from '../../src/cache.types.ts'
import { type Settings, toSettings } from '../../src/config/settings.ts'
import type { Config } from '../../src/config/types.ts'
import type { NodeSpec } from '../../src/model/node.ts'
import type { StoreRecord } from '../../src/model/record.ts'
import { requestDigest } from '../../src/model/request-digest.ts'
import type { NodeResult, RunEvent, RunResult } from '../../src/model/run.ts'
import { chooseNodes } from '../../src/model/select.ts'
import { PackWorkers } from '../../src/normalise/archive-writer.ts'
import { PluginHost } from '../../src/plugins/host.ts'
import type { Plugin } from '../../src/plugins/types.ts'
import type { Clock } from '../../src/run/clock.ts'
import { type RunContext, type RunOwn, runContext } from '../../src/run/context.ts'
import { go } from '../../src/run/go.ts'
import { Redactor } from '../../src/run/redact.ts'
import { Schemas } from '../../src/schemas.ts'
import { Store } from '../../src/store/store.ts'
import { publish } from './store.ts'

const schemas = new Schemas()

/** A clock on which a pause takes no time, and is written down. */
export class FakeClock implements Clock {
  /** Lengths of all pauses in ms, in order. */
  readonly pauses: number[] = []
  #now = 1000
  now = () => this.#now
  random = () => 0.5
  sleep = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted()
    this.pauses.push(ms)
    this.#now += ms
  }

  /** Time that passes otherwise. */
  pass(ms: number): void {
    this.#now += ms
  }
}

export interface World {
  readonly settings: Settings
  readonly nodes: readonly NodeSpec[]
  readonly store: Store
  readonly clock: FakeClock
  readonly events: RunEvent[]
  /** `level scope: message` of everything logged. */
  readonly logged: string[]
  /** A context as a run has one. */
  context(own?: Partial<RunOwn>): RunContext
  /** What is cached, to the nodes, as `distribute` does it. */
  distribute(options?: RunOptions): Promise<RunResult>
  /** Puts into the store what the request of this name leads to. */
  cache(name: string, content?: string, arch?: string): Promise<StoreRecord>
}

/** Many listen to the signal of a run, on purpose. */
function quietSignal(outer?: AbortSignal): AbortSignal {
  const signal = AbortSignal.any(outer ? [outer] : [])
  setMaxListeners(0, signal)
  return signal
}

/** A run's world without a network: a real store, a config, the given plugins, a clock that stands still. */
export function worldOf(root: string, config: Config, plugins: readonly Plugin[]): World {
  const basis = { dir: '/project', env: {}, defaultPlugins: plugins, schemas }
  const settings = toSettings({ store: root, arch: 'amd64', ...config }, basis)
  const [logged, events, clock]: [string[], RunEvent[], FakeClock] = [[], [], new FakeClock()]
  const store = new Store(root, schemas, (level, message) => void logged.push(`${level} store: ${message}`))
  const workers = new PackWorkers()
  afterAll(() => workers.close())
  const base = {
    settings,
    host: new PluginHost(settings.plugins),
    store,
    workers,
    redactor: new Redactor(),
    askSecret: async () => undefined,
    log: () => undefined,
  }
  const emit = (event: RunEvent) => {
    if (event.type === 'log') logged.push(`${event.level} ${event.scope}: ${event.message}`)
    else events.push(event)
  }
  const context = (own: Partial<RunOwn> = {}) => ({ ...runContext(base, { ...defaults, ...own }), clock })
  const defaults: RunOwn = {
    signal: quietSignal(),
    tmpDir: root,
    lock: undefined,
    require: 'unverified',
    rehash: false,
    emit,
    keeps: true,
  }
  return {
    settings,
    nodes: settings.nodes,
    store,
    clock,
    events,
    logged,
    context,
    async distribute({ signal: outer, rehash = false, ...options } = {}) {
      const signal = quietSignal(outer)
      await store.prepare()
      const { nodes: patterns } = options
      const chosen = patterns ? chooseNodes(patterns, settings.nodes) : settings.nodes
      const found = { all: settings.nodes, chosen }
      const going = { requests: () => settings.requests, report: false }
      return go(going, found, { ...options, stages: 'distribute' }, context({ signal, rehash }))
    },
    async cache(name, content = `content of ${name}`, arch = 'amd64') {
      const request = settings.requests.find((one) => one.name === name && one.arch === arch)
      if (request === undefined) throw new Error(`${name} is not declared for ${arch}`)
      const { version, platform } = request
      const key = { name, version, platform, arch }
      return publish(store, key, content, { request: requestDigest(request) })
    },
  }
}

/** Deliveries as lines: `w1 tool sent`, `w2 tool failed E_NODE: …`. */
export function rows(deliveries: readonly NodeResult[]): string[] {
  return deliveries.map((result) => {
    const what = `${result.node} ${result.key.name} ${result.key.arch} ${result.state}`
    if ('error' in result) return `${what} ${result.error.code}: ${result.error.message}`
    if (!('sentBytes' in result)) return what
    return [what, result.via && `via ${result.via}`, result.onNode && `onNode ${result.onNode}`]
      .filter(Boolean)
      .join(' ')
  })
}
