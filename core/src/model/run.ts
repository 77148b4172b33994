import type { PkgcacheError } from '../errors/error.ts'
import type { PackageKey } from './names.ts'
import type { NodeSpec } from './node.ts'
import type { StoreRecord } from './record.ts'
import type { Requirement } from './requirement.ts'

/** The seven stages, in order. */
export type StageName = 'resolve' | 'fetch' | 'normalise' | 'verify' | 'index' | 'distribute' | 'report'

/** What became of one requested package. */
export type ItemResult = ItemOutcome & {
  /** Patterns of the nodes that it is meant for, as in its request; absent: all. */
  readonly to?: readonly string[]
  /** The part of a toolset that asks for it, as in its request. */
  readonly section?: string
}

type ItemOutcome =
  | { readonly key: PackageKey; readonly state: 'cached'; readonly record: StoreRecord }
  | {
      readonly key: PackageKey
      readonly state: 'published'
      readonly record: StoreRecord
      readonly fetchedBytes: number
    }
  | { readonly key: PackageKey; readonly state: 'failed'; readonly error: PkgcacheError }

/** What became of one record on one node. */
export type NodeResult =
  | {
      readonly node: string
      readonly key: PackageKey
      readonly state: 'present' | 'sent'
      readonly remotePath: string
      /** Payload bytes that this machine sent. */
      readonly sentBytes: number
      /** Name of the node that sent it in place of this machine. */
      readonly via?: string
      /** `done`: what `onNode` says was carried out. `present`: it had been before. Absent: nothing was asked for. */
      readonly onNode?: 'present' | 'done'
    }
  /** Not delivered; the package's own `fallback` command ran on the node instead, and succeeded. */
  | {
      readonly node: string
      readonly key: PackageKey
      readonly state: 'fallback'
      /** Absent when the package itself could not be had. */
      readonly remotePath?: string
      /** Why it could not be delivered. */
      readonly error: PkgcacheError
    }
  /** Not tried: more nodes than `maxFailures` allows had failed before its turn came. */
  | {
      readonly node: string
      readonly key: PackageKey
      readonly state: 'skipped'
      readonly remotePath: string
    }
  | {
      readonly node: string
      readonly key: PackageKey
      readonly state: 'failed'
      /** Absent when the package itself could not be had: its fallback failed. */
      readonly remotePath?: string
      readonly error: PkgcacheError
    }

/** A file that `prune` took from a node. */
export interface NodeRemoval {
  readonly node: string
  /** Below the node's root. */
  readonly remotePath: string
  readonly bytes: number
}

/** A report file that was written, or left as it was because nothing changed. */
export interface ReportFile {
  readonly plugin: string
  readonly format: string
  /** Absolute path. */
  readonly file: string
}

/** The whole of one run, as the reporters get it. */
export interface RunResult {
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** ISO 8601, UTC. */
  readonly finishedAt: string
  /** Absolute path of the store. */
  readonly store: string
  readonly items: readonly ItemResult[]
  /** What toolsets ask for, in their order; empty where no plugin knows of any. */
  readonly requirements: readonly Requirement[]
  readonly nodes: readonly NodeSpec[]
  readonly deliveries: readonly NodeResult[]
  /** What was removed from nodes; empty unless it was asked for. */
  readonly removals: readonly NodeRemoval[]
  readonly reports: readonly ReportFile[]
  /** Failures that belong to no single item: a toolset or a report file that is broken, a plugin's `done` that threw. */
  readonly errors: readonly PkgcacheError[]
  /** True when nothing was fetched, published, sent or failed. */
  readonly unchanged: boolean
  /** 0, 1, 2, 3 or 130 (DESIGN 7). */
  readonly exitCode: number
}

/** What a run says while it goes: the command line draws from these, nothing else. */
export type RunEvent =
  | { readonly type: 'items'; readonly items: readonly PackageKey[]; readonly nodes: readonly NodeSpec[] }
  | { readonly type: 'stage'; readonly item: PackageKey; readonly stage: StageName }
  | {
      readonly type: 'progress'
      readonly item: PackageKey
      readonly stage: StageName
      readonly done: number
      readonly total?: number
    }
  | { readonly type: 'item'; readonly result: ItemResult }
  | {
      readonly type: 'node-progress'
      readonly node: string
      readonly item: PackageKey
      readonly done: number
      readonly total: number
    }
  | { readonly type: 'delivery'; readonly result: NodeResult }
  | { readonly type: 'report'; readonly report: ReportFile }
  | { readonly type: 'log'; readonly level: LogLevel; readonly scope: string; readonly message: string }

/** How important a log line is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
