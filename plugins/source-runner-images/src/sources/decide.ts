import type { PkgcacheError } from '@pkgcache/core'
import { isOlderBuilders } from './older.ts'
import { type ListEntry, withoutUrl } from './read.ts'
import { SINGLE_FIELDS, type TracedField, traceOf } from './trace.ts'
import type { SourceRow } from './types.ts'

/** Why a row of the list that was there stayed, or some of its fields. */
export type KeptBecause =
  /** A person added it. */
  | 'added-by-hand'
  /** A person changed some of its fields. */
  | 'edited-by-hand'
  /** Its toolset cannot be read just now. */
  | 'toolset-unread'
  /** A version index cannot be had just now, and the build has no URL for it. */
  | 'index-unread'

/** A row that stayed, all of it or some fields. */
export interface KeptRow {
  /** As it is in the list now. */
  readonly row: SourceRow
  readonly because: KeptBecause
  /** The fields that a person changed, where the trace tells. */
  readonly fields: readonly string[]
  /** What the build has in its place, where that is another version or URL. */
  readonly offered?: SourceRow
}

/** What becomes of one row in an update. */
export interface Decision {
  /** As it was; absent: the build brings it. */
  readonly before?: SourceRow
  /** As it is to be; absent: it goes. */
  readonly row?: SourceRow
  readonly kept?: Omit<KeptRow, 'row'>
  /** An edit that could not be kept. */
  readonly fault?: PkgcacheError
}

/** What decisions go by. */
export interface Means {
  /** No row of the list has a trace. */
  readonly olderList: boolean
  /** File names of toolsets that could not be read. */
  readonly unread: ReadonlySet<string>
  /** An index could not be had. */
  readonly indexLost: boolean
}

/** How a person had a hand in a row; undefined: not at all. */
function handIn({ row }: ListEntry, { olderList }: Means): KeptBecause | undefined {
  const trace = traceOf(row)
  if (trace !== undefined) return trace.edited.length > 0 ? 'edited-by-hand' : undefined
  if (!olderList) return 'added-by-hand'
  return isOlderBuilders(row) ? undefined : 'edited-by-hand'
}

/** A row that the build has, too. */
export function decide(entry: ListEntry, fresh: SourceRow, means: Means): Decision {
  const { row, extra, fault } = entry
  const before = asWritten(entry)
  const hand = handIn(entry, means)
  const edited = traceOf(row)?.edited ?? []
  // a URL that is none can be fetched by nobody, whoever wrote it
  if (fault !== undefined) return { before, row: { ...fresh, ...extra }, ...(hand && { fault }) }
  if (hand !== undefined && edited.every((field) => isSingle(field)) && edited.length > 0)
    return keepFields(entry, fresh, edited)
  if (hand !== undefined) return keep(entry, hand, edited, fresh)
  const lost = means.indexLost && row.downloadUrl !== undefined && fresh.downloadUrl === undefined
  if (lost) return keep(entry, 'index-unread', [], undefined)
  return { before, row: { ...fresh, ...extra } }
}

/** A row that the build does not have. */
export function decideAlone(entry: ListEntry, means: Means): Decision {
  const { row, fault } = entry
  const hand = handIn(entry, means)
  const edited = traceOf(row)?.edited ?? []
  if (hand !== undefined) return { ...keep(entry, hand, edited, undefined), ...(fault && { fault }) }
  if (means.unread.has(fileName(row.matchedFrom.toolset))) return keep(entry, 'toolset-unread', [], undefined)
  return { before: asWritten(entry) }
}

/** The row with what else stands in it. */
function asWritten({ row, extra }: ListEntry): SourceRow {
  return { ...row, ...extra }
}

function isSingle(field: TracedField): boolean {
  return (SINGLE_FIELDS as readonly string[]).includes(field)
}

function keep(
  entry: ListEntry,
  because: KeptBecause,
  fields: readonly string[],
  fresh: SourceRow | undefined,
): Decision {
  const row = { ...withoutUrl(entry), ...entry.extra, ...(fresh && { matchedFrom: fresh.matchedFrom }) }
  const other = fresh && (fresh.version !== row.version || fresh.downloadUrl !== row.downloadUrl)
  return { before: asWritten(entry), row, kept: { because, fields, ...(other && { offered: fresh }) } }
}

/** What the build has, with the fields that a person set, or took away. */
function keepFields(entry: ListEntry, fresh: SourceRow, fields: readonly TracedField[]): Decision {
  const { row, extra } = entry
  const taken = Object.entries(fresh).filter(([key]) => !(fields as readonly string[]).includes(key))
  const set = fields.flatMap((field) => (row[field] === undefined ? [] : [[field, row[field]]]))
  // only fields that need not be there can be taken away: the reader refuses a row without the others
  const merged = {
    ...Object.fromEntries(taken),
    ...Object.fromEntries(set),
    ...extra,
  } as unknown as SourceRow
  return { before: asWritten(entry), row: merged, kept: { because: 'edited-by-hand', fields } }
}

/** Last part of a path of any system, or of a URL. */
export function fileName(place: string): string {
  return place.split(/[\\/]/).at(-1) ?? place
}
