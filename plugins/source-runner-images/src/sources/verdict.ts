import type { PkgcacheError } from '@pkgcache/core'
import { type CheckInput, type Expected, expectedRows } from './expected.ts'
import { FINDINGS, type Finding, findingsOf } from './findings.ts'
import type { ListEntry, ReadSourceList } from './read.ts'
import type { SourceRow } from './types.ts'

/** What is said of one entry. */
export interface EntryVerdict {
  /** JSON path in the list. */
  readonly path: string
  /** As it stands there. */
  readonly row: SourceRow
  readonly verdict: 'ok' | 'wrong'
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
  /** Indexes that could not be had, each once; what is wrong with the toolsets. */
  readonly faults: readonly PkgcacheError[]
}

/**
 * Holds each row that has a URL against what a report, toolsets, and the version manifests and indexes have. Without
 * toolsets each is taken as a row of `toolcache` that asks for its version.
 */
export async function checkSourceList(list: ReadSourceList, input: CheckInput): Promise<CheckedSourceList> {
  const entries = list.entries.filter(({ row }) => row.downloadUrl !== undefined)
  const { expected, faults } = await expectedRows(entries, input)
  return {
    entries: entries.map((entry) => verdictOf(entry, expected.get(entry) ?? UNKNOWN, input)),
    faults,
  }
}

const UNKNOWN: Expected = { reason: 'nothing is known of it' }

function verdictOf(entry: ListEntry, expected: Expected, { report }: CheckInput): EntryVerdict {
  const findings = findingsOf({ entry, expected: expected.row, missing: expected.missing, report })
  const wrong: readonly string[] = FINDINGS.wrong
  const { row, reason = row?.reason ?? 'nothing is known of it' } = expected
  return {
    path: entry.path,
    row: entry.row,
    verdict: findings.some(({ code }) => wrong.includes(code)) ? 'wrong' : 'ok',
    findings,
    ...(row?.downloadUrl === undefined ? { reason } : { shouldBe: row }),
  }
}
