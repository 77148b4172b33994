import type { ErrorCode } from '../errors/codes.ts'
import type { CacheReport } from '../model/comparison.ts'
import type { StageName } from '../model/run.ts'
import type { TrustLevel } from '../model/trust.ts'
import type { ReportToolset } from './toolset.types.ts'

/** A failure as the reports show it. Text is without credentials. */
export interface ReportFault {
  readonly code: ErrorCode
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
  /** A stage, or one of the steps before and after them. */
  readonly stage?: StageName | 'inventory' | 'declare' | 'done'
  /** Name of the plugin in whose code it happened. */
  readonly plugin?: string
  /** Single faults, where one error stands for many. */
  readonly faults?: readonly string[]
}

/** One failure with what it concerns. */
export interface ReportFailure extends ReportFault {
  /** `package`: it was not cached. `delivery`: it did not reach a node. `run`: it belongs to neither. */
  readonly scope: 'package' | 'delivery' | 'run'
  /** `containerd@2.1.0 linux/amd64`, or whatever the error names. */
  readonly item?: string
  /** Name of the node, for a delivery. */
  readonly node?: string
}

/** Sums over one value of one property: all packages for `arm64`, say. */
export interface ReportShare {
  readonly value: string
  /** Number of stored packages. */
  readonly packages: number
  /** Bytes of the downloads. */
  readonly source_bytes: number
  /** Bytes of the stored files. */
  readonly stored_bytes: number
  /** Bytes of the inner tars, or of kept files. */
  readonly unpacked_bytes: number
}

/** What the store holds of one package; the fields are those of its record. */
export interface ReportStored {
  /** What the download was: `tar.gz`, `zip`, `binary`, … */
  readonly format: string
  readonly type: 'normalised' | 'kept'
  readonly trust: TrustLevel
  readonly evidence: readonly {
    readonly verifier: string
    readonly trust?: TrustLevel
    readonly summary: string
    readonly from?: string
  }[]
  /** Bytes of the download. */
  readonly source_size: number
  /** Bytes of the stored file. */
  readonly size: number
  /** Bytes of the inner tar, or of the kept file. */
  readonly unpacked_size: number
  readonly members: number
  /** SHA-256 of the download. */
  readonly source_sha256: string
  /** SHA-256 of the stored file. */
  readonly sha256: string
  /** SHA-256 of the inner tar; absent for kept files. */
  readonly content_sha256?: string
  /** Name of the source plugin. */
  readonly source: string
  readonly url: string
  readonly served_by: string
  /** Path below the store's root, with forward slashes. */
  readonly file: string
  /** ISO 8601, UTC. */
  readonly cached_at: string
}

/** One package of the run as reports show it; sizes in bytes. */
export interface ReportPackage {
  readonly name: string
  readonly version: string
  readonly platform: string
  readonly arch: string
  /** Section of the toolset that asks for it. */
  readonly section?: string
  /** `published`: new in this run. `cached`: was there. `failed`: asked for, not to be had. `stored`: there, not asked for. */
  readonly state: 'published' | 'cached' | 'failed' | 'stored'
  /** Bytes downloaded for it in this run. */
  readonly fetched_bytes: number
  /** Absent when the store does not hold it. */
  readonly stored?: ReportStored
  /** Of a failed one. */
  readonly error?: ReportFault
}

/**
 * One package on one node. `fallback`: the package's own command ran in its place. `skipped`: too many nodes had failed.
 * `other-arch`: the node takes another arch. `other-nodes`: the package is for others. `absent`: was neither sent nor
 * looked for.
 */
export type ReportNodeState =
  | 'sent'
  | 'present'
  | 'failed'
  | 'fallback'
  | 'skipped'
  | 'other-arch'
  | 'other-nodes'
  | 'absent'

/** One package on one node as reports show it. */
export interface ReportDelivery {
  readonly name: string
  readonly version: string
  readonly platform: string
  readonly arch: string
  readonly state: ReportNodeState
  /** Path on the node below its root. */
  readonly remote_path?: string
  /** Payload bytes that this machine sent. */
  readonly sent_bytes: number
  /** Name of the node that sent it in place of this machine. */
  readonly via?: string
  /** Whether what `onNode` asks for was `done` in this run, or `present`; absent: nothing was asked for. */
  readonly on_node?: 'present' | 'done'
  /** Why it failed, or why its fallback ran. */
  readonly error?: ReportFault
}

