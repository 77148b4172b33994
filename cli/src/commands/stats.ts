import { formatBytes, formatKey, type Stats } from '@pkgcache/core'
import { statsDocument } from '../render/json.ts'
import { count, oneLine, table } from '../render/text.ts'
import { openStore, using } from '../session.ts'
import type { Handler } from './types.ts'

const MOST_RECENT = 5

export const stats: Handler = (invocation) =>
  using(openStore(invocation), async (cache) => {
    const figures = await cache.stats()
    if (invocation.output.json) invocation.output.document(statsDocument(figures))
    else for (const line of statsLines(figures)) invocation.output.result(line)
    return 0
  })

export function statsLines(stats: Stats): string[] {
  const counts = (by: Readonly<Record<string, number | undefined>>) =>
    Object.entries(by)
      .map(([name, n]) => `${n} ${oneLine(name)}`)
      .join(', ')
  const rows: [string, string][] = [
    ['cache', oneLine(stats.store)],
    ['packages', String(stats.packages)],
    ['downloaded', formatBytes(stats.sourceBytes)],
    ['stored', formatBytes(stats.storedBytes)],
    ['unpacked', formatBytes(stats.unpackedBytes)],
    ['stored ÷ unpacked', stats.ratio.toFixed(2)],
    ['trust', counts(stats.byTrust)],
    ['platforms', counts(stats.byPlatform)],
    ['oldest', stats.oldest ?? ''],
    ['newest', stats.newest ?? ''],
  ]
  const width = Math.max(...rows.map(([label]) => label.length))
  const shown = rows
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `${label.padEnd(width)}  ${value}`)
  return [...shown, ...lastUsedLines(stats)]
}

function lastUsedLines({ lastAccess }: Stats): string[] {
  if (lastAccess.length === 0) return []
  const latest = [...lastAccess].sort((a, b) => b.at.localeCompare(a.at)).slice(0, MOST_RECENT)
  const more = lastAccess.length - latest.length
  return [
    '',
    ...table(
      ['LAST USED', 'PACKAGE'],
      latest.map(({ key, at }) => [at, formatKey(key)]),
    ),
    ...(more > 0 ? [`and ${count(more, 'other package')}`] : []),
  ]
}
