import { crc32 } from 'node:zlib'
import type { SourceRow } from './types.ts'

/** What a row is about. */
const SUBJECT_FIELDS = ['section', 'tool', 'requested', 'platform', 'arch'] as const

/** What stands for one file: an edit of one of these holds all of them, or they would tell of different files. */
const FILE_FIELDS = ['version', 'downloadUrl', 'urlEvidence', 'sha256', 'sha512', 'size'] as const

/** What can be edited by itself. */
export const SINGLE_FIELDS = ['name', 'normalise', 'status', 'reportName', 'reason'] as const

const TRACED = [...SUBJECT_FIELDS, ...FILE_FIELDS, ...SINGLE_FIELDS] as const

export type TracedField = (typeof TRACED)[number]

/** What a row is about, whatever file it comes to. Older lists have rows of `toolcache` only, with the spec as version. */
export function identityOf(row: SourceRow): string {
  const { section = 'toolcache', tool = row.name, platform, arch } = row
  const requested = row.requested ?? (row.status === 'report-only' ? '' : row.version)
  return [section, tool, requested, platform, arch].map(digest).join(' ')
}

/** The row with a trace of its fields: `section:… version:… downloadUrl:…`, the CRC-32 of each in hex. */
export function traced(row: SourceRow): SourceRow {
  const fields = TRACED.flatMap((field) =>
    row[field] === undefined ? [] : [`${field}:${digest(row[field])}`],
  )
  return { ...row, generated: fields.join(' ') }
}

/** What the builder wrote, as far as a trace tells. */
export interface Trace {
  /** What the row was about then. */
  readonly identity: string
  /** Fields that are no longer what the builder wrote. */
  readonly edited: readonly TracedField[]
}

/** @returns undefined for a row without a trace, or with one that is none */
export function traceOf(row: SourceRow): Trace | undefined {
  const parts = new Map((row.generated ?? '').split(' ').map(splitOnce))
  if (!parts.has('version')) return undefined
  const now = (field: TracedField) => (row[field] === undefined ? undefined : digest(row[field]))
  return {
    identity: SUBJECT_FIELDS.map((field) => parts.get(field) ?? digest('')).join(' '),
    edited: TRACED.filter((field) => now(field) !== parts.get(field)),
  }
}

function splitOnce(part: string): [string, string] {
  const at = part.indexOf(':')
  return [part.slice(0, Math.max(at, 0)), part.slice(at + 1)]
}

// 32 bits: an edit that one in four thousand million misses does no harm, and the line stays readable
function digest(value: unknown): string {
  return crc32(JSON.stringify(value)).toString(16).padStart(8, '0')
}
