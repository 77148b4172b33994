import type { ErrorCode } from './errors/codes.ts'
import type { PkgcacheError } from './errors/error.ts'
import type { ReportComparison } from './model/comparison.ts'
import type { LockEntry } from './model/lock.ts'
import type { PackageKey } from './model/names.ts'
import type { NodesOverview } from './model/overview.ts'
import type { StoreRecord } from './model/record.ts'
import type { LogLevel, RunEvent, RunResult } from './model/run.ts'
import type { TrustLevel } from './model/trust.ts'
import type { Plugin, PluginContext, RenderedReport } from './plugins/types.ts'

/** What `createCache` takes beside the config. */
export interface CacheOptions {
  /** Base of the config's relative paths. Default: the working folder. */
  readonly dir?: string
  /** Default `<dir>/pkgcache.lock`. Relative to `dir`. */
  readonly lockFile?: string
  /** Plugins a config gets besides its own. Default none: core knows no plugin. */
  readonly defaultPlugins?: readonly Plugin[]
  /** Log lines outside of a run, and of runs without `onProgress`. */
  readonly onLog?: (entry: {
    readonly level: LogLevel
    readonly scope: string
    readonly message: string
  }) => void
  /** Asks the user for a passphrase or the like, without showing it. Default: there is nobody to ask. */
  readonly askSecret?: (question: string) => Promise<string | undefined>
}

/** What every long call takes. */
export interface CallOptions {
  /** Cancels: the call rejects with E_ABORTED after cleaning up. */
  readonly signal?: AbortSignal
  /** Everything that happens on the way, in order. Must not throw. */
  readonly onProgress?: (event: RunEvent) => void
}

/** What a run takes: which stages, which nodes, how much trust. */
export interface RunOptions extends CallOptions {
  /** Raises the minimum trust of every package. */
  readonly require?: TrustLevel
  /** Only these nodes: names, groups, globs of them, `label=value`, `!` before any. @throws E_USAGE for one nothing matches */
  readonly nodes?: readonly string[]
  /**
   * Goes by the lock file alone: no source is asked. Default false.
   * @throws E_LOCK_FILE without a lock file; a package that is not in it fails with E_NOT_LOCKED
   */
  readonly frozen?: boolean
  /** `fetch`: the first five stages. `distribute`: only to nodes, only what is cached. Default `all`. */
  readonly stages?: 'all' | 'fetch' | 'distribute'
  /** Only packages of these sections of a toolset. @throws E_USAGE for one that nothing declared belongs to */
  readonly only?: readonly string[]
  /** Reads every file on the nodes anew, whatever they remember of its digest. Default false. */
  readonly rehash?: boolean
  /** More failed nodes than this, and no further node is begun. Default: all are tried. */
  readonly maxFailures?: number
  /** Also removes from the nodes what pkgcache put there and is not declared any more. Default false. */
  readonly prune?: boolean
}

/** What `ensurePackage` takes; arch and platform default to the config’s. */
export interface EnsureOptions extends RunOptions {
  readonly arch?: string
  readonly platform?: string
}

/** What `run` would do with one package. */
export interface PlannedItem {
  readonly key: PackageKey
  /** `cached`: nothing to do. `fetch`: would be fetched. `failed`: cannot be resolved. */
  readonly action: 'cached' | 'fetch' | 'failed'
  /** Bytes to download; unknown when upstream does not say. */
  readonly downloadBytes?: number
  readonly url?: string
  /** Trust that the known digests would give. */
  readonly trust?: TrustLevel
  /** Whether the lock file has it; absent without a lock file. */
  readonly locked?: boolean
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string }
}

/** What `run` would do with one package on one node. */
export interface PlannedDelivery {
  readonly node: string
  readonly key: PackageKey
  /** `unknown`: not cached yet, so its digest is not known. */
  readonly action: 'present' | 'send' | 'unknown' | 'failed'
  /** Payload bytes, when known. */
  readonly bytes?: number
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string }
}

/** What `run` would do with everything. */
export interface Plan {
  readonly store: string
  readonly items: readonly PlannedItem[]
  readonly deliveries: readonly PlannedDelivery[]
  /** Faults of what plugins go by, a broken toolset say. */
  readonly errors: readonly PkgcacheError[]
  /** Bytes to download in all, as far as known. */
  readonly downloadBytes: number
  readonly exitCode: number
}

/** What `lock` takes. */
export interface LockOptions extends CallOptions {
  /** Resolve again what is locked: everything, or the packages named. @throws E_USAGE for a name that is not declared */
  readonly update?: true | readonly string[]
}

/** What became of one package of the lock file. */
export interface LockChange {
  readonly key: PackageKey
  /** `failed`: could not be locked; the entry it had, if any, stays as it was. */
  readonly change: 'added' | 'updated' | 'removed' | 'kept' | 'failed'
  /** Version before; absent for `added` and for a failure of what was not locked. */
  readonly from?: string
  /** As it is in the lock file now; absent when it is not there. */
  readonly entry?: LockEntry
  readonly error?: PkgcacheError
}

/** What `lock` did. */
export interface LockResult {
  /** Absolute path of the lock file. */
  readonly file: string
  /** False when nothing changed. */
  readonly written: boolean
  /** In the order of the lock file's packages. */
  readonly changes: readonly LockChange[]
  /** Faults of what plugins go by, a broken toolset say. */
  readonly errors: readonly PkgcacheError[]
  /** 0, 1, 3 or 130. */
  readonly exitCode: number
}

/** One thing in the store that is not as recorded. */
export interface VerifyProblem {
  /** `corrupt`: other bytes than recorded. `missing`: a record without its file. `unindexed`: a file without record. */
  readonly problem: 'corrupt' | 'missing' | 'unindexed' | 'invalid-record'
  /** Path below the store. */
  readonly file: string
  readonly key?: PackageKey
  readonly expected?: string
  readonly actual?: string
}

