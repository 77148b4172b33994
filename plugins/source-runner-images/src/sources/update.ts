import { isDeepStrictEqual } from 'node:util'
import type { PkgcacheError } from '@pkgcache/core'
import type { BuiltSourceList } from './build.ts'
import { type Decision, decide, decideAlone, fileName, type KeptRow, type Means } from './decide.ts'
import { pairRows } from './pair.ts'
import type { ListEntry, ReadSourceList } from './read.ts'
import { traceOf } from './trace.ts'
import type { SourceList, SourceRow } from './types.ts'

/** What an update did to a list. */
export interface SourceListUpdate {
  readonly list: SourceList
  readonly added: readonly SourceRow[]
  readonly removed: readonly SourceRow[]
  readonly changed: readonly { readonly before: SourceRow; readonly after: SourceRow }[]
  readonly kept: readonly KeptRow[]
  /** Rows that are as they were, kept ones among them. */
  readonly same: number
  /** True: but for the times in `metadata`, the list is what it was. */
  readonly unchanged: boolean
  /** Edits that could not be kept: URLs and digests that are none. E_SOURCE_LIST */
  readonly faults: readonly PkgcacheError[]
}

/**
 * Brings a list up to date with a new build, and keeps what a person did to it. Rows that `sources build` writes carry
 * a trace of each field (`generated`): a field that is no longer what the trace says was edited, and a row without a
 * trace was added. In an older list, where no row has a trace, whatever the older builder would not have written counts
 * as edited: a URL of another form, a digest, a size.
 */
export function updateSourceList(before: ReadSourceList, built: BuiltSourceList): SourceListUpdate {
  const fresh = [...built.list.sources, ...built.list.unresolved]
  const pairs = pairRows(
    before.entries.map(({ row }) => row),
    fresh,
  )
  const entryOf = new Map<SourceRow, ListEntry>()
  for (const entry of before.entries) {
    const row = pairs.get(entry.row)
    if (row) entryOf.set(row, entry)
  }
  const means: Means = {
    olderList: before.entries.every(({ row }) => traceOf(row) === undefined),
    unread: new Set(built.unread.map(fileName)),
    indexLost: built.faults.some(({ code }) => !OF_INPUTS.includes(code)),
  }
  const decisions = [
    ...fresh.map((row): Decision => {
      const entry = entryOf.get(row)
      return entry ? decide(entry, row, means) : { row }
    }),
    ...before.entries.filter(({ row }) => !pairs.has(row)).map((entry) => decideAlone(entry, means)),
  ]
  return outcome(before, built, decisions)
}

/** Codes of faults of reports, toolsets and lists; every other one is of an index. */
const OF_INPUTS: readonly string[] = ['E_SOFTWARE_REPORT', 'E_TOOLSET', 'E_SOURCE_LIST']

function outcome(
  before: ReadSourceList,
  { list: { metadata } }: BuiltSourceList,
  decisions: readonly Decision[],
): SourceListUpdate {
  const rows = decisions.flatMap(({ row }) => row ?? [])
  const stayed = decisions.flatMap((one) =>
    one.before && one.row ? [{ before: one.before, after: one.row }] : [],
  )
  const changed = stayed.filter((pair) => differs(pair.before, pair.after))
  const list = {
    metadata,
    sources: rows.filter(({ downloadUrl }) => downloadUrl !== undefined),
    unresolved: rows.filter(({ downloadUrl }) => downloadUrl === undefined),
  }
  return {
    list,
    added: decisions.flatMap(({ before: old, row }) => (old === undefined && row ? [row] : [])),
    removed: decisions.flatMap(({ before: old, row }) => (row === undefined && old ? [old] : [])),
    changed,
    kept: decisions.flatMap(({ row, kept }) => (row && kept ? [{ row, ...kept }] : [])),
    same: stayed.length - changed.length,
    unchanged: isDeepStrictEqual(timeless(list), timeless(asRead(before))),
    faults: decisions.flatMap(({ fault }) => fault ?? []),
  }
}

/** Whether anything of a row changed but where it was asked for. */
function differs(a: SourceRow, b: SourceRow): boolean {
  const { generated: _a, matchedFrom: _fromA, ...left } = a
  const { generated: _b, matchedFrom: _fromB, ...right } = b
  return !isDeepStrictEqual(left, right)
}

function asRead({ metadata, entries }: ReadSourceList): SourceList {
  const rows = entries.map(({ row, extra }) => ({ ...row, ...extra }))
  return {
    metadata,
    sources: rows.filter(({ downloadUrl }) => downloadUrl !== undefined),
    unresolved: rows.filter(({ downloadUrl }) => downloadUrl === undefined),
  }
}

/** A list without the times at which things were read and made. */
function timeless({ metadata: { upstreamReport, toolsetFiles }, sources, unresolved }: SourceList): unknown {
  const { url, version } = upstreamReport
  return { url, version, toolsets: toolsetFiles.map(({ path }) => path), sources, unresolved }
}
