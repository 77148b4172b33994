import type { SourceRow } from '@pkgcache/source-runner-images/sources'
import { oneLine } from './text.ts'

/** How often each value occurs, in the order in which they come first. */
export function countBy<Row, T extends string>(
  rows: readonly Row[],
  of: (row: Row) => T | undefined,
): [T, number][] {
  const counts = new Map<T, number>()
  for (const row of rows) {
    const value = of(row)
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts]
}

/** `toolcache Python 3.12.* win32/x64`. */
export function rowName({ section, tool, name, requested, version, platform, arch }: SourceRow): string {
  const parts = [section, tool ?? name, requested ?? version, `${platform}/${arch}`]
  return parts.filter((part) => part !== undefined && part !== '').join(' ')
}

/** Rows that have no URL for one reason. */
export interface Reason {
  readonly reason: string
  readonly rows: readonly SourceRow[]
}

/** Why rows have no URL, the most frequent reason first. */
export function reasonsOf(unresolved: readonly SourceRow[]): Reason[] {
  const groups = new Map<string, SourceRow[]>()
  for (const row of unresolved) {
    const reason = row.reason ?? 'nothing is said'
    const group = groups.get(reason)
    if (group) group.push(row)
    else groups.set(reason, [row])
  }
  const reasons = [...groups].map(([reason, rows]) => ({ reason, rows }))
  return reasons.sort((a, b) => b.rows.length - a.rows.length)
}

/** Some of many, with how many more there are. */
export function some(names: readonly string[], max: number): string {
  const shown = names.slice(0, max).map(oneLine).join(', ')
  return names.length > max ? `${shown} and ${names.length - max} more` : shown
}
