import {
  formatBytes,
  formatDuration,
  groupFailures,
  type ReportFailure,
  type ReportFailureGroup,
  type ReportSummary,
  reportHeadline,
} from '@pkgcache/core'
import { type Html, html } from './html.ts'
import { figure, percentage, time } from './parts.ts'

function cacheFigure({ coverage, totals }: ReportSummary): Html {
  const { requested, available, percent } = coverage
  if (percent === null) return figure('In the cache', String(totals.stored), 'packages, none asked for')
  const note = `${percent} %: ${totals.published} new, ${totals.cached} cached before`
  return figure('In the cache', `${available} / ${requested}`, note, available === requested ? 'ok' : 'bad')
}

function toolsetFigure({ toolset }: ReportSummary): Html | undefined {
  if (toolset === undefined) return undefined
  const { cached, missing, not_downloadable, percent } = toolset
  const apart = not_downloadable === 0 ? '' : `, ${not_downloadable} not downloadable`
  const note = `${cached} of ${cached + missing} rows cached, ${missing} missing${apart}`
  return figure('Toolset coverage', percentage(percent), note, missing === 0 ? 'ok' : 'bad')
}

function nodesFigure({ totals, nodes }: ReportSummary): Html | undefined {
  if (nodes.length === 0) return undefined
  const { deliveries, delivered, fallback, skipped, sent_bytes } = totals
  const apart = [
    fallback === 0 ? '' : `, ${fallback} by fallback`,
    skipped === 0 ? '' : `, ${skipped} skipped`,
  ].join('')
  const note = `deliveries to ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}, ${formatBytes(sent_bytes)} sent${apart}`
  const tone = delivered === deliveries ? 'ok' : delivered + fallback === deliveries ? 'warn' : 'bad'
  return figure('On the nodes', `${delivered} / ${deliveries}`, note, tone)
}

function figures(summary: ReportSummary): Html {
  const { totals, failures } = summary
  const ratio = totals.compression_ratio
  return html`<dl class="figures">
${cacheFigure(summary)}
${toolsetFigure(summary)}
${nodesFigure(summary)}
${figure('Failures', String(failures.length), failures.length === 0 ? 'none' : 'listed below, with what to do', failures.length === 0 ? 'ok' : 'bad')}
${figure('Downloaded', formatBytes(totals.downloaded_bytes), summary.unchanged ? 'nothing was left to do' : 'in this run')}
${figure('Stored', formatBytes(totals.stored_bytes), `${totals.stored} ${totals.stored === 1 ? 'package' : 'packages'}, ${formatBytes(totals.unpacked_bytes)} unpacked${ratio === null ? '' : `, ${ratio.toFixed(2)} : 1`}`)}
</dl>`
}

/** The answer at the top: one sentence and the big numbers. */
export function banner(summary: ReportSummary): Html {
  const good = summary.exit_code === 0 && summary.failures.length === 0
  return html`<header class="banner ${good ? 'ok' : 'bad'}">
<p class="product">pkgcache report</p>
<h1><span class="mark" aria-hidden="true">${good ? '✓' : '✗'}</span> ${reportHeadline(summary)}</h1>
<p class="meta">Finished ${time(summary.finished_at)} UTC, took ${formatDuration(summary.duration_ms)}, exit code ${summary.exit_code}. Store: <code><bdi>${summary.store}</bdi></code></p>
${figures(summary)}
</header>`
}

/** More than one name, which the heading only counts. */
function names(list: readonly string[]): Html {
  if (list.length < 2) return html``
  return html`<p>${list.map((name, index) => html`${index === 0 ? '' : ', '}<bdi>${name}</bdi>`)}</p>`
}

function failureCard(failure: ReportFailureGroup, tone: 'bad' | 'warn'): Html {
  const { code, items, nodes, message, hint, faults = [], stage, plugin } = failure
  const place = [stage, plugin].filter((part) => part !== undefined).join(', ')
  const what = items.length > 1 ? html`${items.length} packages` : html`<bdi>${items[0] ?? 'the run'}</bdi>`
  const where =
    nodes.length > 1
      ? html` on ${nodes.length} nodes`
      : html`${nodes.map((node) => html` on <bdi>${node}</bdi>`)}`
  return html`<li class="failure ${tone}">
<h3><code class="code">${code}</code> ${what}${where}</h3>
${[items, nodes].map(names)}
<p><bdi>${message}</bdi></p>
${faults.length === 0 ? undefined : html`<ul>${faults.map((fault) => html`<li><bdi>${fault}</bdi></li>`)}</ul>`}
${hint === undefined ? undefined : html`<p class="hint"><strong>What to do:</strong> <bdi>${hint}</bdi></p>`}
${place === '' ? undefined : html`<p class="place">${place}</p>`}
</li>
`
}

/** What failed and what to do about it; nothing when all went well. */
export function failureSection({ failures }: ReportSummary): Html | undefined {
  if (failures.length === 0) return undefined
  return html`<section id="failures" aria-labelledby="failures-title">
<h2 id="failures-title">Failures <span class="count">${failures.length}</span></h2>
<ol class="failures">${cards(failures, 'bad')}</ol>
</section>`
}

/** What a fallback took the place of, and why; nothing when there was no need for one. */
export function fallbackSection({ fallbacks }: ReportSummary): Html | undefined {
  if (fallbacks.length === 0) return undefined
  return html`<section id="fallbacks" aria-labelledby="fallbacks-title">
<h2 id="fallbacks-title">Fallbacks <span class="count">${fallbacks.length}</span></h2>
<p class="dim">These packages were not delivered; their own fallback commands ran on the nodes, and succeeded.</p>
<ol class="failures">${cards(fallbacks, 'warn')}</ol>
</section>`
}

function cards(failures: readonly ReportFailure[], tone: 'bad' | 'warn'): Html[] {
  return groupFailures(failures).map((group) => failureCard(group, tone))
}
