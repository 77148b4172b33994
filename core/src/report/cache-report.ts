import type { CachedItem, CacheReport, MissingItem } from '../model/comparison.ts'
import { keyId } from '../model/names.ts'
import { percentOf } from './percent.ts'
import type { ReportRequirement, ReportToolset } from './toolset.types.ts'
import type { ReportPackage, ReportStored, ReportSummary } from './types.ts'

interface Told extends Pick<ReportSummary, 'finished_at' | 'store' | 'packages'> {
  readonly toolset: ReportToolset | undefined
}

/** A run in the older form of the report. */
export function cacheReport({ finished_at, store, packages, toolset }: Told): CacheReport {
  const { cachedItems, missingItems } = toolset ? ofRows(toolset.rows, packages) : ofPackages(packages)
  const [cached, missing] = [cachedItems.length, missingItems.length]
  const [from, ...others] = new Set(toolset?.rows.map((row) => row.from))
  const sizes = new Map(cachedItems.map(({ filePath, fileSize }) => [filePath, fileSize]))
  return {
    metadata: {
      generatedAt: finished_at,
      cacheDirectory: store,
      ...(from !== undefined && others.length === 0 && { sourceListPath: from }),
    },
    summary: {
      totalSources: cached + missing,
      cachedSources: cached,
      missingSources: missing,
      coveragePercentage: percentOf(cached, cached + missing) ?? 0,
      totalCacheSize: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    },
    cachedItems,
    missingItems,
  }
}

type Items = Pick<CacheReport, 'cachedItems' | 'missingItems'>

function cachedItem(
  { name, version, platform, arch }: Pick<ReportPackage, 'name' | 'version' | 'platform' | 'arch'>,
  { file: filePath, size: fileSize, sha256, cached_at: downloadedAt }: ReportStored,
): CachedItem {
  return { name, version, platform, arch, filePath, fileSize, sha256, downloadedAt }
}

function ofPackages(packages: readonly ReportPackage[]): Items {
  const cachedItems: CachedItem[] = []
  const missingItems: MissingItem[] = []
  for (const row of packages) {
    const { name, version, platform, arch, state, stored, error } = row
    if (state === 'failed') {
      const reason = error && { reason: `${error.code}: ${error.message}` }
      missingItems.push({ name, version, platform, arch, downloadUrl: '', ...reason })
    } else if (state !== 'stored' && stored !== undefined) cachedItems.push(cachedItem(row, stored))
  }
  return { cachedItems, missingItems }
}

function missingItem(row: ReportRequirement): MissingItem {
  const { tool, requested, code, reason, url = '' } = row
  const known = { name: tool, version: row.version ?? requested, platform: row.platform, arch: row.arch }
  const { name, version, platform, arch } = row.package ?? known
  const why = [code, reason].filter((part) => part !== undefined).join(': ')
  return { name, version, platform, arch, downloadUrl: url, ...(why !== '' && { reason: why }) }
}

/** An item for each row, so that they add up; a file that several rows share comes with each of them. */
function ofRows(rows: readonly ReportRequirement[], packages: readonly ReportPackage[]): Items {
  const byId = new Map(packages.map((row) => [keyId(row), row]))
  const cachedItems = rows.flatMap((row) => {
    const held = row.state === 'cached' && row.package ? byId.get(keyId(row.package)) : undefined
    return held?.stored ? [cachedItem(held, held.stored)] : []
  })
  return { cachedItems, missingItems: rows.filter(({ state }) => state === 'missing').map(missingItem) }
}
