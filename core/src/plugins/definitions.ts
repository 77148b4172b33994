import type { Finding, Staged } from '../model/artifact.ts'
import type { ReportComparison } from '../model/comparison.ts'
import type { LockEntry } from '../model/lock.ts'
import type { NodeConfig, NodeSpec } from '../model/node.ts'
import type { PackageRequest } from '../model/request.ts'
import type { Resolution } from '../model/resolved.ts'
import type { TrustLevel } from '../model/trust.ts'
import type {
  FetchRequest,
  FetchResponse,
  FormatInput,
  InventoryRequest,
  Located,
  NodeSession,
  OptionsSchema,
  Plugin,
  PluginApi,
  PluginContext,
  RenderedReport,
  ReportRequest,
  Unpacked,
} from './types.ts'

/** Called by users in their config: `acme({ token })`. Options may be left out when none is required. */
export type PluginFactory<Options> =
  Record<never, never> extends Options ? (options?: Options) => Plugin : (options: Options) => Plugin

interface Common {
  /** Unique; for a published plugin its package's name without a scope. */
  readonly name: string
  readonly schema?: OptionsSchema
  readonly enforce?: 'pre' | 'post'
  readonly before?: readonly string[]
  readonly after?: readonly string[]
}

/** What `definePlugin` takes: taps any hooks in `setup`. */
export interface PluginDefinition<Options> extends Common {
  setup(api: PluginApi, options: Options): void
}

/** What `defineSource` takes. */
export interface SourceDefinition<Options> extends Common {
  /** Names this source knows, for suggestions; leave out when it takes any. */
  readonly packages?: readonly string[]
  /** Minimum trust of resolutions that declare none. Default `tofu`. */
  readonly minimumTrust?: TrustLevel
  /** @returns the resolution, or undefined for "not mine" */
  resolve(
    request: PackageRequest,
    ctx: PluginContext,
    options: Options,
  ): Promise<Resolution | undefined> | Resolution | undefined
  /**
   * Where a package that this source resolved before is, for frozen runs: the URLs with the secrets that a lock file
   * does not hold, and the headers. Asks nobody. Needed for private repositories only.
   * @returns undefined to go by the URLs of the lock file, without headers
   */
  locate?(request: PackageRequest, locked: LockEntry, options: Options): Located | undefined
}

/** What `defineFetcher` takes. */
export interface FetcherDefinition<Options> extends Common {
  /** URL schemes without the colon: `['http', 'https']`. */
  readonly schemes: readonly string[]
  fetch(request: FetchRequest, ctx: PluginContext, options: Options): Promise<FetchResponse>
}

/** What `defineFormat` takes. */
export interface FormatDefinition<Options> extends Common {
  /** @returns undefined for "not mine", decided by `input.head` */
  open(
    input: FormatInput,
    ctx: PluginContext,
    options: Options,
  ): Promise<Unpacked | undefined> | Unpacked | undefined
}

/** What `defineVerifier` takes. */
export interface VerifierDefinition<Options> extends Common {
  verify(
    staged: Staged,
    ctx: PluginContext,
    options: Options,
  ): Promise<Finding | readonly Finding[] | undefined>
}

/** What `defineTransport` takes. */
export interface TransportDefinition<Options> extends Common {
  /** @returns undefined for "not my kind of node" */
  connect(node: NodeSpec, ctx: PluginContext, options: Options): Promise<NodeSession | undefined>
}

/** What `defineInventory` takes. */
export interface InventoryDefinition<Options> extends Common {
  /** @throws E_INVENTORY; undefined for "knows of none" */
  nodes(
    request: InventoryRequest,
    ctx: PluginContext,
    options: Options,
  ): Promise<readonly NodeConfig[] | undefined> | readonly NodeConfig[] | undefined
}

/** What `defineReporter` takes. */
export interface ReporterDefinition<Options> extends Common {
  render(
    request: ReportRequest,
    ctx: PluginContext,
    options: Options,
  ): Promise<RenderedReport> | RenderedReport
  /** What changed from one report to another, in the same format. Left out: `pkgcache compare` has no such format. */
  compare?(
    comparison: ReportComparison,
    ctx: PluginContext,
    options: Options,
  ): Promise<RenderedReport> | RenderedReport
}
