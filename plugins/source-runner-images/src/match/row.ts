import type { RowStatus, SourceRow } from '../sources/types.ts'
import type { Found, Listed } from './find.ts'
import { packageName } from './names.ts'
import type { Looking } from './rows.ts'
import type { Supplied } from './supply.ts'

/** A row of the result: what was found in the report, and the file that was found for it. */
export function rowOf(looking: Looking, found: Found, supplied: Supplied): SourceRow {
  const { wanted, toolset } = looking
  const { download } = supplied
  const listed = found.kind === 'one' ? found.listed : undefined
  const status = statusOf(looking, found, supplied)
  const name = reportName(found)
  const reason = reasonOf(looking, found, supplied)
  const url = download?.url ?? supplied.floatingUrl
  return {
    section: wanted.section,
    name: wanted.name ?? packageName(wanted.tool),
    tool: wanted.tool,
    requested: wanted.requested,
    status,
    ...(name !== undefined && { reportName: name }),
    version: download?.version ?? listed?.version ?? 'unknown',
    platform: wanted.platform,
    arch: wanted.arch,
    ...(url !== undefined && { downloadUrl: url }),
    ...(supplied.evidence !== undefined && { urlEvidence: supplied.evidence }),
    ...(download?.sha256 !== undefined && { sha256: download.sha256.toLowerCase() }),
    ...(download?.sha512 !== undefined && { sha512: download.sha512.toLowerCase() }),
    ...(download?.size !== undefined && { size: download.size }),
    ...(reason !== undefined && { reason }),
    matchedFrom: { upstream: found.kind === 'one', toolset: toolset.file, path: wanted.path },
  }
}

function statusOf({ wanted }: Looking, found: Found, { download, reason }: Supplied): RowStatus {
  if (wanted.supply.kind === 'nothing') return 'not-downloadable'
  // the file is of another version than the image has: what is built from it is another image
  if (found.kind === 'one' && download && reason !== undefined) return 'version-mismatch'
  return STATUS[found.kind]
}

const STATUS: Readonly<Record<Found['kind'], RowStatus>> = {
  none: 'not-in-report',
  mismatch: 'version-mismatch',
  one: 'matched',
  several: 'matched',
  ambiguous: 'ambiguous',
}

function reportName(found: Found): string | undefined {
  if (found.kind === 'one') return found.listed.entry.name
  return 'entries' in found ? found.entries[0]?.entry.name : undefined
}

/** What is not as it should be, in one sentence; what stands in the report first. */
function reasonOf(looking: Looking, found: Found, supplied: Supplied): string | undefined {
  const { wanted } = looking
  const told = supplied.reason
  if (supplied.download && found.kind === 'one' && told !== undefined)
    return `the image has ${found.listed.version}; ${told}, ${supplied.download.version} is what fits ${wanted.requested}`
  const said = reportReason(found, looking)
  const digest = found.kind === 'one' ? found.listed.entry.digest : undefined
  const parts = [said, told, digest && `the image has it by digest ${digest}`].filter(Boolean)
  return parts.length === 0 ? undefined : parts.join('; ')
}

function reportReason(found: Found, { wanted, index, other }: Looking): string | undefined {
  const shown = (entries: readonly Listed[]) =>
    entries
      .slice(0, 5)
      .map(({ entry }) => `${entry.name} ${entry.raw}`.trim())
      .join(', ') + (entries.length > 5 ? ` and ${entries.length - 5} more` : '')
  if (found.kind === 'mismatch') return `the image has ${shown(found.entries)}, not ${wanted.requested}`
  if (found.kind === 'ambiguous') return `${shown(found.entries)} could be meant`
  if (found.kind !== 'none' || wanted.supply.kind === 'nothing') return undefined
  if (other !== undefined) return other
  if (index === undefined) return 'no report was given'
  return wanted.listing === undefined ? 'reports do not list it' : 'the report does not list it'
}
