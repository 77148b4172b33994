import { setMaxListeners } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  Cache,
  CallOptions,
  EnsureOptions,
  LoadedPlugin,
  Plan,
  RunOptions,
  Stats,
} from './cache.types.ts'
import { parseSpec, type Settings, toRequests, toSettings } from './config/settings.ts'
import type { Config, PackageConfig } from './config/types.ts'
import { PkgcacheError } from './errors/error.ts'
import { keyId, type PackageKey, plainVersion } from './model/names.ts'
import { isFor, type NodeSpec } from './model/node.ts'
import type { StoreRecord } from './model/record.ts'
import type { PackageRequest } from './model/request.ts'
import type { LogLevel, RunResult } from './model/run.ts'
import { Client } from './net/client.ts'
import { PackWorkers } from './normalise/archive-writer.ts'
import { PluginHost } from './plugins/host.ts'
import type { Plugin, RenderedReport } from './plugins/types.ts'
import { renderAgain } from './report/again.ts'
import type { RunContext } from './run/context.ts'
import { planAll } from './run/plan.ts'
import { maskingErrors, Redactor } from './run/redact.ts'
import { runAll } from './run/run.ts'
import { KeyedLimiter, Limiter } from './run/scheduler.ts'
import { Schemas } from './schemas.ts'
import { checkStore } from './store/check.ts'
import { pruneStore } from './store/prune.ts'
import { storeStats } from './store/stats.ts'
import { Store } from './store/store.ts'

/** What `createCache` takes beside the config. */
export interface CacheOptions {
  /** Base of the config's relative paths. Default: the working folder. */
  readonly dir?: string
  /** Plugins a config gets besides its own. Default none: core knows no plugin. */
  readonly defaultPlugins?: readonly Plugin[]
  /** Log lines outside of a run, and of runs without `onProgress`. */
  readonly onLog?: (entry: {
    readonly level: LogLevel
    readonly scope: string
    readonly message: string
  }) => void
}

/**
 * A cache for one config. Checks everything that can be checked without disk and network.
 * @throws E_CONFIG with all faults at once, E_PLUGIN_ORDER
 */
export async function createCache(config: Config, options: CacheOptions = {}): Promise<Cache> {
  const redactor = new Redactor()
  redactor.addEnvironment(process.env)
  redactor.addConfig(config)
  try {
    const schemas = new Schemas()
    const settings = toSettings(config, {
      dir: options.dir ?? process.cwd(),
      env: process.env,
      defaultPlugins: options.defaultPlugins ?? [],
      schemas,
    })
    return maskingErrors(new LocalCache(config, settings, schemas, redactor, options), redactor)
  } catch (thrown) {
    throw redactor.maskError(thrown)
  }
}

class LocalCache implements Cache {
  readonly #config: Config
  readonly #settings: Settings
  readonly #host: PluginHost
  readonly #store: Store
  readonly #workers = new PackWorkers()
  readonly #redactor: Redactor
  readonly #options: CacheOptions

  constructor(
    config: Config,
    settings: Settings,
    schemas: Schemas,
    redactor: Redactor,
    options: CacheOptions,
  ) {
    this.#config = config
    this.#settings = settings
    this.#options = options
    this.#host = new PluginHost(settings.plugins)
    this.#redactor = redactor
    this.#store = new Store(settings.store, schemas, (level, message) => this.#log(level, 'store', message))
  }

  get store(): string {
    return this.#settings.store
  }

