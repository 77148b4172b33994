import type { ReportFailure } from './types.ts'

/** Failures of one cause. */
export interface ReportFailureGroup extends Omit<ReportFailure, 'item' | 'node'> {
  /** What it concerns; empty where the error names nothing. */
  readonly items: readonly string[]
  /** The nodes that all of it happened on; empty where it concerns none. */
  readonly nodes: readonly string[]
}

/**
 * A node that is down fails all its deliveries with the same words, and a package that is not to be had fails on all
 * nodes: such failures come together, at the place of the first.
 */
export function groupFailures(failures: readonly ReportFailure[]): ReportFailureGroup[] {
  const single = failures.map(({ item, node, ...cause }): ReportFailureGroup => {
    return { ...cause, items: item === undefined ? [] : [item], nodes: node === undefined ? [] : [node] }
  })
  return merged(merged(single, 'items'), 'nodes')
}

/** Deliveries that differ in one list only, as one with both lists. */
function merged(groups: readonly ReportFailureGroup[], list: 'items' | 'nodes'): ReportFailureGroup[] {
  const found = new Map<string, ReportFailureGroup>()
  for (const [index, group] of groups.entries()) {
    const id = group.scope === 'delivery' ? JSON.stringify({ ...group, [list]: [] }) : String(index)
    const known = found.get(id)
    found.set(id, known === undefined ? group : { ...known, [list]: [...known[list], ...group[list]] })
  }
  return [...found.values()]
}
