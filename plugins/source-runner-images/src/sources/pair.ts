import { identityOf, traceOf } from './trace.ts'
import type { SourceRow } from './types.ts'

/** Two rows that could be of the same thing: the first of these that holds pairs them. */
const LIKENESS: readonly ((a: SourceRow, b: SourceRow) => boolean)[] = [
  (a, b) => sameToolset(a, b) && a.version === b.version && a.downloadUrl === b.downloadUrl,
  (a, b) => sameToolset(a, b) && a.version === b.version,
  sameToolset,
  // the toolset was moved, or is read from another place
  (a, b) => a.version === b.version,
  () => true,
]

function sameToolset(a: SourceRow, b: SourceRow): boolean {
  return a.matchedFrom.toolset === b.matchedFrom.toolset
}

/**
 * Finds each row's counterpart in another list: of the same section, tool, request, platform and arch. Where several
 * rows are of the same (an SDK of each feature band), those of the same toolset and version go together first.
 */
export function pairRows(
  rows: readonly SourceRow[],
  others: readonly SourceRow[],
): Map<SourceRow, SourceRow> {
  const pairs = new Map<SourceRow, SourceRow>()
  const groups = groupBy(others, identityOf)
  for (const [identity, group] of groupBy(rows, (row) => traceOf(row)?.identity ?? identityOf(row))) {
    const free = new Set(groups.get(identity) ?? [])
    for (const alike of LIKENESS) {
      for (const row of group) {
        const other = pairs.has(row) ? undefined : [...free].find((candidate) => alike(row, candidate))
        if (other === undefined) continue
        pairs.set(row, other)
        free.delete(other)
      }
    }
  }
  return pairs
}

function groupBy(rows: readonly SourceRow[], key: (row: SourceRow) => string): Map<string, SourceRow[]> {
  const groups = new Map<string, SourceRow[]>()
  for (const row of rows) {
    const name = key(row)
    const group = groups.get(name)
    if (group) group.push(row)
    else groups.set(name, [row])
  }
  return groups
}
