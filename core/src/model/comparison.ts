/** One cached file in the older form of the report. */
export interface CachedItem {
  readonly name: string
  readonly version: string
  readonly platform: string
  readonly arch: string
  /** Below the cache directory, with forward slashes. */
  readonly filePath: string
  /** Bytes of the stored file. */
  readonly fileSize: number
  /** SHA-256 of the stored file, lower-case hex. Lists of other programs may leave it out, or say `unknown`. */
  readonly sha256?: string
  /** ISO 8601. */
  readonly downloadedAt?: string
}

/** Something that is not cached, in the older form of the report. */
export interface MissingItem {
  readonly name: string
  readonly version: string
  readonly platform: string
  readonly arch: string
  /** Empty where none is known. */
  readonly downloadUrl: string
  readonly reason?: string
}

/**
 * The older form of a report, which every JSON report holds beside the rest (schema `cache-report.json`). It speaks of
 * what toolsets ask for; where they ask for nothing, of the packages asked for. What cannot be downloaded at all is no
 * source of it.
 */
export interface CacheReport {
  readonly metadata: {
    /** ISO 8601. */
    readonly generatedAt: string
    readonly cacheDirectory: string
    /** The file that asks; absent where there are several, or none. */
    readonly sourceListPath?: string
  }
  readonly summary: {
    /** cachedSources + missingSources. */
    readonly totalSources: number
    readonly cachedSources: number
    readonly missingSources: number
    /** 0 to 100; 0 where there are no sources. */
    readonly coveragePercentage: number
    /** Bytes of the cached items, each file once. */
    readonly totalCacheSize: number
  }
  readonly cachedItems: readonly CachedItem[]
  readonly missingItems: readonly MissingItem[]
}

/** What of a toolset, or of the packages asked for, a report found cached. */
export interface ComparedCoverage {
  /** Rows asked for, those that cannot be downloaded among them. */
  readonly requested: number
  readonly cached: number
  readonly missing: number
  /** Of those that can be downloaded; one decimal, rounded down; null when there are none. */
  readonly percent: number | null
}

/** One of the two reports of a comparison. */
export interface ComparedReport {
  /** `report`: pkgcache's own. `cache-report`: the older form. */
  readonly kind: 'report' | 'cache-report'
  /** ISO 8601: when it was made. */
  readonly generated_at: string
  /** Path of the store. */
  readonly store: string
  /** Packages cached or stored. */
  readonly packages: number
  /** Bytes of their stored files. */
  readonly stored_bytes: number
  readonly coverage: ComparedCoverage
}

/** A package as one report has it. */
export interface ComparedPackage {
  readonly version: string
  /** `cached`: asked for and there. `missing`: asked for, not to be had. `stored`: there, not asked for. */
  readonly state: 'cached' | 'missing' | 'stored'
  /** Bytes of the stored file; absent when there is none. */
  readonly size?: number
  /** SHA-256 of the stored file; absent when there is none, or the report does not know it. */
  readonly sha256?: string
  /** Why it is missing. */
  readonly reason?: string
}

/** What became of one package between two reports. */
export interface PackageChange {
  readonly name: string
  readonly platform: string
  readonly arch: string
  /** Section of a toolset that asks for it. */
  readonly section?: string
  /** Absent for an added one. */
  readonly old?: ComparedPackage
  /** Absent for a removed one. */
  readonly new?: ComparedPackage
  /** What is not the same: `version`, `size`, `sha256`, `state`; empty for what was added or removed. */
  readonly differs: readonly ('version' | 'size' | 'sha256' | 'state')[]
}

/** A row of a toolset, or a package asked for, whose coverage is not what it was. */
export interface CoverageChange {
  readonly section?: string
  /** The tool as the toolset spells it; the package's name where there is no toolset. */
  readonly tool: string
  readonly requested: string
  readonly platform: string
  readonly arch: string
  /** `absent`: it was not asked for. */
  readonly before: 'cached' | 'missing' | 'not-downloadable' | 'absent'
  /** The exact version, where it is known. */
  readonly version?: string
  /** Error code, where it is missing for an error. */
  readonly code?: string
  /** Why it is missing now, or was before. */
  readonly reason?: string
}

/** One section of a toolset in both reports; null where the report has no such section. */
export interface SectionChange {
  readonly value: string
  readonly old: ComparedCoverage | null
  readonly new: ComparedCoverage | null
  /** Packages of the section that were added, removed or changed. */
  readonly added: number
  readonly removed: number
  readonly changed: number
}

/** Two reports, compared: schema `comparison.json`. It holds the older form of the newer one. */
export interface ReportComparison extends CacheReport {
  readonly schema: 1
  readonly old: ComparedReport
  readonly new: ComparedReport
  /** `toolset`: rows of toolsets, in both. `packages`: packages asked for, since one of the reports knows no toolset. */
  readonly coverage_of: 'toolset' | 'packages'
  /** Points of a hundred, one decimal; null when one of the reports has no percentage. */
  readonly coverage_change: number | null
  /** More or fewer bytes in the store. */
  readonly stored_bytes_change: number
  /** Packages that are the same in both. */
  readonly unchanged: number
  /** Each list by name, version, platform and arch. */
  readonly added: readonly PackageChange[]
  readonly removed: readonly PackageChange[]
  readonly changed: readonly PackageChange[]
  readonly newly_cached: readonly CoverageChange[]
  readonly newly_missing: readonly CoverageChange[]
  /** By name; empty where neither report knows sections. */
  readonly sections: readonly SectionChange[]
}
