import { PkgcacheError } from '@pkgcache/core'
import type { Documents } from '../documents.ts'
import type { ReportEntry, SoftwareReport } from '../report/types.ts'
import { TOOL_CLASSES } from '../report/types.ts'
import type { ResolverOptions } from '../resolvers/resolver.ts'
import type { SourceRow } from '../sources/types.ts'
import type { Toolset } from '../toolset/read.ts'
import type { Wanted } from '../toolset/section.ts'
import { type Found, type Listed, ReportIndex } from './find.ts'
import { packageName } from './names.ts'
import { otherImage } from './pair.ts'
import { rowOf } from './row.ts'
import { type Supplied, type SupplyMeans, supply } from './supply.ts'

/** What rows are made of. */
export interface MatchInput extends ResolverOptions {
  /** Absent: nothing is looked for in a report. */
  readonly report?: SoftwareReport
  readonly toolsets: readonly Toolset[]
  readonly documents: Documents
}

/** Rows and what went wrong on the way. */
export interface Matched {
  /** Those of the toolsets in their order, then what only the report has. */
  readonly rows: readonly SourceRow[]
  /** Indexes that could not be had, say; each once. */
  readonly faults: readonly PkgcacheError[]
}

/** Looks each row of the toolsets up in the report, and for the file of each. Never throws for single rows. */
export async function matchRows({ report, toolsets, documents, prereleases }: MatchInput): Promise<Matched> {
  const index = report && new ReportIndex(report)
  const matching = toolsets.flatMap((toolset) =>
    toolset.wanted.map(async (wanted) => {
      const other = report && otherImage(toolset, wanted, report)
      const held = other === undefined && index ? { index } : { other }
      const faults: PkgcacheError[] = []
      const means = {
        documents,
        tell: (fault: PkgcacheError) => void faults.push(fault),
        at: { file: toolset.file, path: wanted.path },
        ...(prereleases !== undefined && { prereleases }),
      }
      return { ...(await matchOne({ wanted, toolset, ...held }, means)), faults }
    }),
  )
  // in the order of the rows, whichever was done first
  const matched = await Promise.all(matching)
  const used = new Set(matched.flatMap(({ entries }) => entries))
  const rows = [...matched.flatMap((one) => one.rows), ...(report ? reportOnly(report, used) : [])]
  return { rows, faults: withoutRepeats(matched.flatMap(({ faults }) => faults)) }
}

/** An index that is down is told once, with the first row that asked for it. */
export function withoutRepeats(faults: readonly PkgcacheError[]): PkgcacheError[] {
  const told = new Map<unknown, PkgcacheError>()
  for (const fault of faults) {
    const { item, message } = fault.cause instanceof PkgcacheError ? fault.cause : fault
    const key = `${item} ${message}`
    if (!told.has(key)) told.set(key, fault)
  }
  return [...told.values()]
}

/** A row that is looked for. */
export interface Looking {
  readonly wanted: Wanted
  readonly toolset: Toolset
  readonly index?: ReportIndex
  /** Why the report says nothing of it, where it is of another image. */
  readonly other?: string | undefined
}

interface MatchedRow {
  readonly rows: readonly SourceRow[]
  /** Entries of the report that it accounts for. */
  readonly entries: readonly ReportEntry[]
}

async function matchOne(looking: Looking, means: SupplyMeans): Promise<MatchedRow> {
  const { wanted, index } = looking
  const found: Found =
    index && wanted.listing ? index.find(wanted.listing, wanted.requested) : { kind: 'none' }
  const entries = accounted(found)
  if (found.kind === 'ambiguous') return { rows: [rowOf(looking, found, {})], entries }
  if (found.kind === 'several' || wanted.listing?.rule === 'all')
    return { rows: await groupRows(looking, found, means), entries }
  const version = found.kind === 'one' ? lookFor(found.listed, wanted) : undefined
  const [supplied = {}] = await supply(wanted.supply, version, means)
  if (supplied.download || version === undefined || wanted.supply.kind !== 'resolver')
    return { rows: [rowOf(looking, found, supplied)], entries }
  // the image has a version that the index does not list: what it does list is told beside that
  const [other = {}] = await supply(wanted.supply, undefined, means)
  return {
    rows: [rowOf(looking, found, other.download ? { ...other, reason: supplied.reason ?? '' } : supplied)],
    entries,
  }
}

function accounted(found: Found): ReportEntry[] {
  if (found.kind === 'one' || found.kind === 'several') return found.also.map(({ entry }) => entry)
  return found.kind === 'ambiguous' ? found.entries.map(({ entry }) => entry) : []
}

/** What the resolver is asked for, for an entry of the report. */
function lookFor({ entry, version }: Listed, { listing }: Wanted): string | undefined {
  return listing?.lookFor?.(entry) ?? version ?? undefined
}

/** One row per group: those of the report, and those that only the index has. */
async function groupRows(looking: Looking, found: Found, means: SupplyMeans): Promise<SourceRow[]> {
  const { wanted } = looking
  const group = wanted.listing?.group ?? ((version: string) => version)
  const listed = found.kind === 'several' ? found.groups : new Map<string, Listed>()
  const inReport = [...listed.values()].map(async (one) => {
    const [supplied = {}] = await supply(wanted.supply, lookFor(one, wanted), means)
    return rowOf(looking, { kind: 'one', listed: one, also: [] }, supplied)
  })
  const rest = await supply(wanted.supply, undefined, means)
  const isNew = ({ download }: Supplied) => download !== undefined && !listed.has(group(download.version))
  const absent: Found = found.kind === 'several' ? { kind: 'none' } : found
  const further = rest.filter((one) => isNew(one) || (listed.size === 0 && one.download === undefined))
  return [...(await Promise.all(inReport)), ...further.map((one) => rowOf(looking, absent, one))]
}

/** Software that no toolset asks for. */
function reportOnly(report: SoftwareReport, used: ReadonlySet<ReportEntry>): SourceRow[] {
  const tools: readonly string[] = TOOL_CLASSES
  return report.entries
    .filter((entry) => tools.includes(entry.class) && !used.has(entry))
    .map((entry) => ({
      section: entry.section.at(-1) ?? entry.class,
      name: packageName(entry.name),
      tool: entry.name,
      status: 'report-only',
      reportName: entry.name,
      version: entry.version ?? 'unknown',
      platform: report.image.platform ?? 'unknown',
      arch: entry.arch ?? report.image.arch ?? 'x64',
      reason: 'no toolset asks for it',
      matchedFrom: { upstream: true, toolset: '' },
    }))
}
