import {
  formatBytes,
  formatRequirement,
  groupGaps,
  type ReportRequirement,
  type ReportSummary,
  type ReportToolset,
  type ToolsetCounts,
  type ToolsetGap,
  type ToolsetShare,
} from '@pkgcache/core'
import { type Html, html } from './html.ts'
import { badge, caption, coverageBar, filterBox, percentage, scrolling } from './parts.ts'

/** So many names are read at a glance; more are folded away. */
const GLANCE = 5

function number(value: number | string, tone = ''): Html {
  return html`<td class="number${value === 0 ? ' dim' : tone}">${value}</td>`
}

function countCells(counts: ToolsetCounts): Html {
  const { requested, compared, in_report, resolvable, cached, missing, not_downloadable, percent } = counts
  return html`<td class="bars narrow">${coverageBar(counts)}</td>${number(percentage(percent))}${number(requested)}${number(compared === 0 ? '–' : in_report)}${number(resolvable)}${number(cached)}${number(missing, ' text-bad')}${number(not_downloadable)}${number(formatBytes(counts.stored_bytes))}`
}

const COUNTS = [
  'Coverage',
  'Rows',
  'In report',
  'Resolvable',
  'Cached',
  'Missing',
  'No download',
  'Stored',
] as const

function named(value: string): Html {
  return value === '' ? html`<span class="dim">not stated</span>` : html`<bdi>${value}</bdi>`
}

function sectionTable(toolset: ReportToolset): Html {
  const rows = toolset.by.section.map(
    (share) => html`<tr><th scope="row">${named(share.value)}</th>${countCells(share)}</tr>
`,
  )
  return scrolling(
    'Coverage by section',
    html`<table class="coverage">
${caption('By section of the toolset. The coverage is the share of the rows that can be downloaded; “in report” says that the image to be reproduced holds the tool, “resolvable” that a package was found for it.')}
<thead><tr><th scope="col">Section</th><td class="bars narrow"></td>${COUNTS.map((title) => html`<th scope="col" class="number">${title}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">All</th>${countCells(toolset)}</tr></tfoot></table>`,
  )
}

function rowNames(rows: readonly ReportRequirement[]): Html | undefined {
  if (rows.length === 1) return undefined
  const names = html`<p>${rows.map((row, index) => html`${index === 0 ? '' : ', '}<bdi>${formatRequirement(row)}</bdi>`)}</p>`
  if (rows.length <= GLANCE) return names
  return html`<details><summary>Which ${rows.length} rows</summary>${names}</details>`
}

function gapCard({ code, reason, sections, rows }: ToolsetGap): Html {
  const [first] = rows
  const what = rows.length === 1 && first ? formatRequirement(first) : `${rows.length} rows`
  const where = sections.filter((section) => section !== '').join(', ')
  return html`<li class="failure">
<h4>${code === undefined ? undefined : html`<code class="code">${code}</code> `}${where === '' ? undefined : html`<bdi>${where}</bdi>: `}<bdi>${what}</bdi></h4>
${rowNames(rows)}
<p><bdi>${reason}</bdi></p>
</li>
`
}

function missing(toolset: ReportToolset): Html | undefined {
  if (toolset.missing === 0) return undefined
  const gaps = groupGaps(toolset, 'missing')
  const cards = gaps.slice(0, MOST_CARDS).map(gapCard)
  const left = gaps.slice(MOST_CARDS).flatMap(({ rows }) => rows).length
  return html`<h3>Missing <span class="count">${toolset.missing}</span></h3>
<ol class="failures">${cards}</ol>
${left === 0 ? undefined : html`<p class="dim">And ${left} more rows: see the table of all rows.</p>`}`
}

/** More cards than this hide what comes below them. */
const MOST_CARDS = 25