  #log(level: LogLevel, scope: string, message: string): void {
    this.#options.onLog?.({ level, scope, message: this.#redactor.mask(message) })
  }

  #context(options: RunOptions, tmpDir: string): RunContext {
    const { limits, mirrors } = this.#settings
    const signal = runSignal(options.signal)
    const emit: RunContext['emit'] = (event) => options.onProgress?.(event)
    const log: RunContext['log'] = (level, scope, text) => {
      const message = this.#redactor.mask(text)
      if (options.onProgress) emit({ type: 'log', level, scope, message })
      else this.#options.onLog?.({ level, scope, message })
    }
    return {
      settings: this.#settings,
      host: this.#host,
      store: this.#store,
      client: new Client(this.#host, mirrors, new KeyedLimiter(limits.perHost)),
      workers: this.#workers,
      redactor: this.#redactor,
      limiters: {
        resolve: new Limiter(limits.resolve),
        fetch: new Limiter(limits.fetch),
        normalise: new Limiter(limits.normalise),
        nodes: new Limiter(limits.nodes),
        items: new Limiter(limits.resolve + limits.fetch + 2 * limits.normalise),
      },
      signal,
      tmpDir,
      require: options.require ?? 'unverified',
      emit,
      log,
    }
  }

  #nodes(names: readonly string[] | undefined): readonly NodeSpec[] {
    const { nodes } = this.#settings
    if (names === undefined) return nodes
    return names.map((name) => {
      const node = nodes.find((candidate) => candidate.name === name)
      if (node) return node
      throw new PkgcacheError('E_USAGE', `there is no node called ${JSON.stringify(name)}`, {
        hint: `configured nodes: ${nodes.map((candidate) => candidate.name).join(', ') || 'none'}`,
      })
    })
  }

  async #go(
    requests: readonly PackageRequest[],
    nodes: readonly NodeSpec[],
    options: RunOptions,
    report: boolean,
  ): Promise<RunResult> {
    await this.#store.prepare()
    const run = this.#context(options, await this.#store.runFolder())
    return runAll({ requests, nodes, fetch: options.stages !== 'distribute', report }, run)
  }

  async run(options: RunOptions = {}): Promise<RunResult> {
    const nodes = options.stages === 'fetch' ? [] : this.#nodes(options.nodes)
    return this.#go(
      this.#settings.requests,
      nodes,
      options,
      options.stages !== 'fetch' && options.stages !== 'distribute',
    )
  }

  async plan(options: RunOptions = {}): Promise<Plan> {
    const nodes = this.#nodes(options.nodes)
    const run = this.#context(options, await mkdtemp(join(tmpdir(), 'pkgcache-plan-')))
    return planAll(this.#settings.requests, nodes, run)
  }

  async ensurePackage(spec: string, options: EnsureOptions = {}): Promise<RunResult> {
    const nodes = this.#nodes(options.nodes ?? [])
    return this.#go(this.#requestsFor(spec, options, nodes), nodes, options, false)
  }

  async uploadPackageToNode(spec: string, node: string, options: EnsureOptions = {}): Promise<RunResult> {
    const upload = { ...options, stages: 'distribute', nodes: [node] } as const
    const nodes = this.#nodes([node])
    return this.#go(this.#requestsFor(spec, options, nodes), nodes, upload, false)
  }

  /**
   * A spec takes over what the config says of that package (its URL, its checksum), but not its version. Without an
   * arch asked for, those of the nodes count. @throws E_USAGE for a node that takes none of it
   */
  #requestsFor(spec: string, options: EnsureOptions, nodes: readonly NodeSpec[]): PackageRequest[] {
    const { platform } = options
    const arch = options.arch === undefined ? archesOf(nodes) : [options.arch]
    const asked = parseSpec(spec)
    const declared = (this.#config.packages ?? []).find(
      (entry): entry is PackageConfig => typeof entry !== 'string' && entry.name === asked.name,
    )
    const same = declared && plainVersion(declared.version) === plainVersion(asked.version)
    const { sha256: _, ...unpinned } = declared ?? {}
    const entry = {
      ...(same ? declared : unpinned),
      ...asked,
      ...(arch.length > 0 && { arch }),
      ...(platform && { platform }),
    }
    const requests = toRequests(entry, this.#settings.platform, this.#settings.arches)
    for (const node of nodes) checkMeant(node, requests, spec)
    return requests
  }

  async #find(
    spec: string,
    { arch, platform }: { arch?: string; platform?: string },
  ): Promise<StoreRecord | undefined> {
    const { name, version } = parseSpec(spec)
    const key: PackageKey = {
      name,
      version: plainVersion(version),
      platform: platform ?? this.#settings.platform,
      arch: arch ?? this.#settings.arches[0] ?? '',
    }
    const record = (await this.#store.load()).get(keyId(key))
    return record && (await this.#store.isIntact(record)) ? record : undefined
  }

  async getLocalPackagePath(
    spec: string,
    options: { arch?: string; platform?: string } = {},
  ): Promise<string | undefined> {
    const record = await this.#find(spec, options)
    return record && this.#store.fileOf(record)
  }

  async isPackageCached(spec: string, options: { arch?: string; platform?: string } = {}): Promise<boolean> {
    return (await this.#find(spec, options)) !== undefined
  }

  async list(): Promise<readonly StoreRecord[]> {
    return this.#store.list()
  }

  async stats(): Promise<Stats> {
    return storeStats(this.store, await this.#store.list(), await this.#store.access.read())
  }

  async verify(options: CallOptions = {}) {
    return checkStore(this.#store, options)
  }

  async prune(options: Parameters<Cache['prune']>[0]) {
    return pruneStore(this.#store, options)
  }

  async rebuildIndex(): Promise<void> {
    await this.#store.prepare()
    await this.#store.flushIndex(AbortSignal.timeout(60_000), true)
  }

  async report(format: string): Promise<RenderedReport> {
    const run = this.#context({}, tmpdir())
    return renderAgain(format, this.#settings.requests, run)
  }

  plugins(): readonly LoadedPlugin[] {
    return this.#host.plugins.map(({ name, enforce }) => ({
      name,
      hooks: this.#host.tappedBy(name),
      ...(enforce !== undefined && { enforce }),
    }))
  }

  async close(): Promise<void> {
    await this.#workers.close()
  }
}

/** The arches of nodes that state one: what is ensured for a node is ensured in its arch. */
function archesOf(nodes: readonly NodeSpec[]): string[] {
  return [...new Set(nodes.flatMap(({ arch }) => arch ?? []))]
}

/** @throws E_USAGE when nothing of what is asked for is meant for a node that is named */
function checkMeant(node: NodeSpec, requests: readonly PackageRequest[], spec: string): void {
  if (requests.some((request) => isFor(node, request))) return
  const arches = requests.map(({ arch }) => arch).join(', ')
  throw new PkgcacheError(
    'E_USAGE',
    `node ${node.name} takes ${node.arch} only, but ${spec} is asked for ${arches}`,
    {
      hint: 'leave --arch out to have the node’s own',
    },
  )
}

/** A signal of the run's own: everything that waits listens to it, which is many on purpose. */
function runSignal(outer: AbortSignal | undefined): AbortSignal {
  const signal = AbortSignal.any(outer ? [outer] : [])
  setMaxListeners(0, signal)
  return signal
}
