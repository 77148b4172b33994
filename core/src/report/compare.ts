import type {
  ComparedCoverage,
  ComparedPackage,
  ComparedReport,
  CoverageChange,
  PackageChange,
  ReportComparison,
  SectionChange,
} from '../model/comparison.ts'
import { grouped } from './grouped.ts'
import { natural, packageSortKey, sortedBy } from './order.ts'
import { type Pairs, pairs } from './pairs.ts'
import { percentOf } from './percent.ts'
import {
  olderPackages,
  olderRows,
  type ReportDocument,
  type Snapshot,
  type SnapshotPackage,
  type SnapshotRow,
  snapshot,
  toolsetRows,
} from './snapshot.ts'

/**
 * What changed from one report to another. Like is held against like: where one of them knows no toolset, packages count
 * and not rows; where one is of the older form, what that form tells of.
 */
export function compareReports(older: ReportDocument, newer: ReportDocument): ReportComparison {
  const [old, now] = [snapshot(older), snapshot(newer)]
  const ofToolset = old.toolset !== undefined && now.toolset !== undefined
  const whole = old.packages !== undefined && now.packages !== undefined
  const packages = comparePackages(packagesOf(old, whole), packagesOf(now, whole))
  const rows = pairs(rowsOf(old, ofToolset), rowsOf(now, ofToolset), rowName, ({ requested }) => requested)
  const [before, after] = [compared(old, whole, ofToolset), compared(now, whole, ofToolset)]
  const percents = [before.coverage.percent, after.coverage.percent] as const
  return {
    schema: 1,
    old: before,
    new: after,
    coverage_of: ofToolset ? 'toolset' : 'packages',
    coverage_change:
      percents[0] === null || percents[1] === null ? null : Math.round((percents[1] - percents[0]) * 10) / 10,
    stored_bytes_change: after.stored_bytes - before.stored_bytes,
    ...packages,
    newly_cached: changesTo('cached', rows),
    newly_missing: changesTo('missing', rows),
    sections: ofToolset ? sections(old, now, packages) : [],
    ...now.older,
  }
}

function packagesOf({ packages, older }: Snapshot, whole: boolean): readonly SnapshotPackage[] {
  return whole && packages ? packages : olderPackages(older)
}

function rowsOf({ toolset, older }: Snapshot, ofToolset: boolean): readonly SnapshotRow[] {
  return ofToolset && toolset ? toolsetRows(toolset) : olderRows(older)
}

function rowName({ section, tool, platform, arch }: SnapshotRow): string {
  return JSON.stringify([section, tool, platform, arch])
}

function compared(side: Snapshot, whole: boolean, ofToolset: boolean): ComparedReport {
  const { kind, older, toolset } = side
  const sizes = packagesOf(side, whole).flatMap(({ size }) => size ?? [])
  const { totalSources, cachedSources, missingSources, coveragePercentage } = older.summary
  const sources = {
    requested: totalSources,
    cached: cachedSources,
    missing: missingSources,
    percent: totalSources === 0 ? null : coveragePercentage,
  }
  const { requested, cached, missing, percent } = (ofToolset ? toolset : undefined) ?? sources
  return {
    kind,
    generated_at: older.metadata.generatedAt,
    store: older.metadata.cacheDirectory,
    packages: sizes.length,
    stored_bytes: sizes.reduce((sum, size) => sum + size, 0),
    coverage: { requested, cached, missing, percent },
  }
}

function comparePackages(
  old: readonly SnapshotPackage[],
  now: readonly SnapshotPackage[],
): Pick<ReportComparison, 'unchanged' | 'added' | 'removed' | 'changed'> {
  const found = pairs(
    old,
    now,
    ({ name, platform, arch }) => JSON.stringify([name, platform, arch]),
    ({ version }) => version,
  )
  const changed = found.both.map(([before, after]) => change(before, after))
  const differing = changed.filter(({ differs }) => differs.length > 0)
  return {
    unchanged: changed.length - differing.length,
    added: inOrder(found.added.map((one) => change(undefined, one))),
    removed: inOrder(found.removed.map((one) => change(one, undefined))),
    changed: inOrder(differing),
  }
}

