import type { ErrorCode } from '../errors/codes.ts'
import type { PackageKey } from '../model/names.ts'

/** What of some rows of toolsets is cached. */
export interface ToolsetCounts {
  /** Rows: cached + missing + not_downloadable. */
  readonly requested: number
  /** Rows that say whether the image to be reproduced holds the tool. */
  readonly compared: number
  /** Those whose tool it holds. */
  readonly in_report: number
  /** Rows that a package was found for. */
  readonly resolvable: number
  /** Rows whose package is there: published in this run or cached before. */
  readonly cached: number
  /** Rows that could be downloaded, and are not there. */
  readonly missing: number
  /** Rows of which there is nothing to download. */
  readonly not_downloadable: number
  /** cached ÷ (cached + missing), one decimal, rounded down, so that 100 means all; null when there are none. */
  readonly percent: number | null
  /** Packages that stand for the cached rows: several rows can share one. The bytes are sums over these. */
  readonly packages: number
  /** Bytes of their downloads. */
  readonly source_bytes: number
  /** Bytes of their stored files. */
  readonly stored_bytes: number
}

/** The rows of one value of one property: section `toolcache`, say. Empty where the rows do not say. */
export interface ToolsetShare extends ToolsetCounts {
  readonly value: string
}

/** One row of a toolset with what became of it. Text is without credentials. */
export interface ReportRequirement {
  /** Path or URL of the file that asks for it. */
  readonly from: string
  readonly section: string
  /** As that file spells it. */
  readonly tool: string
  /** As that file spells it. */
  readonly requested: string
  readonly platform: string
  readonly arch: string
  /** How it was looked for and found, in the plugin's own words. */
  readonly status: string
  /** Whether the image to be reproduced holds it; absent where there is none to look at. */
  readonly in_report?: boolean
  /** What that image calls it. */
  readonly report_name?: string
  /** The exact version, where one was found. */
  readonly version?: string
  /** What its URL was taken from, or why there is none. */
  readonly evidence?: string
  readonly url?: string
  readonly state: 'cached' | 'missing' | 'not-downloadable'
  /** The package that stands for it. */
  readonly package?: PackageKey
  /** Error code of that package, where it failed. */
  readonly code?: ErrorCode
  /** Why it is missing, or cannot be downloaded. */
  readonly reason?: string
}

/** What toolsets ask for, against what of it is there. */
export interface ReportToolset extends ToolsetCounts {
  readonly by: {
    /** By name. */
    readonly section: readonly ToolsetShare[]
    /** This and the following: the largest number of rows first. */
    readonly platform: readonly ToolsetShare[]
    readonly arch: readonly ToolsetShare[]
    readonly status: readonly ToolsetShare[]
    readonly evidence: readonly ToolsetShare[]
  }
  /** By section, tool, what is requested, platform and arch. */
  readonly rows: readonly ReportRequirement[]
}
