import { TRUST_LEVELS } from '../model/trust.ts'
import { grouped } from './grouped.ts'
import type { ReportPackage, ReportShare, ReportStored, ReportSummary } from './types.ts'

type Held = ReportPackage & { readonly stored: ReportStored }

function shares(rows: readonly Held[], property: (row: Held) => string): ReportShare[] {
  return [...grouped(rows, property)].map(([value, group]) => ({
    value,
    packages: group.length,
    source_bytes: group.reduce((sum, { stored }) => sum + stored.source_size, 0),
    stored_bytes: group.reduce((sum, { stored }) => sum + stored.size, 0),
    unpacked_bytes: group.reduce((sum, { stored }) => sum + stored.unpacked_size, 0),
  }))
}

function largestFirst(a: ReportShare, b: ReportShare): number {
  return b.packages - a.packages || (a.value < b.value ? -1 : 1)
}

/**
 * What the store holds by platform, arch, trust and format, the values of each of which add up to the whole store, and by
 * section of a toolset.
 */
export function composition(packages: readonly ReportPackage[]): ReportSummary['composition'] {
  const held = packages.filter((row): row is Held => row.stored !== undefined)
  const levels: readonly string[] = TRUST_LEVELS
  return {
    platform: shares(held, (row) => row.platform).sort(largestFirst),
    arch: shares(held, (row) => row.arch).sort(largestFirst),
    trust: shares(held, (row) => row.stored.trust).sort(
      (a, b) => levels.indexOf(a.value) - levels.indexOf(b.value),
    ),
    format: shares(held, (row) => row.stored.format).sort(largestFirst),
    section: shares(
      held.filter((row) => row.section !== undefined),
      (row) => row.section ?? '',
    ).sort(largestFirst),
  }
}