function undownloadable(toolset: ReportToolset): Html | undefined {
  if (toolset.not_downloadable === 0) return undefined
  const gaps = groupGaps(toolset, 'not-downloadable')
  const shown = gaps.length > MOST_CARDS ? gaps.slice(0, MOST_CARDS) : gaps
  const rows = shown.map(
    ({ rows, sections, reason }) =>
      html`<tr><th scope="row"><bdi>${reason}</bdi></th><td>${sections.map((section, index) => html`${index === 0 ? '' : ', '}${named(section)}`)}</td>${number(rows.length)}</tr>
`,
  )
  const left = gaps.slice(shown.length).flatMap((gap) => gap.rows).length
  const rest =
    left === 0 ? undefined : html`<tr><th scope="row">for other reasons</th><td></td>${number(left)}</tr>`
  return html`<h3>Cannot be downloaded <span class="count">${toolset.not_downloadable}</span></h3>
${scrolling(
  'Rows that cannot be downloaded',
  html`<table class="reasons">
${caption('There is no file of these to be had; they do not count for the coverage.')}
<thead><tr><th scope="col">Reason</th><th scope="col">Sections</th><th scope="col" class="number">Rows</th></tr></thead>
<tbody>${rows}${rest}</tbody></table>`,
)}`
}

const PARTS = { status: 'Status', evidence: 'Evidence', platform: 'Platform', arch: 'Arch' } as const

function partTable(property: keyof typeof PARTS, shares: readonly ToolsetShare[]): Html {
  const title = PARTS[property]
  const rows = shares.map(
    ({ value, requested, cached, missing: gone }) =>
      html`<tr><th scope="row">${named(value)}</th>${number(requested)}${number(cached)}${number(gone, ' text-bad')}</tr>
`,
  )
  return html`<div class="card">${scrolling(
    `Rows by ${property}`,
    html`<table class="plain">${caption(title)}
<thead><tr><th scope="col">${title}</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Cached</th><th scope="col" class="number">Missing</th></tr></thead>
<tbody>${rows}</tbody></table>`,
  )}</div>
`
}

const ROW_COLUMNS = ['Section', 'Tool', 'Requested', 'Version', 'Platform', 'Status', 'Evidence', 'Package']

const WORDS: Readonly<Record<ReportRequirement['state'], string>> = {
  cached: 'cached',
  missing: 'missing',
  'not-downloadable': 'no download',
}

function row(item: ReportRequirement): Html {
  const { section, tool, requested, version, platform, arch, status, evidence, state, code, reason } = item
  const text = (value: string | undefined) => html`<td class="text"><bdi>${value || '–'}</bdi></td>`
  const why = [code, reason].filter((part) => part !== undefined).join(': ')
  const image = item.report_name !== undefined && item.report_name !== tool
  const place = [platform, arch].filter((part) => part !== '').join('/')
  return html`<tbody><tr>
${text(section)}<th scope="row"><bdi>${tool}</bdi>${image ? html` <span class="dim">in the report: <bdi>${item.report_name}</bdi></span>` : undefined}</th>${text(requested)}${text(version)}${text(place)}${text(status)}${text(evidence)}<td>${badge(state, WORDS[state])}${why === '' ? undefined : html` <span class="why"><bdi>${why}</bdi></span>`}</td>
</tr></tbody>
`
}

function allRows({ rows }: ReportToolset): Html {
  return html`<details class="fold"><summary>${rows.length === 1 ? 'The one row' : `All ${rows.length} rows`}</summary>
${filterBox('Filter rows', 'tool, section, status …')}
${scrolling(
  'Rows of the toolset',
  html`<table class="sortable rows">
${caption('What the toolset asks for, row by row, and the package that stands for it.')}
<thead><tr>${ROW_COLUMNS.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
${rows.map(row)}</table>`,
)}
</details>`
}

/** What toolsets ask for, against what of it is there; nothing when they ask for nothing. */
export function toolsetSection({ toolset }: ReportSummary): Html | undefined {
  if (toolset === undefined) return undefined
  const { cached, missing: gone, percent, packages, stored_bytes, rows, by } = toolset
  const files = [...new Set(rows.map(({ from }) => from))]
  const properties = Object.keys(PARTS) as (keyof typeof PARTS)[]
  return html`<section id="toolset" aria-labelledby="toolset-title">
<h2 id="toolset-title">Toolset coverage <span class="count">${percentage(percent)}</span></h2>
<p class="meta">${cached} of ${cached + gone} rows that can be downloaded are cached: ${packages} ${packages === 1 ? 'package' : 'packages'}, ${formatBytes(stored_bytes)}. Asked for by ${files.map((file, index) => html`${index === 0 ? '' : ', '}<code><bdi>${file}</bdi></code>`)}.</p>
${sectionTable(toolset)}
${missing(toolset)}
${undownloadable(toolset)}
<div class="cards wide">${properties.map((property) => partTable(property, by[property]))}</div>
${allRows(toolset)}
</section>`
}
