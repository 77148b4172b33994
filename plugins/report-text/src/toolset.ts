import {
  formatBytes,
  formatRequirement,
  groupGaps,
  type ReportSummary,
  type ReportToolset,
  type ToolsetGap,
} from '@pkgcache/core'
import { type Column, line, table, wrap } from './layout.ts'

/** More names of rows, or causes, than this nobody reads; the JSON report has all of them. */
const MOST = 20

const COLUMNS: readonly Column[] = [
  { title: 'SECTION' },
  ...['ROWS', 'IN REPORT', 'RESOLVABLE', 'CACHED', 'MISSING', 'NO DOWNLOAD', 'COVERAGE', 'STORED'].map(
    (title): Column => ({ title, align: 'right' }),
  ),
]

/** `66.6 %`, or a dash where there is nothing to cover. */
export function percentage(percent: number | null): string {
  return percent === null ? '-' : `${percent} %`
}

/** Figures of the whole, then a table by section. */
export function toolsetCoverage({ toolset }: ReportSummary): string[] {
  if (toolset === undefined) return []
  const files = [...new Set(toolset.rows.map(({ from }) => line(from)))]
  const { cached, missing, not_downloadable, packages, stored_bytes, source_bytes } = toolset
  const [row, package_] = [cached + missing === 1 ? 'row' : 'rows', packages === 1 ? 'package' : 'packages']
  return [
    ...wrap(
      `${percentage(toolset.percent)}: ${cached} of ${cached + missing} downloadable ${row} cached, ` +
        `${missing} missing; ${not_downloadable} cannot be downloaded`,
      '',
    ),
    `${packages} ${package_}, ${formatBytes(stored_bytes)} stored of ${formatBytes(source_bytes)} downloaded`,
    ...wrap(`Asked for by ${shortened(files)}`, ''),
    '',
    ...table(COLUMNS, [
      ...toolset.by.section.map((share) => [line(share.value) || '-', ...numbers(share)]),
      ['all', ...numbers(toolset)],
    ]),
  ]
}

const PROPERTIES = ['status', 'evidence', 'platform', 'arch'] as const

/** The rows by what else is known of them. */
export function toolsetParts({ toolset }: ReportSummary): string[] {
  if (toolset === undefined) return []
  const rows = PROPERTIES.flatMap((property) =>
    toolset.by[property].map(({ value, requested, cached, missing, not_downloadable }, index) => [
      index === 0 ? property : '',
      line(value) || '-',
      ...[requested, cached, missing, not_downloadable].map(String),
    ]),
  )
  const counts = ['ROWS', 'CACHED', 'MISSING', 'NO DOWNLOAD']
  return table(
    [{ title: 'BY' }, { title: 'VALUE' }, ...counts.map((title): Column => ({ title, align: 'right' }))],
    rows,
  )
}

function numbers(counts: Omit<ReportToolset, 'by' | 'rows'>): string[] {
  const { requested, compared, in_report, resolvable, cached, missing, not_downloadable } = counts
  return [
    String(requested),
    compared === 0 ? '-' : String(in_report),
    ...[resolvable, cached, missing, not_downloadable].map(String),
    percentage(counts.percent),
    formatBytes(counts.stored_bytes),
  ]
}

function shortened(names: readonly string[]): string {
  const more = names.length - MOST
  return [...names.slice(0, MOST), ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

function gap({ code, reason, sections, rows }: ToolsetGap): string[] {
  const [first] = rows
  const named = sections.map((section) => line(section) || '-')
  const what = rows.length === 1 && first ? formatRequirement(first) : `${rows.length} rows`
  return [
    ...wrap(`${code === undefined ? '' : `${code}  `}${shortened(named)}: ${what}`, ''),
    ...(rows.length > 1 ? wrap(shortened(rows.map((row) => line(formatRequirement(row)))), '  ') : []),
    ...wrap(reason, '  '),
  ]
}

/** What could be downloaded and is not there, by cause. */
export function missingRows({ toolset }: ReportSummary): string[] {
  if (toolset === undefined) return []
  const gaps = groupGaps(toolset, 'missing')
  const left = gaps.slice(MOST).flatMap(({ rows }) => rows).length
  return [
    ...gaps.slice(0, MOST).flatMap((one, index) => [...(index === 0 ? [] : ['']), ...gap(one)]),
    ...(left > 0 ? ['', `and ${left} more rows; the JSON report has all`] : []),
  ]
}

/** How many rows there is nothing to download of, by cause. */
export function undownloadable({ toolset }: ReportSummary): string[] {
  if (toolset === undefined) return []
  const gaps = groupGaps(toolset, 'not-downloadable')
  const left = gaps.slice(MOST)
  const rows = gaps.slice(0, MOST).map(({ rows, sections, reason }) => {
    return [String(rows.length), sections.map((section) => line(section) || '-').join(', '), line(reason)]
  })
  const rest = left.flatMap((one) => one.rows).length
  if (rest > 0) rows.push([String(rest), '', 'for other reasons; the JSON report has all'])
  if (rows.length === 0) return []
  return table([{ title: 'ROWS', align: 'right' }, { title: 'SECTIONS' }, { title: 'REASON' }], rows)
}
