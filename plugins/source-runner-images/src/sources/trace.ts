import { createHash } from 'node:crypto'
import type { SourceRow } from './types.ts'

/** What stands for one file: an edit of one of these holds all of them, or they would tell of different files. */
export const FILE_FIELDS = ['version', 'downloadUrl', 'urlEvidence', 'sha256', 'sha512', 'size'] as const

/** What can be edited by itself. */
export const SINGLE_FIELDS = ['name', 'normalise', 'status', 'reportName', 'reason'] as const

export type TracedField = (typeof FILE_FIELDS)[number] | (typeof SINGLE_FIELDS)[number]

const TRACED: readonly TracedField[] = [...FILE_FIELDS, ...SINGLE_FIELDS]

/** What a row is about, whatever file it comes to. Older lists have rows of `toolcache` only, with the spec as version. */
export function identityOf(row: SourceRow): string {
  const { section = 'toolcache', tool = row.name, platform, arch } = row
  const requested = row.requested ?? (row.status === 'report-only' ? '' : row.version)
  return digest([section, tool, requested, platform, arch])
}

/** The row with a trace of its fields: `id:… version:… downloadUrl:…`, 8 hex digits of the SHA-256 of each. */
export function traced(row: SourceRow): SourceRow {
  const fields = TRACED.flatMap((field) =>
    row[field] === undefined ? [] : [`${field}:${digest(row[field])}`],
  )
  return { ...row, generated: [`id:${identityOf(row)}`, ...fields].join(' ') }
}

/** What the builder wrote, as far as a trace tells. */
export interface Trace {
  readonly identity: string
  /** Fields that are no longer what the builder wrote. */
  readonly edited: readonly TracedField[]
}

/** @returns undefined for a row without a trace, or with one that is none */
export function traceOf(row: SourceRow): Trace | undefined {
  const parts = new Map((row.generated ?? '').split(' ').map((part) => splitOnce(part)))
  const identity = parts.get('id')
  if (identity === undefined) return undefined
  const now = (field: TracedField) => (row[field] === undefined ? undefined : digest(row[field]))
  return { identity, edited: TRACED.filter((field) => now(field) !== parts.get(field)) }
}

function splitOnce(part: string): [string, string] {
  const at = part.indexOf(':')
  return [part.slice(0, Math.max(at, 0)), part.slice(at + 1)]
}

// 32 bits: an edit that one in four thousand million misses does no harm, and the line stays readable
function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8)
}
