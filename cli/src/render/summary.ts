import { join } from 'node:path'
import { formatBytes, formatDuration, type ItemResult, type NodeResult, type RunResult } from '@pkgcache/core'
import { count, oneLine } from './text.ts'

/** How a run ended and where its fruit lies, in at most a handful of lines. */
export function summaryLines(result: RunResult): string[] {
  const places: [string, string][] = [
    ['cache', result.store],
    ['index', join(result.store, 'index.yaml')],
    ...result.reports.map((report): [string, string] => [`report (${report.format})`, report.file]),
  ]
  const width = Math.max(...places.map(([label]) => label.length))
  return [
    ...(result.unchanged ? [nothingToDo(result)] : whatWasDone(result)),
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
  const deliveries = tally(result.deliveries, { sent: 'sent', present: 'up to date', ...UNDONE })
  return [
    `${count(result.items.length, 'package')}: ${items}; ${formatBytes(fetched)} fetched in ${formatDuration(ms)}`,
    ...(result.deliveries.length === 0
      ? []
      : [`${count(result.nodes.length, 'node')}: ${deliveries}; ${formatBytes(sent)} transferred`]),
    ...downNodes(result),
  ]
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
  return result.nodes.flatMap((node) => {
    const failed = result.deliveries.filter(
      (one) => one.node === node.name && one.state === 'failed' && !isStopped(one),
    )
    return failed.length === 0
      ? []
      : [`  ${oneLine(node.name)}: ${count(failed.length, 'package')} not delivered`]
  })
}
