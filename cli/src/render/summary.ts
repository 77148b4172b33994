import { join } from 'node:path'
import {
  formatBytes,
  formatDuration,
  type ItemResult,
  type NodeResult,
  type RunResult,
  toolsetCoverage,
} from '@pkgcache/core'
import { count, oneLine } from './text.ts'

// of nodes or files: what is longer nobody reads
const MOST_LINES = 20

/** How a run ended and where its fruit lies, in at most a handful of lines. */
export function summaryLines(result: RunResult): string[] {
  const places: [string, string][] = [
    ['cache', result.store],
    ['index', join(result.store, 'index.yaml')],
    ...result.reports.map((report): [string, string] => [`report (${report.format})`, report.file]),
  ]
  const width = Math.max(...places.map(([label]) => label.length))
  return [
    ...(result.unchanged ? [nothingToDo(result), ...coverage(result)] : whatWasDone(result)),
    ...places.map(([label, path]) => `  ${label.padEnd(width)}  ${oneLine(path)}`),
  ]
}

function nothingToDo(result: RunResult): string {
  const nodes = result.nodes.length === 0 ? '' : ` on ${count(result.nodes.length, 'node')}`
  const packages = count(result.items.length, 'package')
  return `Nothing to do: ${result.items.length === 0 ? 'no packages asked for' : `${packages} up to date${nodes}`}.`
}

function whatWasDone(result: RunResult): string[] {
  const ms = Date.parse(result.finishedAt) - Date.parse(result.startedAt)
  const fetched = result.items.reduce(
    (sum, item) => sum + (item.state === 'published' ? item.fetchedBytes : 0),
    0,
  )
  const sent = result.deliveries.reduce((sum, one) => sum + ('sentBytes' in one ? one.sentBytes : 0), 0)
  const items = tally(result.items, { published: 'published', cached: 'up to date', ...UNDONE })
  const deliveries = tally(result.deliveries, {
    sent: 'sent',
    present: 'up to date',
    fallback: 'by fallback',
    skipped: 'skipped',
    ...UNDONE,
  })
  return [
    `${count(result.items.length, 'package')}${result.items.length === 0 ? '' : `: ${items}`}; ${formatBytes(fetched)} fetched in ${formatDuration(ms)}`,
    ...(result.deliveries.length === 0
      ? []
      : [`${count(result.nodes.length, 'node')}: ${deliveries}; ${formatBytes(sent)} transferred`]),
    ...coverage(result),
    ...relayed(result),
    ...removals(result),
    ...downNodes(result),
    ...skippedNodes(result),
  ]
}

/** How much of what toolsets ask for is there; no line where they ask for nothing. */
function coverage(result: RunResult): string[] {
  const toolset = toolsetCoverage(result)
  if (toolset === undefined) return []
  const { cached, missing, not_downloadable, percent } = toolset
  const apart = not_downloadable === 0 ? '' : `, ${not_downloadable} cannot be downloaded`
  const share = percent === null ? '' : ` (${percent} %)`
  return [
    `toolset: ${cached} of ${count(cached + missing, 'row')} cached${share}, ${missing} missing${apart}`,
  ]
}

/** How much of it did not come from this machine; no line where all did. */
function relayed({ deliveries }: RunResult): string[] {
  const senders = deliveries.flatMap((one) => ('via' in one && one.via !== undefined ? [one.via] : []))
  if (senders.length === 0) return []
  return [`  ${senders.length} of those sent by ${count(new Set(senders).size, 'node')}, not by this machine`]
}

function removals({ removals }: RunResult): string[] {
  if (removals.length === 0) return []
  const bytes = removals.reduce((sum, one) => sum + one.bytes, 0)
  const nodes = new Set(removals.map(({ node }) => node)).size
  return [`  ${count(removals.length, 'file')} removed from ${count(nodes, 'node')} (${formatBytes(bytes)})`]
}

/** What prune took, a line each, as long as that is to be read. */
export function removalLines({ removals }: RunResult): string[] {
  return bounded(
    removals.map(({ node, remotePath, bytes }) => {
      return `node ${oneLine(node)}: removed ${oneLine(remotePath)} (${formatBytes(bytes)})`
    }),
  )
}

function skippedNodes({ deliveries }: RunResult): string[] {
  const nodes = new Set(deliveries.flatMap((one) => (one.state === 'skipped' ? [one.node] : [])))
  if (nodes.size === 0) return []
  return [`  ${count(nodes.size, 'node')} skipped: more had failed than --max-failures allows`]
}

function bounded(lines: readonly string[]): string[] {
  const more = lines.length - MOST_LINES
  return more > 0 ? [...lines.slice(0, MOST_LINES), `  … and ${more} more; --json names all`] : [...lines]
}

const UNDONE = { failed: 'failed', stopped: 'stopped' }

/** `15 published, 2 up to date`: states that occur, in the order of `words`. */
function tally(
  results: readonly (ItemResult | NodeResult)[],
  words: Readonly<Record<string, string>>,
): string {
  const states = results.map((one) => (isStopped(one) ? 'stopped' : one.state))
  const parts = Object.entries(words).flatMap(([state, word]) => {
    const n = states.filter((one) => one === state).length
    return n === 0 ? [] : [`${n} ${word}`]
  })
  return parts.join(', ') || 'none'
}

/** Not at fault: the run was cancelled before its turn. */
function isStopped(result: ItemResult | NodeResult): boolean {
  return result.state === 'failed' && result.error.code === 'E_ABORTED'
}

function downNodes(result: RunResult): string[] {
  const failed = new Map<string, number>()
  for (const one of result.deliveries)
    if (one.state === 'failed' && !isStopped(one)) failed.set(one.node, (failed.get(one.node) ?? 0) + 1)
  return bounded(
    result.nodes.flatMap(({ name }) => {
      const number = failed.get(name)
      return number === undefined ? [] : [`  ${oneLine(name)}: ${count(number, 'package')} not delivered`]
    }),
  )
}
