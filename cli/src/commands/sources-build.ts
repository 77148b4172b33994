import { resolve } from 'node:path'
import type { BuiltSourceList } from '@pkgcache/source-runner-images/sources'
import { buildSourceList, writeSourceList } from '@pkgcache/source-runner-images/sources'
import { showError } from '../render/errors.ts'
import { sourcesBuildDocument } from '../render/source-list-json.ts'
import { countBy, reasonsOf, rowName, some } from '../render/source-rows.ts'
import { count, oneLine } from '../render/text.ts'
import { defined } from './defined.ts'
import { withDocuments } from './sources-session.ts'
import type { Handler } from './types.ts'

export const build: Handler = async (invocation) => {
  const { cwd, options, output } = invocation
  const { report = '', toolset: toolsets = [], prereleases } = options
  const file = resolve(cwd, options.output ?? 'cache-sources.json')
  const built = await withDocuments(invocation, (documents) =>
    buildSourceList({ report, toolsets, documents, ...defined({ prereleases }) }),
  )
  await writeSourceList(file, built.list)
  const exitCode = built.faults.length > 0 ? 1 : 0
  if (output.json) {
    output.document(sourcesBuildDocument(file, built, exitCode))
    return exitCode
  }
  for (const fault of built.faults) showError(output, fault)
  for (const line of buildLines(file, built)) output.say(line)
  return exitCode
}

/** What the list holds: rows by status and by evidence, and why rows have no URL. */
export function buildLines(
  file: string,
  { list: { sources, unresolved }, faults }: BuiltSourceList,
): string[] {
  const rows = [...sources, ...unresolved]
  const counts = (title: string, of: readonly [string, number][]) => [
    title,
    ...of.map(([word, n]) => `  ${String(n).padStart(width)}  ${oneLine(word)}`),
    '',
  ]
  const width = String(rows.length).length
  const reasons = reasonsOf(unresolved).map(
    ({ reason, rows: of }) =>
      `  ${String(of.length).padStart(width)}  ${oneLine(reason)}: ${some(of.map(rowName), 3)}`,
  )
  return [
    ...counts(
      'Rows by status',
      countBy(rows, ({ status }) => status),
    ),
    ...counts(
      'URLs by evidence',
      countBy(sources, ({ urlEvidence }) => urlEvidence),
    ),
    ...(reasons.length > 0 ? ['Without a URL', ...reasons, ''] : []),
    `${count(rows.length, 'row')}: ${sources.length} with a URL, ${unresolved.length} without${faults.length > 0 ? `, ${count(faults.length, 'fault')}` : ''}. Wrote ${oneLine(file)}`,
  ]
}
