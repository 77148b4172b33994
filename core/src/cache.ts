import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type {
  Cache,
  CacheOptions,
  CallOptions,
  EnsureOptions,
  LoadedPlugin,
  LockOptions,
  LockResult,
  Plan,
  RebuildResult,
  RunOptions,
  Stats,
} from './cache.types.ts'
import { type Asked, askedRequests } from './config/asked.ts'
import { parseSpec, type Settings, toSettings } from './config/settings.ts'
import type { Config } from './config/types.ts'
import { type FoundNodes, findNodes } from './distribute/inventory.ts'
import { knownArches, type Link } from './distribute/link.ts'
import { LockFile } from './lockfile/lock-file.ts'
import { keyId, type PackageKey, plainVersion } from './model/names.ts'
import type { NodesOverview } from './model/overview.ts'
import type { StoreRecord } from './model/record.ts'
import type { LogLevel, RunResult } from './model/run.ts'
import { PackWorkers } from './normalise/archive-writer.ts'
import { PluginHost } from './plugins/host.ts'
import type { PluginContext, RenderedReport } from './plugins/types.ts'
import { renderAgain } from './report/again.ts'
import { runSignal } from './run/clock.ts'
import { callScope, type RunBase, type RunContext, runContext } from './run/context.ts'
import { type Going, go, NO_NODES } from './run/go.ts'
import { lookAtNodes } from './run/nodes.ts'
import { planAll } from './run/plan.ts'
import { maskingErrors, Redactor } from './run/redact.ts'
import { Schemas } from './schemas.ts'
import { checkStore } from './store/check.ts'
import { pruneStore } from './store/prune.ts'
import { storeStats } from './store/stats.ts'
import { Store } from './store/store.ts'

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
      dir: resolve(options.dir ?? process.cwd()),
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
  readonly lockFile: string
  readonly #config: Config
  readonly #settings: Settings
  readonly #schemas: Schemas
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
    this.#schemas = schemas
    this.lockFile = resolve(options.dir ?? process.cwd(), options.lockFile ?? 'pkgcache.lock')
    this.#host = new PluginHost(settings.plugins)
    this.#redactor = redactor
    this.#store = new Store(settings.store, schemas, (level, message) => this.#log(level, 'store', message))
  }

  get #asked(): Asked {
    const { platform, arches } = this.#settings
    return { packages: this.#config.packages ?? [], platform, arches }
  }

  get store(): string {
    return this.#settings.store
  }

  #log(level: LogLevel, scope: string, message: string): void {
    this.#options.onLog?.({ level, scope, message: this.#redactor.mask(message) })
  }

  #context(options: RunOptions, tmpDir: string, lock?: LockFile, keeps = false): RunContext {
    const base: RunBase = {
      settings: this.#settings,
      host: this.#host,
      store: this.#store,
      workers: this.#workers,
      redactor: this.#redactor,
      askSecret: (question) => this.#askSecret(question),
      log: (level, scope, message) => this.#log(level, scope, message),
    }
    const { require = 'unverified', rehash = false, onProgress: emit } = options
    return runContext(base, { signal: runSignal(options.signal), tmpDir, lock, require, rehash, emit, keeps })
  }

  async #askSecret(question: string): Promise<string | undefined> {
    const answer = await this.#options.askSecret?.(question)
    if (answer !== undefined) this.#redactor.add(answer)
    return answer
  }

  /** @param patterns absent: all nodes there are */
  #nodes(patterns: readonly string[] | undefined, run: RunContext): Promise<FoundNodes> {
    const [dir, schemas] = [resolve(this.#options.dir ?? process.cwd()), this.#schemas]
    return findNodes({ dir, schemas, patterns, configured: this.#settings.nodes }, run)
  }

  async #go({ nodes, ...going }: Going & { nodes: RunOptions['nodes'] | 'none' }, options: RunOptions) {
    const lock = await this.#openLock(options.frozen)
    return this.#inStore(options, lock, async (run) =>
      go(going, nodes === 'none' ? NO_NODES : await this.#nodes(nodes, run), options, run),
    )
  }

  async run(options: RunOptions = {}): Promise<RunResult> {
    const nodes = options.stages === 'fetch' ? 'none' : options.nodes
    const report = options.stages !== 'fetch' && options.stages !== 'distribute'
    return this.#go({ nodes, report, requests: () => this.#settings.requests }, options)
  }

  async #inStore<T>(
    options: RunOptions,
    lock: LockFile | undefined,
    work: (run: RunContext) => Promise<T>,
  ): Promise<T> {
    const stay = await this.#store.enter(runSignal(options.signal))
    try {
      return await work(this.#context(options, stay.tmpDir, lock, true))
    } finally {
      await stay.end()
    }
  }

  #openLock(frozen = false): Promise<LockFile | undefined> {
    return LockFile.open(this.lockFile, frozen, this.#schemas)
  }

  async lock(options: LockOptions = {}): Promise<LockResult> {
    const { lockAll } = await import('./lockfile/update.ts')
    const [file, schemas, old] = [this.lockFile, this.#schemas, await this.#openLock()]
    const task = { requests: this.#settings.requests, old, file, update: options.update, schemas }
    return this.#inStore(options, undefined, (run) => lockAll(task, run))
  }

  async plan(options: RunOptions = {}): Promise<Plan> {
    const lock = await this.#openLock(options.frozen)
    return this.#looking(options, lock, async (run) =>
      planAll(this.#settings.requests, await this.#nodes(options.nodes, run), options.only, run),
    )
  }

  async nodes(options: Parameters<Cache['nodes']>[0] = {}): Promise<NodesOverview> {
    return this.#looking(options, undefined, async (run) =>
      lookAtNodes(this.#settings.requests, (await this.#nodes(options.nodes, run)).chosen, run),
    )
  }

  /** For what changes no package: the store is left alone, but for what is to be kept of texts. */
  async #looking<T>(
    options: RunOptions,
    lock: LockFile | undefined,
    look: (run: RunContext) => Promise<T>,
    keeps = false,
  ): Promise<T> {
    const tmpDir = await mkdtemp(join(tmpdir(), 'pkgcache-look-'))
    try {
      return await look(this.#context(options, tmpDir, lock, keeps))
    } finally {
      await rm(tmpDir, { recursive: true, force: true })
    }
  }

  async ensurePackage(spec: string, options: EnsureOptions = {}): Promise<RunResult> {
    const requests = async (links: readonly Link[], run: RunContext) =>
      askedRequests(spec, options, await knownArches(links, options.arch, run), this.#asked)
    const { arch, platform } = options
    const going = { report: false, requests, asked: { arch, platform } }
    return this.#go({ nodes: options.nodes ?? 'none', ...going }, options)
  }

  async uploadPackageToNode(spec: string, node: string, options: EnsureOptions = {}): Promise<RunResult> {
    const upload = { ...options, stages: 'distribute', nodes: [node] } as const
    return this.ensurePackage(spec, upload)
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

  async rebuildIndex(options: CallOptions = {}): Promise<RebuildResult> {
    const signal = runSignal(options.signal)
    const stay = await this.#store.enter(signal)
    try {
      // with it comes the tar library, which no other command than this and a run with archives has use for
      const { adoptFiles } = await import('./adopt/adopt.ts')
      const result = await adoptFiles(this.#store, { limits: this.#settings.caps, signal })
      await this.#store.flushIndex(signal, true)
      return { ...result, packages: (await this.#store.list()).length }
    } finally {
      await stay.end()
    }
  }

  async report(format: string): Promise<RenderedReport> {
    return this.#looking({}, undefined, (run) => renderAgain(format, this.#settings.requests, run))
  }

  async compare(older: string, newer: string, format: string) {
    const { compareFiles } = await import('./report/compare-files.ts')
    return compareFiles([older, newer], format, this.#schemas, this.#context({}, tmpdir()))
  }

  async withContext<T>(
    name: string,
    work: (ctx: PluginContext) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    // whoever only looks at a report may do so where the store cannot be written
    return this.#looking(options, undefined, (run) => work(run.host.context(name, callScope(run))), true)
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
