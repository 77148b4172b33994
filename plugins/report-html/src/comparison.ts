import {
  type ComparedCoverage,
  type ComparedPackage,
  type ComparedReport,
  type CoverageChange,
  formatBytes,
  formatRequirement,
  type PackageChange,
  type ReportComparison,
  type SectionChange,
} from '@pkgcache/core'
import { renderDocument } from './document.ts'
import { type Html, html } from './html.ts'
import { badge, caption, coverageBar, figure, filterBox, percentage, scrolling } from './parts.ts'

function signed(value: number, text: (size: number) => string = String): string {
  if (value === 0) return 'no change'
  return `${value < 0 ? '−' : '+'}${text(Math.abs(value))}`
}

function headline({ newly_missing, newly_cached, added, removed, changed }: ReportComparison): string {
  const packages = [
    [added.length, 'added'],
    [removed.length, 'removed'],
    [changed.length, 'changed'],
  ] as const
  const parts = packages.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  const told = parts.length === 0 ? 'No package changed' : `Packages: ${parts.join(', ')}`
  const rows = [
    ...(newly_missing.length === 0 ? [] : [`${newly_missing.length} newly missing`]),
    ...(newly_cached.length === 0 ? [] : [`${newly_cached.length} newly cached`]),
  ]
  return `${[told, ...(rows.length === 0 ? [] : [rows.join(', ')])].join('; ')}.`
}

function made({ generated_at, store }: ComparedReport): Html {
  return html`<time datetime="${generated_at}">${generated_at.slice(0, 19).replace('T', ' ')}</time> (<code><bdi>${store}</bdi></code>)`
}

function banner(comparison: ReportComparison): Html {
  const { old, new: now, coverage_change, newly_missing, added, removed, changed, unchanged } = comparison
  const good = newly_missing.length === 0
  const rows = comparison.coverage_of === 'toolset' ? 'toolset rows' : 'packages asked for'
  const { cached, missing } = now.coverage
  const trend =
    coverage_change === null || coverage_change === 0
      ? `as before, ${cached} of ${cached + missing} ${rows}`
      : `${signed(coverage_change)} points: was ${percentage(old.coverage.percent)}`
  const worse = (coverage_change ?? 0) < 0
  return html`<header class="banner ${good ? 'ok' : 'bad'}">
<p class="product">pkgcache comparison</p>
<h1><span class="mark" aria-hidden="true">${good ? '✓' : '✗'}</span> ${headline(comparison)}</h1>
<p class="meta">From ${made(old)} to ${made(now)}.</p>
<dl class="figures">
${figure('Coverage', percentage(now.coverage.percent), trend, worse ? 'bad' : 'ok')}
${figure('Cached', `${cached} / ${cached + missing}`, `${rows}; was ${old.coverage.cached} / ${old.coverage.cached + old.coverage.missing}`, missing === 0 ? 'ok' : 'bad')}
${figure('Packages changed', String(added.length + removed.length + changed.length), `${added.length} added, ${removed.length} removed, ${changed.length} changed; ${unchanged} the same`)}
${figure('Stored', formatBytes(now.stored_bytes), stored(comparison))}
</dl>
</header>`
}

function stored({ old, new: now, stored_bytes_change }: ReportComparison): string {
  const packages = `${now.packages} ${now.packages === 1 ? 'package' : 'packages'}`
  if (stored_bytes_change === 0) return `as before, ${packages}`
  return `${signed(stored_bytes_change, formatBytes)}: was ${formatBytes(old.stored_bytes)}; ${packages}`
}

function coverageCard(change: CoverageChange): Html {
  const { code, reason, section, before } = change
  const was =
    before === 'absent' ? 'it was not asked for before' : `it was ${before.replace('-', ' ')} before`
  return html`<li class="failure">
<h3>${code === undefined ? undefined : html`<code class="code">${code}</code> `}${section ? html`<bdi>${section}</bdi>: ` : undefined}<bdi>${formatRequirement(change)}</bdi></h3>
${reason === undefined ? undefined : html`<p><bdi>${reason}</bdi></p>`}
<p class="place">${was}</p>
</li>
`
}

function newlyMissing({ newly_missing }: ReportComparison): Html | undefined {
  if (newly_missing.length === 0) return undefined
  return html`<section id="newly-missing" aria-labelledby="newly-missing-title">
<h2 id="newly-missing-title">Newly missing <span class="count">${newly_missing.length}</span></h2>
<ol class="failures">${newly_missing.map(coverageCard)}</ol>
</section>`
}

function newlyCached({ newly_cached }: ReportComparison): Html | undefined {
  if (newly_cached.length === 0) return undefined
  const rows = newly_cached.map((change) => {
    const why = [change.code, change.reason].filter((part) => part !== undefined).join(': ')
    const before = change.before === 'absent' ? 'not asked for' : change.before.replace('-', ' ')
    return html`<tr><td class="text"><bdi>${change.section || '–'}</bdi></td><th scope="row"><bdi>${formatRequirement(change)}</bdi></th><td class="text"><bdi>${change.version ?? '–'}</bdi></td><td>${before}${why === '' ? undefined : html` <span class="why"><bdi>${why}</bdi></span>`}</td></tr>
`
  })
  return html`<section id="newly-cached" aria-labelledby="newly-cached-title">
<h2 id="newly-cached-title">Newly cached <span class="count">${newly_cached.length}</span></h2>
${scrolling(
  'Newly cached',
  html`<table>
${caption('What is cached now and was not before.')}
<thead><tr><th scope="col">Section</th><th scope="col">What is asked for</th><th scope="col">Version</th><th scope="col">Before</th></tr></thead>
<tbody>${rows}</tbody></table>`,
)}
</section>`
}

