import { printable, shorten } from '@pkgcache/core'
import type { Located } from '../located.ts'
import type { UrlEvidence } from '../resolvers/resolver.ts'
import { ROW_STATUSES, type SourceRow } from './types.ts'

/** A row as it was read. */
export interface ReadRow {
  readonly path: string
  readonly row: SourceRow
  readonly extra: Readonly<Record<string, unknown>>
  /** Fields that say that they are not known. */
  readonly unknown: readonly string[]
  /** A digest that is none. */
  readonly badDigest?: { readonly field: string; readonly text: string; readonly digits: number }
}

const EVIDENCE = {
  manifest: 1,
  index: 1,
  toolset: 1,
  template: 1,
  'package-manager': 1,
  floating: 1,
} satisfies Record<UrlEvidence, 1>

/** What a value of a field comes to; undefined where it is not of the field's kind. */
interface Kind {
  readonly is: string
  readonly hint?: string
  holds(value: unknown): boolean
}

const oneOf = (words: readonly string[]): Kind => ({
  is: 'none of its words',
  hint: `one of ${words.join(', ')}`,
  holds: (value) => typeof value === 'string' && words.includes(value),
})
const TEXT: Kind = { is: 'no text', holds: (value) => typeof value === 'string' }
const DIGEST: Kind = { ...TEXT, hint: 'hex digits, or "unknown", or leave it out' }
const SIZE: Kind = {
  is: 'no number of bytes',
  hint: 'a whole number, 0 where it is not known, or leave it out',
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
}
const FLAG: Kind = { is: 'neither true nor false', holds: (value) => typeof value === 'boolean' }
const OBJECT: Kind = {
  is: 'no object',
  hint: '{ "upstream": true or false, "toolset": "<path>" }',
  holds: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}

/** Every field of a row; the type holds it to SourceRow. */
const FIELDS: Readonly<Record<keyof SourceRow, Kind>> = {
  section: TEXT,
  name: TEXT,
  tool: TEXT,
  requested: TEXT,
  status: oneOf(ROW_STATUSES),
  reportName: TEXT,
  version: TEXT,
  platform: TEXT,
  arch: TEXT,
  downloadUrl: TEXT,
  urlEvidence: oneOf(Object.keys(EVIDENCE)),
  sha256: DIGEST,
  sha512: DIGEST,
  size: SIZE,
  normalise: FLAG,
  reason: TEXT,
  matchedFrom: OBJECT,
  generated: TEXT,
}

const REQUIRED = ['name', 'version', 'platform', 'arch', 'matchedFrom'] as const

/** Reads one row; what is not of the schema is told with its path, and how it should be. */
export function readRow(at: Located, withUrl: boolean): ReadRow {
  const members = at.entries()
  const known = members.filter(([key]) => Object.hasOwn(FIELDS, key))
  const extra = members.filter(([key]) => !Object.hasOwn(FIELDS, key))
  for (const [key, member] of known) {
    const kind = FIELDS[key as keyof SourceRow]
    if (!kind.holds(member.value)) member.fault(`${shown(member.value)} is ${kind.is}`, kind.hint)
  }
  const values = (list: typeof members) => Object.fromEntries(list.map(([key, { value }]) => [key, value]))
  const row = values(known)
  for (const key of withUrl ? [...REQUIRED, 'downloadUrl'] : REQUIRED)
    if (at.isObject && !Object.hasOwn(row, key)) at.fault(`has no \`${key}\``, 'every row has one')
  const from = at.get('matchedFrom')
  if (from?.isObject) row.matchedFrom = readMatchedFrom(from)
  // what is not of the schema was told: the list is refused, and nobody sees the row
  return { path: at.path, extra: values(extra), ...withoutUnknown(row as unknown as SourceRow) }
}

function readMatchedFrom(from: Located): unknown {
  const wrong = (key: string, kind: Kind) => !kind.holds(from.get(key)?.value)
  if (wrong('upstream', FLAG)) from.fault('has no `upstream` that is true or false', OBJECT.hint)
  if (wrong('toolset', TEXT)) from.fault('has no text `toolset`', OBJECT.hint)
  // the older builder wrote null where its report had nothing
  const optional = ['path', 'upstreamVersion']
  const absent = optional.filter((key) => wrong(key, TEXT))
  return Object.fromEntries(
    from.entries().flatMap(([key, { value }]) => (absent.includes(key) ? [] : [[key, value]])),
  )
}

/** Leaves out what says of itself that it is not known, and digests that are none. */
function withoutUnknown(row: SourceRow): Omit<ReadRow, 'path' | 'extra'> {
  const { sha256, sha512, size, ...rest } = row
  const given = Object.entries({ sha256, sha512 }).flatMap(([field, text]) =>
    typeof text === 'string' ? [{ field, text, digits: field === 'sha256' ? 64 : 128 }] : [],
  )
  const told = given.filter(({ text }) => /^(unknown)?$/i.test(text.trim())).map(({ field }) => field)
  const meant = given.filter(({ field }) => !told.includes(field))
  const badDigest = meant.find(({ text, digits }) => !isHex(text, digits))
  const digests = meant.filter(({ text, digits }) => isHex(text, digits))
  return {
    row: {
      ...rest,
      ...Object.fromEntries(digests.map(({ field, text }) => [field, text.toLowerCase()])),
      ...(typeof size === 'number' && size > 0 && { size }),
    },
    unknown: size === 0 ? [...told, 'size'] : told,
    ...(badDigest && { badDigest }),
  }
}

function isHex(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-f]+$/i.test(text)
}

function shown(value: unknown): string {
  return shorten(printable(JSON.stringify(value) ?? 'undefined'), 60)
}