/** What `verify` found. */
export interface VerifyResult {
  readonly checked: number
  /** Bytes read. */
  readonly bytes: number
  readonly problems: readonly VerifyProblem[]
  /** 3 when something is corrupt, missing or invalid; `unindexed` files alone leave it 0. */
  readonly exitCode: number
}

/** What `prune` removes: whatever any of the conditions names. */
export interface PruneOptions extends CallOptions {
  /** Cached longer ago than this, ms. */
  readonly olderThanMs?: number
  /** Last used longer ago than this, ms. */
  readonly unusedForMs?: number
  /** Also what `verify` finds corrupt, missing or invalid. */
  readonly invalid?: boolean
  readonly dryRun?: boolean
}

/** What `prune` removed, or would remove with `dryRun`. */
export interface PruneResult {
  readonly removed: readonly {
    readonly key: PackageKey
    readonly file: string
    readonly bytes: number
    readonly reason: string
  }[]
  readonly bytes: number
  readonly kept: number
}

/** What became of files that had no record. */
export interface AdoptResult {
  readonly adopted: readonly PackageKey[]
  /** Those left as they were, and why: E_NAME, E_POLICY, E_ARCHIVE, E_STORE. */
  readonly refused: readonly { readonly file: string; readonly error: PkgcacheError }[]
}

/** What `rebuildIndex` did. */
export interface RebuildResult extends AdoptResult {
  /** Packages that the index lists now. */
  readonly packages: number
}

/** Figures of the store; all sizes in bytes. */
export interface Stats {
  readonly store: string
  readonly packages: number
  readonly sourceBytes: number
  readonly storedBytes: number
  readonly unpackedBytes: number
  /** storedBytes ÷ unpackedBytes; 0 for an empty store. */
  readonly ratio: number
  readonly byTrust: Readonly<Partial<Record<TrustLevel, number>>>
  readonly byPlatform: Readonly<Record<string, number>>
  readonly oldest?: string
  readonly newest?: string
  /** ISO 8601 by key id, for records that were used since they were cached. */
  readonly lastAccess: readonly { readonly key: PackageKey; readonly at: string }[]
}

/** A plugin as it takes part in a run. */
export interface LoadedPlugin {
  readonly name: string
  /** Hooks it taps, in stage order. */
  readonly hooks: readonly string[]
  readonly enforce?: 'pre' | 'post'
}

/** What `compare` gives: the rendered report, and what it was made of. */
export interface RenderedComparison extends RenderedReport {
  readonly comparison: ReportComparison
}

/** The library: one store, one config, its plugins. */
export interface Cache {
  /** Absolute path. */
  readonly store: string
  /** Absolute path of the lock file, whether it is there or not. */
  readonly lockFile: string
  /** All seven stages. Resolves also when items failed: look at `exitCode`. */
  run(options?: RunOptions): Promise<RunResult>
  /** What `run` would do; changes nothing. */
  plan(options?: RunOptions): Promise<Plan>
  /**
   * How things are on the nodes; changes nothing. A node that cannot be asked has its `error`, the others are reported.
   * @throws E_USAGE, E_INVENTORY, E_ABORTED
   */
  nodes(options?: Pick<RunOptions, 'nodes' | 'rehash' | 'signal' | 'onProgress'>): Promise<NodesOverview>
  /**
   * Resolves what is declared and not locked yet, and writes the lock file. Fetches only what upstream gives no SHA-256
   * for. Resolves also when packages failed: look at `exitCode`.
   * @throws E_LOCK_FILE, E_USAGE, E_STORE, E_NOSPC
   */
  lock(options?: LockOptions): Promise<LockResult>
  /** One package, cached and on the nodes chosen (none unless `nodes` is given). `spec`: `name@version`. */
  ensurePackage(spec: string, options?: EnsureOptions): Promise<RunResult>
  /** @returns absolute path of the stored file, or undefined */
  getLocalPackagePath(
    spec: string,
    options?: { arch?: string; platform?: string },
  ): Promise<string | undefined>
  isPackageCached(spec: string, options?: { arch?: string; platform?: string }): Promise<boolean>
  /** Sends one cached package to one configured node. */
  uploadPackageToNode(spec: string, node: string, options?: EnsureOptions): Promise<RunResult>
  list(): Promise<readonly StoreRecord[]>
  stats(): Promise<Stats>
  /** Re-hashes everything. */
  verify(options?: CallOptions): Promise<VerifyResult>
  prune(options: PruneOptions): Promise<PruneResult>
  /** Makes records for artifacts that have none, and writes `index.yaml` anew from all records. */
  rebuildIndex(options?: CallOptions): Promise<RebuildResult>
  /** Renders the last run's report again, in one format. @throws E_USAGE for an unknown format */
  report(format: string): Promise<RenderedReport>
  /**
   * What changed between two JSON reports, of pkgcache or of the older form, in one format. The store plays no part.
   * @param older path of a file @param newer path of a file
   * @throws E_USAGE for a file that cannot be read or an unknown format, E_REPORT for a file that is no report
   */
  compare(older: string, newer: string, format: string): Promise<RenderedComparison>
  /**
   * Does something outside of a run with what a plugin's call gets: `ctx.fetch` with the config's mirrors, a
   * `tmpDir`. Needs no store that can be written: without one, `ctx.fetch.kept` keeps nothing.
   * @param name whose log lines they are
   */
  withContext<T>(name: string, work: (ctx: PluginContext) => Promise<T>, options?: CallOptions): Promise<T>
  /** In their order. */
  plugins(): readonly LoadedPlugin[]
  /** Ends what plugins hold. */
  close(): Promise<void>
}
