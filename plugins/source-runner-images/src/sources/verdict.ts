import type { PkgcacheError } from '@pkgcache/core'
import type { Documents } from '../documents.ts'
import { readAll } from '../given.ts'
import type { SoftwareReport } from '../report/types.ts'
import type { ResolverOptions } from '../resolvers/resolver.ts'
import { type Expected, expectedRows } from './expected.ts'
import { FINDINGS, type Finding, findingsOf } from './findings.ts'
import type { ListEntry, ReadSourceList } from './read.ts'
import type { SourceRow } from './types.ts'

/** What the entries of a list are held against. */
export interface CheckInput extends ResolverOptions {
  /** Software report: path or URL. */
  readonly report?: string
  /** Toolset files: paths or URLs. Without: each entry is taken as a row of `toolcache`. */
  readonly toolsets?: readonly string[]
  readonly documents: Documents
}

/** What is said of one entry. */
export interface EntryVerdict {
  /** JSON path in the list. */
  readonly path: string
  /** As it stands there. */
  readonly row: SourceRow
  /** `unknown`: nothing is wrong to see, and there was nothing to hold it against. */
  readonly verdict: 'ok' | 'wrong' | 'unknown'
  /** What is wrong with it, and notes. */
  readonly findings: readonly Finding[]
  /** The row that it should be, where a manifest or index has a file for it. */
  readonly shouldBe?: SourceRow
  /** Why there is no `shouldBe`. */
  readonly reason?: string
}

/** Verdicts on a list, and what could not be asked for them. */
export interface CheckedSourceList {
  readonly entries: readonly EntryVerdict[]
  /** What is wrong with report and toolsets; indexes that could not be had, each once. */
  readonly faults: readonly PkgcacheError[]
}

/**
 * Holds each row that has a URL against what a report, toolsets, and the version manifests and indexes have. Without
 * toolsets each is taken as a row of `toolcache` that asks for its version.
 */
export async function checkSourceList(list: ReadSourceList, input: CheckInput): Promise<CheckedSourceList> {
  const entries = list.entries.filter(({ row }) => row.downloadUrl !== undefined)
  const { documents, prereleases } = input
  const read = await readAll([input.report ?? []].flat(), input.toolsets ?? [], documents)
  const [report] = read.reports
  const { expected, faults } = await expectedRows(entries, {
    toolsets: read.toolsets,
    documents,
    ...(report && { report }),
    ...(prereleases !== undefined && { prereleases }),
  })
  return {
    entries: entries.map((entry) => verdictOf(entry, expected.get(entry) ?? UNKNOWN, report)),
    faults: [...read.faults, ...faults],
  }
}

const UNKNOWN: Expected = { reason: 'nothing is known of it' }

function verdictOf(entry: ListEntry, expected: Expected, report: SoftwareReport | undefined): EntryVerdict {
  const findings = findingsOf({ entry, expected: expected.row, missing: expected.missing, report })
  const wrong: readonly string[] = FINDINGS.wrong
  const { row, reason = row?.reason ?? 'nothing is known of it' } = expected
  const isWrong = findings.some(({ code }) => wrong.includes(code))
  const isKnown = row?.downloadUrl !== undefined
  return {
    path: entry.path,
    row: entry.row,
    verdict: isWrong ? 'wrong' : isKnown ? 'ok' : 'unknown',
    findings,
    ...(isKnown ? { shouldBe: row } : { reason }),
  }
}