/** A file that was removed from a node. */
export interface ReportRemoval {
  /** Path on the node below its root. */
  readonly remote_path: string
  readonly bytes: number
}

/** One node with everything that was to reach it. */
export interface ReportNode {
  readonly name: string
  /** Absent for a folder of this machine. */
  readonly host?: string
  /** The only arch it takes; absent: all. */
  readonly arch?: string
  /** Folder on the node. */
  readonly root: string
  readonly sent: number
  readonly present: number
  readonly failed: number
  /** Packages whose own fallback command ran in their place. */
  readonly fallback: number
  /** Packages not tried, since too many nodes had failed. */
  readonly skipped: number
  /** Packages for this node that were neither sent nor looked for: they failed before, or the run did not get so far. */
  readonly absent: number
  /** Payload bytes that this machine sent to it. */
  readonly sent_bytes: number
  /** One entry per package of the run, in the order of `ReportSummary.packages`. */
  readonly packages: readonly ReportDelivery[]
  /** What was removed from it; empty unless that was asked for. */
  readonly removals: readonly ReportRemoval[]
}

/** Sums over the run; sizes in bytes. */
export interface ReportTotals {
  /** Packages asked for: cached + published + failed. */
  readonly requested: number
  readonly cached: number
  readonly published: number
  readonly failed: number
  /** Packages in the store, asked for or not. The four figures after `downloaded_bytes` are sums over these. */
  readonly stored: number
  /** Bytes downloaded in this run. */
  readonly downloaded_bytes: number
  readonly source_bytes: number
  readonly stored_bytes: number
  readonly unpacked_bytes: number
  /** Unpacked bytes per stored byte, two decimals; null for an empty store. */
  readonly compression_ratio: number | null
  /** Packages the nodes should hold: delivered + refused + fallback + skipped + absent. */
  readonly deliveries: number
  /** Those the nodes do hold, checked there: sent + present. */
  readonly delivered: number
  /** Deliveries that failed. */
  readonly refused: number
  /** Deliveries that the package's own fallback command ran in place of. */
  readonly fallback: number
  /** Deliveries not tried, since too many nodes had failed. */
  readonly skipped: number
  /** Deliveries that were neither tried nor looked for. */
  readonly absent: number
  /** Payload bytes that this machine sent to nodes in this run. */
  readonly sent_bytes: number
  /** Files removed from nodes. */
  readonly removed: number
  readonly removed_bytes: number
}

/** What was asked for against what the run could provide: published now or cached before. */
export interface ReportCoverage {
  readonly requested: number
  readonly available: number
  /** One decimal, rounded down, so that 100 means all; null when nothing was asked for. */
  readonly percent: number | null
}

/**
 * The view model of every report and the JSON report itself: schema `report.json`. The four members of `CacheReport`
 * tell the same in the older form.
 */
export interface ReportSummary extends CacheReport {
  readonly schema: 1
  /** ISO 8601, UTC. */
  readonly started_at: string
  /** ISO 8601, UTC. */
  readonly finished_at: string
  readonly duration_ms: number
  /** Absolute path of the store. */
  readonly store: string
  /** 0, 1, 2, 3 or 130 (DESIGN 7). */
  readonly exit_code: number
  /** True when nothing was fetched, published, sent or failed. */
  readonly unchanged: boolean
  readonly totals: ReportTotals
  readonly coverage: ReportCoverage
  /** Absent when no toolset asks for anything. */
  readonly toolset?: ReportToolset
  /** What the store holds, by property; largest number of packages first, trust best first. */
  readonly composition: {
    readonly platform: readonly ReportShare[]
    readonly arch: readonly ReportShare[]
    readonly trust: readonly ReportShare[]
    readonly format: readonly ReportShare[]
    /** Only packages that a section of a toolset asks for. */
    readonly section: readonly ReportShare[]
  }
  /** Everything asked for and everything stored, by name, version, platform and arch. */
  readonly packages: readonly ReportPackage[]
  /** In the order of the config. */
  readonly nodes: readonly ReportNode[]
  /** Packages first, then deliveries, then the rest. */
  readonly failures: readonly ReportFailure[]
  /** Deliveries that a fallback took the place of, and why; no failures. */
  readonly fallbacks: readonly ReportFailure[]
}
