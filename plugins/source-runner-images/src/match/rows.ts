import type { PkgcacheError } from '@pkgcache/core'
import type { Documents } from '../documents.ts'
import type { SoftwareReport } from '../report/types.ts'
import type { ResolverOptions } from '../resolvers/resolver.ts'
import type { SourceRow } from '../sources/types.ts'
import type { Toolset } from '../toolset/read.ts'

/** What rows are made of. */
export interface MatchInput extends ResolverOptions {
  /** Absent: nothing is looked for in a report. */
  readonly report?: SoftwareReport
  readonly toolsets: readonly Toolset[]
  readonly documents: Documents
}

/** Rows and what went wrong on the way. */
export interface Matched {
  /** Those of the toolsets in their order, then what only the report has. */
  readonly rows: readonly SourceRow[]
  /** Indexes that could not be had, say; each once. */
  readonly faults: readonly PkgcacheError[]
}

/** Looks each row of the toolsets up in the report, and for the file of each. Never throws for single rows. */
export async function matchRows(_input: MatchInput): Promise<Matched> {
  return { rows: [], faults: [] }
}