function arrow(before: string, after: string): Html {
  if (before === after) return html`${after}`
  return html`<span class="dim">${before} →</span> ${after}`
}

function arrowCell(before: string, after: string): Html {
  const tone = before === after && after === '0' ? ' dim' : ''
  return html`<td class="number${tone}">${arrow(before, after)}</td>`
}

function sectionRow({ value, old, new: now, added, removed, changed }: SectionChange): Html {
  const cell = (text: (side: ComparedCoverage) => string) =>
    arrowCell(old === null ? '–' : text(old), now === null ? '–' : text(now))
  return html`<tr><th scope="row"><bdi>${value || 'not stated'}</bdi></th><td class="bars narrow">${coverageBar(now ?? { cached: 0, missing: 0 })}</td>${cell(({ percent }) => percentage(percent))}${cell(({ requested }) => String(requested))}${cell(({ cached }) => String(cached))}${cell(({ missing }) => String(missing))}${[added, removed, changed].map((count) => html`<td class="number${count === 0 ? ' dim' : ''}">${count}</td>`)}</tr>
`
}

function sectionTable({ sections }: ReportComparison): Html | undefined {
  if (sections.length === 0) return undefined
  const numbers = ['Coverage', 'Rows', 'Cached', 'Missing', 'Added', 'Removed', 'Changed']
  return html`<section id="sections" aria-labelledby="sections-title">
<h2 id="sections-title">Sections <span class="count">${sections.length}</span></h2>
${scrolling(
  'Sections',
  html`<table class="coverage">
${caption('The toolset by section: rows before and now, and the packages of the section that changed.')}
<thead><tr><th scope="col">Section</th><td class="bars narrow"></td>${numbers.map((title) => html`<th scope="col" class="number">${title}</th>`)}</tr></thead>
<tbody>${sections.map(sectionRow)}</tbody></table>`,
)}
</section>`
}

function size(side: ComparedPackage | undefined): string {
  return side?.size === undefined ? '–' : formatBytes(side.size)
}

function changeRow(word: 'added' | 'removed' | 'changed'): (change: PackageChange) => Html {
  return ({ name, platform, arch, section, old, new: now, differs }) => {
    const side = now ?? old
    const before = old ?? side
    const version = arrow(before?.version ?? '', side?.version ?? '')
    const state = side && badge(side.state)
    const was =
      old !== undefined && old.state !== side?.state
        ? html`<span class="dim">${old.state} →</span> `
        : undefined
    const other = differs.includes('sha256') && !differs.includes('version')
    const bytes = now === undefined ? old?.size : now.size
    return html`<tbody><tr>
<td>${badge(word)}</td><th scope="row"><bdi>${name}</bdi></th><td class="text"><span>${version}</span></td><td class="text"><bdi>${platform}/${arch}</bdi></td><td class="text"><bdi>${section ?? '–'}</bdi></td><td>${was}${state}${side?.reason === undefined ? undefined : html` <span class="why"><bdi>${side.reason}</bdi></span>`}</td><td class="number" data-value="${bytes ?? -1}">${arrow(size(before), size(side))}${other ? html`<br><span class="dim">other bytes</span>` : undefined}</td>
</tr></tbody>
`
  }
}

function changes({ added, removed, changed }: ReportComparison): Html | undefined {
  const count = added.length + removed.length + changed.length
  if (count === 0) return undefined
  const columns = ['Change', 'Package', 'Version', 'Platform', 'Section', 'State']
  return html`<section id="changes" aria-labelledby="changes-title">
<h2 id="changes-title">Packages <span class="count">${count}</span></h2>
${filterBox('Filter', 'name, change, section …')}
${scrolling(
  'Packages',
  html`<table class="sortable rows">
${caption('Packages that were added, removed, or are not what they were: version, size, digest or state.')}
<thead><tr>${columns.map((title) => html`<th scope="col">${title}</th>`)}<th scope="col" class="number">Stored</th></tr></thead>
${changed.map(changeRow('changed'))}${added.map(changeRow('added'))}${removed.map(changeRow('removed'))}</table>`,
)}
</section>`
}

/** Two reports, compared, as a page. */
export function renderComparisonPage(comparison: ReportComparison): string {
  return renderDocument(`pkgcache comparison: ${headline(comparison)}`, banner(comparison), [
    { id: 'newly-missing', title: 'Newly missing', body: newlyMissing(comparison) },
    { id: 'newly-cached', title: 'Newly cached', body: newlyCached(comparison) },
    { id: 'sections', title: 'Sections', body: sectionTable(comparison) },
    { id: 'changes', title: 'Packages', body: changes(comparison) },
  ])
}
