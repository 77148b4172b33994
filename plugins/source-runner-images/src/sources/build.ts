import { PkgcacheError, printable, shorten } from '@pkgcache/core'
import type { Documents } from '../documents.ts'
import { readAll } from '../given.ts'
import { documentFault } from '../located.ts'
import { matchRows } from '../match/rows.ts'
import { urlFault } from '../match/url.ts'
import type { ResolverOptions } from '../resolvers/resolver.ts'
import { traced } from './trace.ts'
import type { SourceList, SourceRow } from './types.ts'

/** What a source list is built of. */
export interface BuildInput extends ResolverOptions {
  /** Software report of the image: path or URL. */
  readonly report: string
  /** Toolset files: paths or URLs. */
  readonly toolsets: readonly string[]
  readonly documents: Documents
  /** Default: now. */
  readonly generatedAt?: Date
}

/** A source list, and what went wrong on the way. */
export interface BuiltSourceList {
  readonly list: SourceList
  /** Each with file and JSON path: E_SOFTWARE_REPORT, E_TOOLSET, E_VERSION_INDEX, E_SOURCE_LIST, what fetching throws. */
  readonly faults: readonly PkgcacheError[]
  /** Toolsets that could not be read: nothing of them is in the list. */
  readonly unread: readonly string[]
}

/**
 * Builds a source list. A broken toolset leaves the others.
 * @throws what reading the report throws, where it cannot be read; what reading toolsets throws, where none can be:
 *   E_SOFTWARE_REPORT, E_TOOLSET, and what fetching throws
 */
export async function buildSourceList(input: BuildInput): Promise<BuiltSourceList> {
  const { documents, prereleases, generatedAt = new Date() } = input
  const { reports, toolsets, faults } = await readAll([input.report], input.toolsets, documents)
  const [report] = reports
  if (report === undefined) throw noneOf(faults.slice(0, 1))
  const unread = [...new Set(input.toolsets)].filter((place) => !toolsets.some(({ file }) => file === place))
  if (toolsets.length === 0) throw noneOf(faults.slice(0, unread.length))
  const matched = await matchRows({
    report,
    toolsets,
    documents,
    ...(prereleases !== undefined && { prereleases }),
  })
  const { sources, unresolved, ...split } = splitRows(matched.rows)
  const files = await Promise.all(toolsets.map(({ file }) => documents.json(file, 'E_TOOLSET')))
  const metadata = {
    generatedAt: generatedAt.toISOString(),
    upstreamReport: {
      url: input.report,
      version: report.image.version ?? 'unknown',
      fetchedAt: (await documents.json(input.report, 'E_SOFTWARE_REPORT')).fetchedAt,
    },
    toolsetFiles: files.map(({ place, fetchedAt }) => ({ path: place, lastModified: fetchedAt })),
  }
  return {
    list: { metadata, sources: sources.map(traced), unresolved: unresolved.map(traced) },
    faults: [...faults, ...matched.faults, ...split.faults],
    unread,
  }
}

/** Nothing can be said of what is asked for: a list of that would undo the one that is there. */
function noneOf([first, ...rest]: readonly PkgcacheError[]): PkgcacheError {
  const error = first ?? new PkgcacheError('E_TOOLSET', 'there is no toolset')
  if (rest.length === 0) return error
  const { code, message, hint, item, cause } = error
  const faults = rest.map((fault) => `${fault.item ?? ''}: ${fault.message}`)
  return new PkgcacheError(code, `${message} (and ${rest.length} more)`, { hint, item, cause, faults })
}

/** Rows with a URL, the others, and URLs that are none; both in the order of the rows. */
function splitRows(rows: readonly SourceRow[]) {
  const sources: SourceRow[] = []
  const unresolved: SourceRow[] = []
  const faults: PkgcacheError[] = []
  for (const row of rows) {
    const { downloadUrl: url, urlEvidence: _, sha256: _sha256, sha512: _sha512, size: _size, ...rest } = row
    const wrong = url === undefined ? undefined : urlFault(url)
    if (url === undefined) unresolved.push(row)
    else if (wrong === undefined) sources.push(row)
    else {
      const { toolset: file, path = '$' } = row.matchedFrom
      const what = `the URL found for it, ${JSON.stringify(shorten(printable(url), 200))}, ${wrong}`
      faults.push(
        documentFault('E_SOURCE_LIST', { file, path }, what, 'the index or toolset that has it is wrong'),
      )
      unresolved.push({ ...rest, reason: `its URL ${wrong}` })
    }
  }
  return { sources, unresolved, faults }
}
