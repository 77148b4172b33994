import { grouped } from './grouped.ts'
import type { ReportRequirement, ReportToolset } from './toolset.types.ts'

/** Rows of toolsets that are missing for one cause, or cannot be downloaded for one. */
export interface ToolsetGap {
  /** Error code, where their packages failed. */
  readonly code?: string
  readonly reason: string
  /** Sections of the rows, each once. */
  readonly sections: readonly string[]
  readonly rows: readonly ReportRequirement[]
}

/**
 * An index that cannot be had leaves many rows without a package, and a package manager brings hundreds of components:
 * such rows come together. The missing ones in the order of their first rows, the others with the most rows first.
 */
export function groupGaps(
  { rows }: Pick<ReportToolset, 'rows'>,
  state: 'missing' | 'not-downloadable',
): readonly ToolsetGap[] {
  const why = ({ reason, evidence, status }: ReportRequirement) => reason ?? evidence ?? status
  const groups = grouped(
    rows.filter((row) => row.state === state),
    (row) => JSON.stringify([row.code, why(row)]),
  )
  const gaps = [...groups.values()].flatMap((group): ToolsetGap[] => {
    const [first] = group
    if (first === undefined) return []
    const sections = [...new Set(group.map(({ section }) => section))]
    return [{ ...(first.code && { code: first.code }), reason: why(first), sections, rows: group }]
  })
  return state === 'missing' ? gaps : gaps.toSorted((a, b) => b.rows.length - a.rows.length)
}

/** A row as one line names it: `Python 3.12.* win32/x64`. */
export function formatRequirement({
  tool,
  requested,
  platform,
  arch,
}: Pick<ReportRequirement, 'tool' | 'requested' | 'platform' | 'arch'>): string {
  const place = [platform, arch].filter((part) => part !== '').join('/')
  return [tool, requested, place].filter((part) => part !== '').join(' ')
}
