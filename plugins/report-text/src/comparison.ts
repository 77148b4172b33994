import {
  type ComparedPackage,
  type ComparedReport,
  type CoverageChange,
  formatBytes,
  formatRequirement,
  type PackageChange,
  type ReportComparison,
  type SectionChange,
} from '@pkgcache/core'
import { type Column, line, section, table, wrap } from './layout.ts'
import { percentage } from './toolset.ts'

/** More rows than this, one below the other, nobody reads. */
const MOST = 100

/** With its sign: `+1.2 MB`. */
function signedBytes(bytes: number): string {
  return bytes === 0 ? 'no change' : `${bytes < 0 ? '-' : '+'}${formatBytes(Math.abs(bytes))}`
}

function points(change: number | null): string {
  if (change === 0) return 'no change'
  return change === null ? '-' : `${change > 0 ? '+' : ''}${change} points`
}

function headline(comparison: ReportComparison): string {
  const { added, removed, changed, unchanged, newly_cached, newly_missing } = comparison
  const packages = `${added.length} added, ${removed.length} removed, ${changed.length} changed, ${unchanged} the same`
  const rows = newly_cached.length + newly_missing.length
  return rows === 0
    ? `${packages}.`
    : `${packages}; ${newly_cached.length} newly cached, ${newly_missing.length} newly missing.`
}

function sides({ old, new: now, ...rest }: ReportComparison): string[] {
  const of = rest.coverage_of === 'toolset' ? 'Toolset rows' : 'Asked for'
  const row = (label: string, value: (side: ComparedReport) => string, change: string) => [
    label,
    value(old),
    value(now),
    change,
  ]
  const difference = (value: (side: ComparedReport) => number): string => {
    const change = value(now) - value(old)
    return change === 0 ? 'no change' : `${change > 0 ? '+' : ''}${change}`
  }
  const counted = (label: string, value: (side: ComparedReport) => number) =>
    row(label, (side) => String(value(side)), difference(value))
  return table(
    [{ title: '' }, { title: 'OLD' }, { title: 'NEW' }, { title: 'CHANGE' }],
    [
      row('Made', ({ generated_at }) => line(generated_at.slice(0, 19).replace('T', ' ')), ''),
      row('Store', ({ store }) => line(store), ''),
      counted('Packages', ({ packages }) => packages),
      row('Stored', ({ stored_bytes }) => formatBytes(stored_bytes), signedBytes(rest.stored_bytes_change)),
      counted(of, ({ coverage }) => coverage.requested),
      counted('Cached', ({ coverage }) => coverage.cached),
      counted('Missing', ({ coverage }) => coverage.missing),
      row('Coverage', ({ coverage }) => percentage(coverage.percent), points(rest.coverage_change)),
    ],
  )
}

const RIGHT = (title: string): Column => ({ title, align: 'right' })

function sections(changes: readonly SectionChange[]): string[] {
  if (changes.length === 0) return []
  const arrow = (value: (side: NonNullable<SectionChange['old']>) => string, row: SectionChange) => {
    const [before, after] = [row.old, row.new].map((side) => (side === null ? '-' : value(side)))
    return before === after ? `${after}` : `${before} → ${after}`
  }
  return table(
    [
      { title: 'SECTION' },
      ...['ROWS', 'CACHED', 'MISSING', 'COVERAGE', 'ADDED', 'REMOVED', 'CHANGED'].map(RIGHT),
    ],
    changes.map((row) => [
      line(row.value) || '-',
      arrow(({ requested }) => String(requested), row),
      arrow(({ cached }) => String(cached), row),
      arrow(({ missing }) => String(missing), row),
      arrow(({ percent }) => percentage(percent), row),
      ...[row.added, row.removed, row.changed].map(String),
    ]),
  )
}

function coverageRows(changes: readonly CoverageChange[]): string[] {
  const more = changes.length - MOST
  const lines = changes.slice(0, MOST).flatMap((change) => {
    const before = change.before === 'absent' ? ' (not asked for before)' : ''
    const where = change.section ? `${line(change.section)}: ` : ''
    const why = [change.code, change.reason].filter((part) => part !== undefined).join(': ')
    return [
      ...wrap(`${where}${formatRequirement(change)}${before}`, ''),
      ...(why === '' ? [] : wrap(change.before === 'missing' ? `before: ${why}` : why, '  ')),
    ]
  })
  return more > 0 ? [...lines, `and ${more} more; the JSON document has all`] : lines
}

function packageName({ name, platform, arch }: PackageChange, { version }: ComparedPackage): string {
  return line(`${name}@${version} ${platform}/${arch}`)
}

function size(side: ComparedPackage | undefined): string {
  return side?.size === undefined ? '-' : formatBytes(side.size)
}

function listed(changes: readonly PackageChange[]): string[] {
  if (changes.length === 0) return []
  const rows = changes.flatMap((change) => {
    const side = change.new ?? change.old
    if (side === undefined) return []
    return [[packageName(change, side), line(change.section ?? '-'), side.state, size(side)]]
  })
  return table([{ title: 'PACKAGE' }, { title: 'SECTION' }, { title: 'STATE' }, RIGHT('STORED')], rows)
}

function changed(changes: readonly PackageChange[]): string[] {
  if (changes.length === 0) return []
  const rows = changes.flatMap((change) => {
    const { old, new: now, differs } = change
    if (old === undefined || now === undefined) return []
    const from = (property: 'version' | 'state') =>
      old[property] === now[property] ? now[property] : `${old[property]} → ${now[property]}`
    const sizes = size(old) === size(now) ? size(now) : `${size(old)} → ${size(now)}`
    const bytes = differs.includes('sha256') && !differs.includes('version') ? 'other bytes' : ''
    const place = line(`${change.name} ${change.platform}/${change.arch}`)
    return [[place, line(from('version')), from('state'), sizes, bytes]]
  })
  return table(
    [{ title: 'PACKAGE' }, { title: 'VERSION' }, { title: 'STATE' }, RIGHT('STORED'), { title: '' }],
    rows,
  )
}

/** Two reports, compared, as text; it ends in a newline. */
export function renderComparison(comparison: ReportComparison): string {
  const { newly_missing, newly_cached, added, removed, changed: differing } = comparison
  const lines = [
    ...wrap(headline(comparison), ''),
    ...section('REPORTS', sides(comparison)),
    ...section(`NEWLY MISSING (${newly_missing.length})`, coverageRows(newly_missing)),
    ...section(`NEWLY CACHED (${newly_cached.length})`, coverageRows(newly_cached)),
    ...section('SECTIONS', sections(comparison.sections)),
    ...section(`ADDED (${added.length})`, listed(added)),
    ...section(`REMOVED (${removed.length})`, listed(removed)),
    ...section(`CHANGED (${differing.length})`, changed(differing)),
  ]
  return `${lines.join('\n')}\n`
}
