import type { CachedItem, CacheReport, ComparedPackage, CoverageChange } from '../model/comparison.ts'
import { keyId } from '../model/names.ts'
import { cacheReport } from './cache-report.ts'
import { withoutCredentials } from './fault.ts'
import type { ReportToolset } from './toolset.types.ts'
import type { ReportPackage, ReportSummary } from './types.ts'

/** What can be compared: a JSON report of pkgcache, or one in the older form. */
export type ReportDocument = ReportSummary | CacheReport

/** A package of one report. */
export interface SnapshotPackage extends ComparedPackage {
  readonly name: string
  readonly platform: string
  readonly arch: string
  readonly section?: string
}

/** A row of a toolset, or a package asked for. */
export interface SnapshotRow extends Omit<CoverageChange, 'before'> {
  readonly state: 'cached' | 'missing' | 'not-downloadable'
}

/** A report as it is compared. */
export interface Snapshot {
  readonly kind: 'report' | 'cache-report'
  /** Absent for reports that know of no toolset. */
  readonly toolset?: ReportToolset
  /** Everything asked for and everything stored; absent for the older form. */
  readonly packages?: readonly SnapshotPackage[]
  /** The same in the older form. */
  readonly older: CacheReport
}

export function snapshot(document: ReportDocument): Snapshot {
  if (!('packages' in document)) return { kind: 'cache-report', older: pure(document) }
  const { toolset, packages } = document
  return {
    kind: 'report',
    ...(toolset && { toolset }),
    packages: packages.map(ofPackage),
    older: cacheReport({ ...document, toolset }),
  }
}

/** The known members of a report that another program wrote. */
function pure({ metadata, summary, cachedItems, missingItems }: CacheReport): CacheReport {
  const { generatedAt, cacheDirectory, sourceListPath } = metadata
  const { totalSources, cachedSources, missingSources, coveragePercentage, totalCacheSize } = summary
  return {
    metadata: { generatedAt, cacheDirectory, ...(sourceListPath !== undefined && { sourceListPath }) },
    summary: { totalSources, cachedSources, missingSources, coveragePercentage, totalCacheSize },
    cachedItems: cachedItems.map(
      ({ name, version, platform, arch, filePath, fileSize, sha256, downloadedAt }) => ({
        ...{ name, version, platform, arch, filePath, fileSize },
        ...(sha256 !== undefined && { sha256 }),
        ...(downloadedAt !== undefined && { downloadedAt }),
      }),
    ),
    missingItems: missingItems.map(({ name, version, platform, arch, downloadUrl, reason }) => ({
      ...{ name, version, platform, arch, downloadUrl: withoutCredentials(downloadUrl) },
      ...(reason !== undefined && { reason: withoutCredentials(reason) }),
    })),
  }
}

function ofPackage(row: ReportPackage): SnapshotPackage {
  const { name, version, platform, arch, section, state, stored, error } = row
  return {
    ...{ name, version, platform, arch },
    ...(section !== undefined && { section }),
    // new or there before: what counts for a comparison is that it is there
    state: state === 'failed' ? 'missing' : state === 'stored' ? 'stored' : 'cached',
    ...(stored && { size: stored.size, sha256: stored.sha256 }),
    ...(error && { reason: `${error.code}: ${error.message}` }),
  }
}

/** PowerShell writes digests in capitals, and `unknown` for those that it does not know. */
function digest({ sha256 }: CachedItem): string | undefined {
  const text = sha256?.toLowerCase()
  return text !== undefined && /^[0-9a-f]{64}$/.test(text) ? text : undefined
}

/** Packages of the older form: several rows can share one, and one of them that is cached counts. */
export function olderPackages({ cachedItems, missingItems }: CacheReport): readonly SnapshotPackage[] {
  const missing = missingItems.map(({ name, version, platform, arch, reason }): SnapshotPackage => {
    return { name, version, platform, arch, state: 'missing', ...(reason !== undefined && { reason }) }
  })
  const cached = cachedItems.map((item): SnapshotPackage => {
    const { name, version, platform, arch, fileSize: size } = item
    const sha256 = digest(item)
    return { name, version, platform, arch, state: 'cached', size, ...(sha256 && { sha256 }) }
  })
  return [...new Map([...missing, ...cached].map((item) => [keyId(item), item])).values()]
}

/** Rows of the older form. */
export function olderRows({ cachedItems, missingItems }: CacheReport): readonly SnapshotRow[] {
  return [
    ...cachedItems.map(({ name, version, platform, arch }): SnapshotRow => {
      return { tool: name, requested: version, platform, arch, version, state: 'cached' }
    }),
    ...missingItems.map(({ name, version, platform, arch, reason }): SnapshotRow => {
      const why = reason !== undefined && { reason }
      return { tool: name, requested: version, platform, arch, version, state: 'missing', ...why }
    }),
  ]
}

/** Rows of a toolset. */
export function toolsetRows({ rows }: ReportToolset): readonly SnapshotRow[] {
  return rows.map(({ section, tool, requested, platform, arch, state, version, code, reason }) => ({
    ...{ section, tool, requested, platform, arch, state },
    ...(version !== undefined && { version }),
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
  }))
}
