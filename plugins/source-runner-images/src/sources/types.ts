import type { UrlEvidence } from '../resolvers/resolver.ts'

/** How a row of a toolset and a software report go together. */
export const ROW_STATUSES = [
  /** The report has it, in a version that is asked for. */
  'matched',
  /** The report has it, in no version that is asked for. */
  'version-mismatch',
  'not-in-report',
  /** Several entries of the report could be meant. */
  'ambiguous',
  /** The report has it, no toolset asks for it. */
  'report-only',
  /** There is nothing to download. */
  'not-downloadable',
] as const

export type RowStatus = (typeof ROW_STATUSES)[number]

/** One row of a source list (schema `source-list.json`). */
export interface SourceRow {
  /** Section of the toolset; absent in older lists. */
  readonly section?: string
  /** Name of the package in the store; in older lists the tool's. */
  readonly name: string
  /** As the toolset spells it; absent in older lists. */
  readonly tool?: string
  readonly requested?: string
  readonly status?: RowStatus
  /** What the report calls it. */
  readonly reportName?: string
  /** Exact where there is a URL; else what is known of it, `unknown` at the least. */
  readonly version: string
  /** As the toolset spells them. */
  readonly platform: string
  readonly arch: string
  readonly downloadUrl?: string
  readonly urlEvidence?: UrlEvidence
  /** Lower-case hex. Absent: not known (older lists say `unknown`). */
  readonly sha256?: string
  readonly sha512?: string
  /** Bytes. */
  readonly size?: number
  /** True: stored as `.tar.zst` instead of as it is. */
  readonly normalise?: boolean
  /** Why there is no URL, or what is not as it should be. */
  readonly reason?: string
  readonly matchedFrom: {
    /** Whether the report has it. */
    readonly upstream: boolean
    /** Path or URL of the toolset; empty for what only the report has. */
    readonly toolset: string
    /** JSON path in it. */
    readonly path?: string
    /** Older lists: the version of the report's entry that the row was tied to, true or not. */
    readonly upstreamVersion?: string
  }
  /** Trace of what `sources build` wrote, field by field (`trace.ts`); absent for what a person added. */
  readonly generated?: string
}

/** A source list: what a toolset asks for, matched with a report, with where each file is (schema `source-list.json`). */
export interface SourceList {
  readonly metadata: {
    /** ISO 8601, UTC. */
    readonly generatedAt: string
    readonly upstreamReport: {
      readonly url: string
      /** Of the image. */
      readonly version: string
      readonly fetchedAt: string
    }
    readonly toolsetFiles: readonly { readonly path: string; readonly lastModified: string }[]
  }
  /** Rows with a URL. */
  readonly sources: readonly SourceRow[]
  /** The others. */
  readonly unresolved: readonly SourceRow[]
}
