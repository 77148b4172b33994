import type { AsyncParallelHook, AsyncSeriesBailHook, AsyncSeriesHook } from 'tapable'
import type { PkgcacheError } from '../errors/error.ts'
import type { MemberInfo, Staged } from '../model/artifact.ts'
import type { ReportComparison } from '../model/comparison.ts'
import type { LockEntry } from '../model/lock.ts'
import type { PackageKey } from '../model/names.ts'
import type { Delivery, NodeConfig, NodeFile, NodeSpec, NodeTask, Placement } from '../model/node.ts'
import type { StoreRecord } from '../model/record.ts'
import type { PackageRequest } from '../model/request.ts'
import type { Requirement } from '../model/requirement.ts'
import type { Resolution } from '../model/resolved.ts'
import type { RunResult } from '../model/run.ts'
import type { TrustLevel } from '../model/trust.ts'
import type { FetchHelper, FetchRequest, FetchResponse } from './fetch-types.ts'

export type * from './fetch-types.ts'

/** Writes lines scoped to the plugin; secrets that core knows of are masked. */
export interface Logger {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** The store as plugins may see it. */
export interface StoreView {
  /** Absolute path of the root. */
  readonly root: string
  /** Every record, sorted by name, version, platform and arch. */
  list(): Promise<readonly StoreRecord[]>
  /**
   * What a stored package holds, member by member, as `tar` would unpack it on a node: its SHA-256 is checked first, the
   * format plugins read it, core's policy judges every member. A `body` is read before the next member is asked for.
   * Links are judged after the last member, so whoever writes members to disk makes links behind everything else.
   * @throws E_CORRUPT, E_FORMAT, E_POLICY, E_ARCHIVE, E_ABORTED; what was handed out before is of no use then
   */
  unpack(record: StoreRecord): AsyncIterable<Member>
}

/** What every call of a plugin gets. Frozen; private to that call. */
export interface PluginContext {
  readonly logger: Logger
  /** Bytes done so far, and in all when known. */
  progress(progress: { readonly done: number; readonly total?: number }): void
  /** Aborted when the run is cancelled. Every wait must end by it. */
  readonly signal: AbortSignal
  readonly store: StoreView
  readonly fetch: FetchHelper
  /**
   * Tells core of a secret that the plugin got on the way (a token from a login, a password from a file): from then on
   * it is masked in every log line, error, report and record. Texts under 6 characters are ignored.
   */
  secret(text: string): void
  /**
   * Asks whoever runs pkgcache for a passphrase or the like, without showing it. Known as a secret from then on.
   * @returns undefined when there is nobody to ask
   */
  askSecret(question: string): Promise<string | undefined>
  /** A private folder on the store's filesystem, removed at the end of the run. */
  readonly tmpDir: string
}

/** What the `declare` step offers: a plugin can add packages to the run. */
export interface Declaration {
  /** Requests of the config and of the plugins before. */
  readonly requests: readonly PackageRequest[]
  add(request: PackageRequest): void
  /** True: the lock file alone counts, nothing may be asked of upstream. */
  readonly frozen: boolean
  /** Absolute path: base of the config's relative paths. */
  readonly dir: string
  /**
   * Sections that alone count in this run; absent: all. What is told of others is left out of it: that there is
   * something is enough.
   */
  readonly only?: readonly string[]
  /** Tells of one thing that a toolset asks for, whether or not it adds a package for it. */
  require(requirement: Requirement): void
  /** Tells of something that is wrong with what is declared; the rest goes on, and the run does not end with 0. */
  fail(error: PkgcacheError): void
  /**
   * Raises the minimum trust of every request of this name, whoever adds it: for a verifier that is told to check a
   * package, so that one that was cached without that check is fetched and checked.
   */
  requireTrust(name: string, minimum: TrustLevel): void
}

/** What a format plugin is shown of a download. */
export interface FormatInput {
  /** Absolute path of the staged download. */
  readonly file: string
  /** Bytes. */
  readonly size: number
  /** The first bytes, at most 4 KiB. */
  readonly head: Uint8Array
  /** Format declared by the source or the user, else from the URL's extension. */
  readonly hint: string | undefined
  /** Name for the one member of a bare binary. */
  readonly memberName: string
}

/** One member on its way through core: policy and repacking happen there. */
export interface Member extends Omit<MemberInfo, 'path'> {
  /** As the archive spells it; core cleans and judges it. */
  readonly path: string
  /** Seconds since the epoch. */
  readonly mtime: number
  /** File content; read to its end before the next member is asked for. */
  readonly body?: AsyncIterable<Uint8Array>
}

/** What a format plugin makes of a download: a tar stream or single members. Nothing is ever extracted. */
export type Unpacked =
  | { readonly format: string; readonly tar: AsyncIterable<Uint8Array> }
  | { readonly format: string; readonly members: AsyncIterable<Member> }

/** A transport's connection to one node, used for all of a run's deliveries to it. */
export interface NodeSession {
  /**
   * Puts one artifact on the node: compared there by SHA-256, sent only if it differs, moved into place whole.
   * @throws E_NODE_DENIED, E_NODE_NOSPC, E_NODE_DIGEST, E_NODE_TIMEOUT, E_NODE_UNREACHABLE, E_NODE
   */
  place(delivery: Delivery, ctx: PluginContext): Promise<Placement>
  /** What `place` would do, without doing it. */
  check(delivery: Delivery, ctx: PluginContext): Promise<'present' | 'differs' | 'missing'>
  /** The node's architecture in Go's spelling (`amd64`, `arm64`); undefined when it cannot tell. */
  arch?(ctx: PluginContext): Promise<string | undefined>
  /** Every plain file below the root, hidden ones left out. A root that is not there holds none. */
  list?(ctx: PluginContext): Promise<readonly NodeFile[]>
  /** Removes one file below the root, and folders that are empty then. One that is not there is removed already. */
  remove?(remotePath: string, ctx: PluginContext): Promise<void>
  /**
   * Does with a delivered artifact what its package asks for. @returns `present` when that had been done before
   * @throws E_NODE_UNPACK, E_NODE_COMMAND, and what `place` throws
   */
  apply?(artifact: NodeArtifact, task: NodeTask, ctx: PluginContext): Promise<'present' | 'done'>
  /** Runs a command in the node's shell. @throws E_NODE_COMMAND when it does not exit with 0 */
  run?(command: string, env: Readonly<Record<string, string>>, ctx: PluginContext): Promise<void>
  /**
   * Has this node, which holds the artifact, send it to another one; what arrived is checked from here. Counts as
   * `sentBytes: 0`: nothing of it passes this machine. @throws whatever kept it from that; the file can be sent directly then
   */
  relay?(delivery: Delivery, task: RelayTask, ctx: PluginContext): Promise<Placement>
  close(): Promise<void>
}

/** A delivered artifact, for `apply`. */
export interface NodeArtifact {
  readonly delivery: Delivery
  readonly key: PackageKey
}

/** Whom a node sends an artifact to, for `relay`. */
export interface RelayTask {
  /** The session of the receiving node, by the same transport. */
  readonly to: NodeSession
  /** Absolute path of a private key on the sending node. Absent: a key of this machine is lent to it. */
  readonly identityFile?: string
}

/** What an inventory plugin is asked with. */
export interface InventoryRequest {
  /** Absolute path: base of the config's relative paths. */
  readonly dir: string
}

/** Nodes that an inventory plugin knows of. */
export interface Inventory {
  /** As in the config; file names absolute or with `~`. */
  readonly nodes: readonly NodeConfig[]
}

/** A request for one report file. */
export interface ReportRequest {
  readonly result: RunResult
  /** Every record of the store, sorted. */
  readonly records: readonly StoreRecord[]
}

/** A rendered report. Core writes it: to its default place, or where `report --output` says. */
export interface RenderedReport {
  /** `text`, `json`, `html`, …: what `report --format` names. */
  readonly format: string
  /** File name below the reports folder. */
  readonly fileName: string
  readonly content: string
}

/** The hooks, one per stage and those beside them. Tap in `setup`; stage order is core's. */
export interface Hooks {
  /** Return an `Inventory`. Asked before anything else, all plugins side by side. */
  readonly inventory: AsyncParallelHook<[InventoryRequest, PluginContext]>
  readonly declare: AsyncSeriesHook<[Declaration, PluginContext]>
  readonly resolve: AsyncSeriesBailHook<[PackageRequest, PluginContext], Resolution>
  readonly fetch: AsyncSeriesBailHook<[FetchRequest, PluginContext], FetchResponse>
  readonly normalise: AsyncSeriesBailHook<[FormatInput, PluginContext], Unpacked>
  /** Return a finding, several, or nothing. All verifiers run; a throw counts as a failed finding. */
  readonly verify: AsyncParallelHook<[Staged, PluginContext]>
  /** After a record is committed. */
  readonly index: AsyncSeriesHook<[StoreRecord, PluginContext]>
  readonly distribute: AsyncSeriesBailHook<[NodeSpec, PluginContext], NodeSession>
  /** Return a `RenderedReport`. */
  readonly report: AsyncParallelHook<[ReportRequest, PluginContext]>
  /** After everything else. Several failures are thrown as one AggregateError. */
  readonly done: AsyncSeriesHook<[RunResult, PluginContext]>
  /** Return a `RenderedReport`. Outside of a run: what changed from one report to another. */
  readonly compare: AsyncParallelHook<[ReportComparison, PluginContext]>
}
/** Name of a hook: a stage, `inventory`, `declare`, `done` or `compare`. */
export type HookName = keyof Hooks

/** What `setup` gets. */
export interface PluginApi {
  readonly hooks: Hooks
  /** Words users may have meant: package names of a source, for "did you mean". */
  suggest(names: readonly string[]): void
  /** Where this plugin's locked packages are. In a frozen run `find` stands in for the `resolve` hook. */
  locate(find: (request: PackageRequest, locked: LockEntry) => Located | undefined): void
}

/** Where a locked package is, by its source: what a lock file must not hold. */
export interface Located {
  /** With their secrets; without them they must be those of the lock file, else E_NOT_LOCKED. */
  readonly urls: readonly [string, ...string[]]
  /** As in `Resolution`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** JSON Schema (draft-07) of a plugin's options. */
export type OptionsSchema = Readonly<Record<string, unknown>>

/** A plugin, configured. What `plugins: [...]` in a config holds. */
export interface Plugin {
  readonly name: string
  readonly enforce?: 'pre' | 'post' | undefined
  /** Names of plugins that must come later. */
  readonly before?: readonly string[] | undefined
  /** Names of plugins that must come earlier. */
  readonly after?: readonly string[] | undefined
  /** Without one, the plugin takes no options. */
  readonly schema?: OptionsSchema | undefined
  readonly options: unknown
  setup(api: PluginApi): void
}
