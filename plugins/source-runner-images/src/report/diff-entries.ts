import { isImageVersion } from './read.ts'
import type { ReportEntry } from './types.ts'

/** An entry and what it is now. */
export interface EntryChange {
  readonly old: ReportEntry
  readonly new: ReportEntry
}

export interface EntryDiff {
  readonly added: readonly ReportEntry[]
  readonly removed: readonly ReportEntry[]
  readonly changed: readonly EntryChange[]
}

/**
 * Compares entries of the same class, section, name and architecture. Of several versions each is paired with one of
 * its own line: 3.9.13 with 3.9.14, not with 3.10.1.
 */
export function diffEntries(olds: readonly ReportEntry[], news: readonly ReportEntry[]): EntryDiff {
  const before = grouped(olds)
  const after = grouped(news)
  const added: ReportEntry[] = []
  const changed: EntryChange[] = []
  const paired = new Set<ReportEntry>()
  for (const [key, entries] of after) {
    const pairs = pair(before.get(key) ?? [], entries)
    for (const entry of entries) {
      const old = pairs.get(entry)
      if (old === undefined) added.push(entry)
      else {
        paired.add(old)
        if (!isSame(old, entry)) changed.push({ old, new: entry })
      }
    }
  }
  const removed = [...before.values()].flat().filter((entry) => !paired.has(entry))
  return { added, removed, changed }
}

function grouped(entries: readonly ReportEntry[]): Map<string, ReportEntry[]> {
  const compared = entries.filter((entry) => entry.class !== 'image-info' || !isImageVersion(entry.name))
  return groupBy(compared, (entry) => {
    const parts = [entry.class, ...entry.section, entry.name, entry.arch ?? '', entry.major ?? '']
    return JSON.stringify(parts).toLowerCase()
  })
}

function groupBy(entries: readonly ReportEntry[], keyOf: (entry: ReportEntry) => string) {
  const groups = new Map<string, ReportEntry[]>()
  for (const entry of entries) {
    const group = groups.get(keyOf(entry))
    if (group === undefined) groups.set(keyOf(entry), [entry])
    else group.push(entry)
  }
  return groups
}

function isSame(a: ReportEntry, b: ReportEntry): boolean {
  return a.raw === b.raw && a.digest === b.digest
}

/** From the closest likeness to the widest. */
const LIKENESS: readonly ((entry: ReportEntry) => string)[] = [
  ({ raw, digest }) => `${raw} ${digest}`,
  ({ raw }) => raw,
  (entry) => components(entry, 2),
  (entry) => components(entry, 1),
]

function components({ version, raw }: ReportEntry, count: number): string {
  return (version ?? raw).split('.', count).join('.')
}

function pair(olds: readonly ReportEntry[], news: readonly ReportEntry[]): Map<ReportEntry, ReportEntry> {
  const [old, entry] = [olds[0], news[0]]
  if (old !== undefined && entry !== undefined && olds.length === 1 && news.length === 1)
    return new Map([[entry, old]])
  const pairs = new Map<ReportEntry, ReportEntry>()
  let left = olds
  for (const likeness of LIKENESS) {
    const waiting = groupBy(left, likeness)
    for (const entry of news) {
      const old = pairs.has(entry) ? undefined : waiting.get(likeness(entry))?.shift()
      if (old !== undefined) pairs.set(entry, old)
    }
    left = [...waiting.values()].flat()
  }
  return pairs
}
