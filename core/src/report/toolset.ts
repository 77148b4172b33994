import { keyId, plainVersion } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { Requirement } from '../model/requirement.ts'
import type { ItemResult, RunResult } from '../model/run.ts'
import { fault, withoutCredentials } from './fault.ts'
import { grouped } from './grouped.ts'
import { keyParts } from './node-rows.ts'
import { natural, sortedBy } from './order.ts'
import { percentOf } from './percent.ts'
import type { ReportRequirement, ReportToolset, ToolsetCounts, ToolsetShare } from './toolset.types.ts'

/** A row with the record of its package, when that is there. */
interface Covered {
  readonly row: ReportRequirement
  readonly record?: StoreRecord
}

type Outcome = Pick<ReportRequirement, 'state' | 'code' | 'reason' | 'package'> & {
  readonly record?: StoreRecord
}

/** What toolsets ask for, against what of it the run could provide; undefined when they ask for nothing. */
export function toolsetCoverage({
  requirements,
  items,
}: Pick<RunResult, 'requirements' | 'items'>): ReportToolset | undefined {
  if (requirements.length === 0) return undefined
  const known = itemsById(items)
  const covered = sortedBy(
    requirements.map((requirement) => cover(requirement, known)),
    ({ row }) => rowSortKey(row),
  )
  const by = (property: (row: ReportRequirement) => string) => shares(covered, property)
  return {
    ...counts(covered),
    by: {
      section: sortedBy(
        by(({ section }) => section),
        ({ value }) => natural(value),
      ),
      platform: by(({ platform }) => platform).sort(largestFirst),
      arch: by(({ arch }) => arch).sort(largestFirst),
      status: by(({ status }) => status).sort(largestFirst),
      evidence: by(({ evidence }) => evidence ?? '').sort(largestFirst),
    },
    rows: covered.map(({ row }) => row),
  }
}

/** Of several requests for one package, one that brought it counts. */
function itemsById(items: readonly ItemResult[]): ReadonlyMap<string, ItemResult> {
  const byId = new Map<string, ItemResult>()
  for (const item of items) {
    const id = keyId(item.key)
    if (item.state !== 'failed' || !byId.has(id)) byId.set(id, item)
  }
  return byId
}

function outcome(requirement: Requirement, known: ReadonlyMap<string, ItemResult>): Outcome {
  const { downloadable, key, reason } = requirement
  const why = reason === undefined ? {} : { reason: withoutCredentials(reason) }
  if (!downloadable) return { state: 'not-downloadable', ...why }
  if (key === undefined) return { state: 'missing', reason: 'no package was found for it', ...why }
  const item = known.get(keyId({ ...key, version: plainVersion(key.version) })) ?? known.get(keyId(key))
  const named = { package: keyParts(item?.key ?? key) }
  if (item === undefined) return { state: 'missing', reason: 'its package was not asked for', ...named }
  if (item.state !== 'failed') return { state: 'cached', record: item.record, ...named }
  const { code, message } = fault(item.error)
  return { state: 'missing', code, reason: message, ...named }
}

function cover(requirement: Requirement, known: ReadonlyMap<string, ItemResult>): Covered {
  const { from, section, tool, requested, platform, arch, status, inReport, reportName } = requirement
  const { version, evidence, url } = requirement
  const { record, ...became } = outcome(requirement, known)
  const row: ReportRequirement = {
    ...{ from: withoutCredentials(from), section, tool, requested, platform, arch, status },
    ...(inReport === undefined ? {} : { in_report: inReport }),
    ...(reportName === undefined ? {} : { report_name: reportName }),
    ...(version === undefined ? {} : { version }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(url === undefined ? {} : { url: withoutCredentials(url) }),
    ...became,
  }
  return record === undefined ? { row } : { row, record }
}

function rowSortKey(row: ReportRequirement): string {
  const { section, tool, requested, platform, arch } = row
  // the whole row decides between those that ask for the same
  return `${[section, tool, requested, platform, arch].map(natural).join('\u0000')}\u0000${JSON.stringify(row)}`
}

function counts(covered: readonly Covered[]): ToolsetCounts {
  const count = (is: (row: ReportRequirement) => boolean) => covered.filter(({ row }) => is(row)).length
  const cached = count(({ state }) => state === 'cached')
  const missing = count(({ state }) => state === 'missing')
  const records = new Map(covered.flatMap(({ record }) => (record ? [[keyId(record), record]] : [])))
  const sum = (size: (record: StoreRecord) => number) =>
    [...records.values()].reduce((all, record) => all + size(record), 0)
  return {
    requested: covered.length,
    compared: count(({ in_report }) => in_report !== undefined),
    in_report: count(({ in_report }) => in_report === true),
    resolvable: count((row) => row.package !== undefined),
    cached,
    missing,
    not_downloadable: covered.length - cached - missing,
    percent: percentOf(cached, cached + missing),
    packages: records.size,
    source_bytes: sum((record) => record.source_size),
    stored_bytes: sum((record) => record.size),
  }
}

function shares(covered: readonly Covered[], property: (row: ReportRequirement) => string): ToolsetShare[] {
  const groups = grouped(covered, ({ row }) => property(row))
  return [...groups].map(([value, group]) => ({ value, ...counts(group) }))
}

function largestFirst(a: ToolsetShare, b: ToolsetShare): number {
  return b.requested - a.requested || (a.value < b.value ? -1 : 1)
}
