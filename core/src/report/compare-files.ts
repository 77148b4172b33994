import type { RenderedComparison } from '../cache.types.ts'
import type { RenderedReport } from '../plugins/types.ts'
import { callScope, type RunContext } from '../run/context.ts'
import type { Schemas } from '../schemas.ts'
import { chooseFormat } from './choose-format.ts'
import { compareReports } from './compare.ts'
import { readReport } from './read.ts'

/**
 * What changed between the reports in two files, in one format.
 * @throws E_USAGE for a format that no plugin renders or a file that cannot be read, E_REPORT for a file that is no report
 */
export async function compareFiles(
  files: readonly [older: string, newer: string],
  format: string,
  schemas: Schemas,
  run: RunContext,
): Promise<RenderedComparison> {
  const older = await readReport(files[0], schemas)
  const comparison = compareReports(older, await readReport(files[1], schemas))
  const collected = await run.host.collect<RenderedReport>('compare', comparison, callScope(run))
  return { ...chooseFormat(collected, format, 'comparisons as ', run), comparison }
}
