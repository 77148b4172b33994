import type { Settings } from '../config/settings.ts'
import type { PkgcacheError } from '../errors/error.ts'
import { Parts } from '../fetch/parts.ts'
import type { LockFile } from '../lockfile/lock-file.ts'
import { lockedUrl } from '../lockfile/locked-url.ts'
import type { PackageKey } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { LogLevel, RunEvent, StageName } from '../model/run.ts'
import type { TrustLevel } from '../model/trust.ts'
import { Client } from '../net/client.ts'
import type { PackWorkers } from '../normalise/archive-writer.ts'
import type { Formats } from '../normalise/recognise.ts'
import { unpackStored } from '../normalise/unpack.ts'
import type { CallScope, PluginHost } from '../plugins/host.ts'
import type { Unpacked } from '../plugins/types.ts'
import type { Store } from '../store/store.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Redactor } from './redact.ts'
import { KeyedLimiter, Limiter } from './scheduler.ts'

/** What the stages of one run share. */
export interface RunContext {
  readonly settings: Settings
  readonly host: PluginHost
  readonly store: Store
  /** What packages are held to, where there is a lock file. */
  readonly lock?: LockFile | undefined
  readonly client: Client
  /** Downloads that are not finished yet. */
  readonly parts: Parts
  readonly workers: PackWorkers
  readonly redactor: Redactor
  readonly limiters: {
    readonly resolve: Limiter
    readonly fetch: Limiter
    readonly normalise: Limiter
    /** Nodes that this machine sends to. */
    readonly nodes: Limiter
    /** Nodes that are connected to: those that do not answer must not take the places of those that do. */
    readonly connections: Limiter
    /** Items that hold their key's lock: no more than can be worked on. */
    readonly items: Limiter
  }
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly tmpDir: string
  /** What the run asks for on top of sources and config. */
  readonly require: TrustLevel
  /** What nodes remember of digests does not count. */
  readonly rehash: boolean
  /** Puts a question to whoever runs pkgcache; undefined when there is nobody. */
  readonly askSecret: (question: string) => Promise<string | undefined>
  readonly emit: (event: RunEvent) => void
  readonly log: (level: LogLevel, scope: string, message: string) => void
}

/** What all runs of one cache share. */
export type RunBase = Pick<
  RunContext,
  'settings' | 'host' | 'store' | 'workers' | 'redactor' | 'askSecret' | 'log'
>

/** What is one run's own. */
export type RunOwn = Pick<RunContext, 'signal' | 'tmpDir' | 'lock' | 'require' | 'rehash'> & {
  readonly emit: RunContext['emit'] | undefined
  /** Texts from upstream may be kept in the store. */
  readonly keeps: boolean
}

/** A run's context. Its log lines are events where somebody listens to them. */
export function runContext(base: RunBase, { emit, keeps, ...own }: RunOwn): RunContext {
  const { settings, host, store, redactor } = base
  const { limits, mirrors } = settings
  const log: RunContext['log'] = (level, scope, text) =>
    emit ? emit({ type: 'log', level, scope, message: redactor.mask(text) }) : base.log(level, scope, text)
  return {
    ...base,
    ...own,
    client: new Client(host, mirrors, new KeyedLimiter(limits.perHost), {
      copies: store.kept,
      writes: keeps,
      withoutSecrets: (url) => lockedUrl(url, (text) => redactor.mask(text)),
    }),
    parts: new Parts(store.layout.parts),
    limiters: runLimiters(limits),
    clock: systemClock,
    emit: (event) => emit?.(event),
    log,
  }
}

const CONNECTIONS_PER_NODE_SLOT = 4

/** As many of each at once as the settings say. */
function runLimiters({ resolve, fetch, normalise, nodes }: Settings['limits']): RunContext['limiters'] {
  return {
    resolve: new Limiter(resolve),
    fetch: new Limiter(fetch),
    normalise: new Limiter(normalise),
    nodes: new Limiter(nodes),
    connections: new Limiter(nodes * CONNECTIONS_PER_NODE_SLOT),
    items: new Limiter(resolve + fetch + 2 * normalise),
  }
}

/** The format plugins, for calls of this scope. */
export function formatsOf(host: PluginHost, scope: CallScope): Formats {
  return {
    open: async (input) => (await host.bail<Unpacked>('normalise', input, scope))?.value,
    names: host.ownersOf('normalise'),
  }
}

/** The scope of one plugin call, its progress told as the item's. */
export function callScope(run: RunContext, progress?: CallScope['progress']): CallScope {
  const bare = {
    signal: run.signal,
    tmpDir: run.tmpDir,
    store: {
      root: run.store.layout.root,
      list: () => run.store.list(),
      unpack: (record: StoreRecord) =>
        unpackStored(record, {
          file: run.store.fileOf(record),
          formats: formatsOf(run.host, scope),
          limits: run.settings.caps,
          signal: run.signal,
        }),
    },
    log: run.log,
    secret: (text: string) => run.redactor.add(text),
    askSecret: run.askSecret,
    ...(progress && { progress }),
  }
  const scope: CallScope = { ...bare, fetch: run.client.helper(bare) }
  return scope
}

/** Progress of a stage of an item. */
export function stageScope(run: RunContext, item: PackageKey, stage: StageName): CallScope {
  run.emit({ type: 'stage', item, stage })
  return callScope(run, (progress) => run.emit({ type: 'progress', item, stage, ...progress }))
}

/** An error as it may leave pkgcache: located, secrets masked. */
export function presentable(
  error: PkgcacheError,
  run: Pick<RunContext, 'redactor'>,
  place: { stage?: string; item?: string } = {},
): PkgcacheError {
  return error.at(place).map((text) => run.redactor.mask(text))
}
