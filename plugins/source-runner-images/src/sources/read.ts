import { PkgcacheError, printable, shorten } from '@pkgcache/core'
import type { Document } from '../documents.ts'
import { documentFault, Located } from '../located.ts'
import { urlFault } from '../match/url.ts'
import { type ReadRow, readRow } from './read-row.ts'
import type { SourceList, SourceRow } from './types.ts'

/** A row of a list as it stands there. */
export interface ListEntry {
  /** JSON path. */
  readonly path: string
  /** Whatever its URL is. */
  readonly row: SourceRow
  /** Fields that no schema knows; a person's own. */
  readonly extra: Readonly<Record<string, unknown>>
  /** What the list says in words where it should be known: `sha256`, `size`. */
  readonly unknown: readonly string[]
  /** Why nothing can be fetched by it: its URL or its digest is none. E_SOURCE_LIST */
  readonly fault?: PkgcacheError
}

/** A source list that was read. `sources` holds what can be fetched; rows that cannot are in `unresolved`. */
export interface ReadSourceList extends SourceList {
  /** Path or URL. */
  readonly file: string
  /** Every row as it stands in the file, in its order: those of `sources`, then those of `unresolved`. */
  readonly entries: readonly ListEntry[]
  /** Rows of `sources` that cannot be fetched, each with its JSON path: E_SOURCE_LIST. */
  readonly faults: readonly PkgcacheError[]
}

/**
 * Reads a source list of today or an older one (`sha256: "unknown"` and `size: 0` mean that it is not known). URLs that
 * are patterns or placeholders are told in `faults`, and their rows are not in `sources`.
 * @throws E_SOURCE_LIST for what is not of the schema `source-list.json`, with all its faults
 */
export function readSourceList({ place: file, value }: Document): ReadSourceList {
  const wrong: PkgcacheError[] = []
  const root = new Located(value, { file, code: 'E_SOURCE_LIST', tell: (fault) => void wrong.push(fault) })
  const read = { sources: readRows(root, 'sources'), unresolved: readRows(root, 'unresolved') }
  const metadata = readMetadata(root)
  if (wrong.length > 0) throw refused(wrong)
  const sources = read.sources.map((one) => checked(one, file))
  const unresolved = read.unresolved.map((one) => checked(one, file))
  const entries = [...sources, ...unresolved]
  return {
    file,
    metadata,
    sources: sources
      .filter(({ fault, row }) => fault === undefined && row.downloadUrl !== undefined)
      .map(({ row }) => row),
    unresolved: [
      ...sources.filter(({ fault, row }) => fault !== undefined || row.downloadUrl === undefined),
      ...unresolved,
    ].map(withoutUrl),
    entries,
    faults: entries.flatMap(({ fault }) => fault ?? []),
  }
}

/** The row of an entry that has no URL, or one that cannot be used: it goes, and the reason stays. */
export function withoutUrl({ row, fault }: ListEntry): SourceRow {
  if (fault === undefined) return row
  const { downloadUrl: _, urlEvidence: _evidence, sha256: _digest, ...rest } = row
  return { ...rest, reason: fault.message }
}

function checked(read: ReadRow, file: string): ListEntry {
  const { row, path, badDigest } = read
  const at = (field: string) => ({ file, path: `${path}.${field}` })
  const why = row.downloadUrl === undefined ? undefined : urlFault(row.downloadUrl)
  const entry = { path, row, extra: read.extra, unknown: read.unknown }
  if (why !== undefined) {
    const shown = JSON.stringify(shorten(printable(row.downloadUrl ?? ''), 200))
    const hint =
      'write the address of the one file that is meant; `pkgcache sources check` tells it where an index knows it'
    return { ...entry, fault: documentFault('E_SOURCE_LIST', at('downloadUrl'), `${shown} ${why}`, hint) }
  }
  if (badDigest === undefined) return entry
  const what = `${JSON.stringify(shorten(printable(badDigest.text), 80))} is no digest`
  const hint = `write its ${badDigest.digits} hex digits, or leave it out`
  return { ...entry, fault: documentFault('E_SOURCE_LIST', at(badDigest.field), what, hint) }
}

function readRows(root: Located, key: 'sources' | 'unresolved'): ReadRow[] {
  const rows = root.get(key)
  if (rows?.isList) return rows.list().map((row) => readRow(row, key === 'sources'))
  if (rows !== undefined) rows.fault('is no list', 'a list of rows stands there')
  else if (key === 'sources' && root.isObject) root.fault(...missingSources(root))
  return []
}

function missingSources(root: Located): [what: string, hint: string] {
  const rather = root.entries().find(([name, { isList }]) => isList && /sources?$/i.test(name))?.[0]
  const hint = 'a source list has `metadata` and `sources`, a list of rows (schemas/source-list.json)'
  if (rather === undefined) return ['has no `sources`', hint]
  return [`has no \`sources\`, but \`${rather}\``, `${hint}; \`pkgcache sources build\` writes one`]
}

const UNTOLD: SourceList['metadata'] = {
  generatedAt: '',
  upstreamReport: { url: '', version: '', fetchedAt: '' },
  toolsetFiles: [],
}

function readMetadata(root: Located): SourceList['metadata'] {
  if (!root.isObject) {
    root.fault('is no JSON object', 'a source list has `metadata` and `sources` (schemas/source-list.json)')
    return UNTOLD
  }
  const metadata = root.get('metadata')
  if (!metadata?.isObject) {
    root.fault('has no object `metadata`', 'it says when and of what the list was made')
    return UNTOLD
  }
  const report = member(metadata, 'upstreamReport')
  return {
    generatedAt: text(metadata, 'generatedAt'),
    upstreamReport: {
      url: report ? text(report, 'url') : '',
      version: report ? text(report, 'version') : '',
      fetchedAt: report ? text(report, 'fetchedAt') : '',
    },
    toolsetFiles: (member(metadata, 'toolsetFiles')?.list() ?? []).map((one) => ({
      path: text(one, 'path'),
      lastModified: text(one, 'lastModified'),
    })),
  }
}

function member(of: Located, key: string): Located | undefined {
  return of.get(key) ?? of.fault(`has no \`${key}\``, METADATA_HINT)
}

function text(of: Located, key: string): string {
  const value = of.get(key)
  if (typeof value?.value === 'string') return value.value
  if (value === undefined) of.fault(`has no \`${key}\``, METADATA_HINT)
  else value.fault('is no text', METADATA_HINT)
  return ''
}

const METADATA_HINT =
  '`metadata` has texts `generatedAt`, `upstreamReport.url`, `.version`, `.fetchedAt`, and a list `toolsetFiles` with `path` and `lastModified`'

/** One error for all that is wrong: the first in its message, the rest in `faults`. */
function refused([first, ...rest]: readonly PkgcacheError[]): PkgcacheError {
  if (first === undefined) return new PkgcacheError('E_SOURCE_LIST', 'is no source list')
  if (rest.length === 0) return first
  const { message, hint, item } = first
  return new PkgcacheError('E_SOURCE_LIST', `${message} (and ${rest.length} more)`, {
    hint,
    item,
    faults: rest.map((fault) => fault.message),
  })
}