function inOrder(changes: readonly PackageChange[]): PackageChange[] {
  return sortedBy(changes, ({ name, platform, arch, old, new: now }) =>
    packageSortKey({ name, version: (now ?? old)?.version ?? '', platform, arch }),
  )
}

function change(old: SnapshotPackage | undefined, now: SnapshotPackage | undefined): PackageChange {
  const { name = '', platform = '', arch = '' } = now ?? old ?? {}
  const section = now?.section ?? old?.section
  return {
    ...{ name, platform, arch },
    ...(section !== undefined && { section }),
    ...(old && { old: asCompared(old) }),
    ...(now && { new: asCompared(now) }),
    differs: old && now ? differences(old, now) : [],
  }
}

function asCompared({ version, state, size, sha256, reason }: SnapshotPackage): ComparedPackage {
  return {
    ...{ version, state },
    ...(size !== undefined && { size }),
    ...(sha256 !== undefined && { sha256 }),
    ...(reason !== undefined && { reason }),
  }
}

/** What only one of them knows is no difference: the state says what became of it. */
function differences(old: SnapshotPackage, now: SnapshotPackage): PackageChange['differs'] {
  const properties = ['version', 'size', 'sha256', 'state'] as const
  return properties.filter(
    (property) =>
      old[property] !== undefined && now[property] !== undefined && old[property] !== now[property],
  )
}

function changesTo(state: 'cached' | 'missing', { both, added }: Pairs<SnapshotRow>): CoverageChange[] {
  const became = both.filter(([before, after]) => after.state === state && before.state !== state)
  const changes = [
    ...became.map(([before, after]) =>
      coverageChange(after, before.state, state === 'cached' ? before : after),
    ),
    ...added.filter((row) => row.state === state).map((row) => coverageChange(row, 'absent', row)),
  ]
  return sortedBy(changes, ({ section = '', tool, requested, platform, arch }) =>
    [section, tool, requested, platform, arch].map(natural).join('\u0000'),
  )
}

/** @param told the row that says why it is missing, or was */
function coverageChange(
  row: SnapshotRow,
  before: CoverageChange['before'],
  told: SnapshotRow,
): CoverageChange {
  const { section, tool, requested, platform, arch, version } = row
  return {
    ...(section !== undefined && { section }),
    ...{ tool, requested, platform, arch, before },
    ...(version !== undefined && { version }),
    ...(told.code !== undefined && { code: told.code }),
    ...(told.reason !== undefined && { reason: told.reason }),
  }
}

function covered(rows: readonly SnapshotRow[] | undefined): ComparedCoverage | null {
  if (rows === undefined) return null
  const count = (state: SnapshotRow['state']) => rows.filter((row) => row.state === state).length
  const [cached, missing] = [count('cached'), count('missing')]
  return { requested: rows.length, cached, missing, percent: percentOf(cached, cached + missing) }
}

function sections(
  old: Snapshot,
  now: Snapshot,
  packages: Pick<ReportComparison, 'added' | 'removed' | 'changed'>,
): SectionChange[] {
  const bySection = (side: Snapshot) => grouped(rowsOf(side, true), ({ section = '' }) => section)
  const [before, after] = [bySection(old), bySection(now)]
  const names = sortedBy([...new Set([...before.keys(), ...after.keys()])], natural)
  return names.map((value) => {
    const count = (changes: readonly PackageChange[]) =>
      changes.filter(({ section }) => section === value).length
    const { added, removed, changed } = packages
    return {
      value,
      ...{ old: covered(before.get(value)), new: covered(after.get(value)) },
      ...{ added: count(added), removed: count(removed), changed: count(changed) },
    }
  })
}
