import {
  formatBytes,
  formatDuration,
  formatKey,
  formatRequirement,
  groupGaps,
  type ItemResult,
  type RunResult,
  type ToolsetGap,
  toolsetCoverage,
} from '@pkgcache/core'
import { count, oneLine } from './text.ts'

// GitHub cuts a step's summary at 1 MiB; a table this long stays far below.
const MAX_ROWS = 500
// Reasons and names of rows of a toolset: components come by the hundred.
const MAX_GAPS = 50
const MAX_NAMES = 5

/** Escapes as GitHub's own toolkit does (actions/toolkit, packages/core/src/command.ts). */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** A workflow command that puts a mark on the run: `::error title=…::message`. */
export function annotation(level: 'error' | 'warning', title: string, lines: readonly string[]): string {
  return `::${level} title=${escapeProperty(title)}::${escapeData(lines.join('\n'))}`
}

/** Text from outside for a Markdown table cell: nothing in it can be markup, HTML, a mention or a new cell. */
export function markdown(text: string): string {
  return oneLine(text).replace(/[&<>|`*_[\]~@#\\!]/g, (c) => `&#${c.charCodeAt(0)};`)
}

/** What one run did, as GitHub-flavoured Markdown for `GITHUB_STEP_SUMMARY`. */
export function stepSummary(result: RunResult): string {
  const ms = Date.parse(result.finishedAt) - Date.parse(result.startedAt)
  const failed = result.items.filter((item) => item.state === 'failed').length
  return [
    '## pkgcache',
    '',
    `${count(result.items.length, 'package')}, ${failed} failed, ${count(result.nodes.length, 'node')}, ${formatDuration(ms)}`,
    '',
    ...toolsetRows(result),
    ...rows(['Package', 'State', 'Size', 'Trust'], result.items.map(itemCells)),
    ...(result.deliveries.length === 0 ? [] : nodeRows(result)),
    ...notes(result),
    '',
  ].join('\n')
}

function rows(head: readonly string[], cells: readonly (readonly string[])[]): string[] {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`
  const more = cells.length - MAX_ROWS
  return [
    line(head),
    line(head.map(() => '---')),
    ...cells.slice(0, MAX_ROWS).map(line),
    ...(more > 0 ? ['', `… and ${more} more`] : []),
    '',
  ]
}

/** How much of what toolsets ask for is there, by section, and what of it is missing and why. */
function toolsetRows(result: RunResult): string[] {
  const toolset = toolsetCoverage(result)
  if (toolset === undefined) return []
  const { cached, missing, not_downloadable, by } = toolset
  const share = (percent: number | null) => (percent === null ? '–' : `${percent} %`)
  const apart = not_downloadable === 0 ? '' : `, ${not_downloadable} cannot be downloaded`
  const cells = by.section.map((part) => [
    markdown(part.value),
    ...[part.requested, part.resolvable, part.cached, part.missing, part.not_downloadable].map(String),
    share(part.percent),
    formatBytes(part.stored_bytes),
  ])
  const heads = ['Section', 'Rows', 'Resolvable', 'Cached', 'Missing', 'No download', 'Coverage', 'Stored']
  const gaps = [...groupGaps(toolset, 'missing'), ...groupGaps(toolset, 'not-downloadable')].map(gapCells)
  return [
    `### Toolset coverage: ${share(toolset.percent)}`,
    '',
    `${cached} of ${count(cached + missing, 'row')} that can be downloaded are cached, ${missing} missing${apart}`,
    '',
    ...rows(heads, cells),
    ...(gaps.length === 0 ? [] : rows(['Section', 'Rows', 'Not cached', 'Why'], gaps.slice(0, MAX_GAPS))),
    ...(gaps.length > MAX_GAPS ? [`… and ${gaps.length - MAX_GAPS} more reasons`, ''] : []),
  ]
}

function gapCells({ code, reason, sections, rows }: ToolsetGap): string[] {
  const names = rows.slice(0, MAX_NAMES).map((row) => markdown(formatRequirement(row)))
  const more = rows.length - names.length
  return [
    sections.map(markdown).join(', '),
    String(rows.length),
    `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    `${code === undefined ? '' : `**${code}** `}${markdown(reason)}`,
  ]
}

function itemCells(item: ItemResult): string[] {
  const name = markdown(formatKey(item.key))
  if (item.state === 'failed') return [name, `**${item.error.code}** ${markdown(item.error.message)}`, '', '']
  const state = item.state === 'cached' ? 'up to date' : 'published'
  return [name, state, formatBytes(item.record.size), item.record.trust]
}

/** Columns for what happens seldom are left out where it did not happen. */
function nodeRows({ nodes, deliveries }: RunResult): string[] {
  const seldom = (['fallback', 'skipped'] as const).filter((state) =>
    deliveries.some((delivery) => delivery.state === state),
  )
  const states = ['sent', 'present', ...seldom, 'failed'] as const
  const byNode = new Map(nodes.map(({ name }) => [name, new Map<string, number>()]))
  for (const delivery of deliveries) {
    const own = byNode.get(delivery.node)
    own?.set(delivery.state, (own.get(delivery.state) ?? 0) + 1)
    own?.set('bytes', (own.get('bytes') ?? 0) + ('sentBytes' in delivery ? delivery.sentBytes : 0))
  }
  const head = ['Node', ...states.map((state) => HEADS[state]), 'Bytes']
  const cells = [...byNode].map(([name, own]) => [
    markdown(name),
    ...states.map((state) => String(own.get(state) ?? 0)),
    formatBytes(own.get('bytes') ?? 0),
  ])
  return rows(head, cells)
}

const HEADS = {
  sent: 'Sent',
  present: 'Up to date',
  fallback: 'Fallback',
  skipped: 'Skipped',
  failed: 'Failed',
} as const

/** Why fallbacks ran, and what prune removed: rows of their own, since they are neither failures nor deliveries. */
function notes({ deliveries, removals }: RunResult): string[] {
  const fallbacks = deliveries.flatMap((one) => (one.state === 'fallback' ? [one] : []))
  const replaced = fallbacks.map(({ node, key, error }) => [
    markdown(node),
    markdown(formatKey(key)),
    `${error.code} ${markdown(error.message)}`,
  ])
  const removed = removals.map(({ node, remotePath, bytes }) => [
    markdown(node),
    markdown(remotePath),
    formatBytes(bytes),
  ])
  return [
    ...(replaced.length === 0 ? [] : rows(['Node', 'Fallback ran for', 'Why'], replaced)),
    ...(removed.length === 0 ? [] : rows(['Node', 'Removed', 'Size'], removed)),
  ]
}
