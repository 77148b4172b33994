import type { CheckedSourceList, EntryVerdict } from '@pkgcache/source-runner-images/sources'
import { checkSourceList, readSourceList } from '@pkgcache/source-runner-images/sources'
import { showError } from '../render/errors.ts'
import { sourcesCheckDocument } from '../render/source-list-json.ts'
import { countBy, rowName } from '../render/source-rows.ts'
import { oneLine, table } from '../render/text.ts'
import { defined } from './defined.ts'
import { withDocuments } from './sources-session.ts'
import type { Handler } from './types.ts'

export const check: Handler = async (invocation) => {
  const { options, output } = invocation
  const { sources = '', report, toolset: toolsets, prereleases } = options
  const checked = await withDocuments(invocation, async (documents) =>
    checkSourceList(readSourceList(await documents.json(sources, 'E_SOURCE_LIST')), {
      documents,
      ...defined({ report, toolsets, prereleases }),
    }),
  )
  const wrong = checked.entries.some(({ verdict }) => verdict === 'wrong')
  const exitCode = wrong || checked.faults.length > 0 ? 1 : 0
  if (output.json) {
    output.document(sourcesCheckDocument(sources, checked, exitCode))
    return exitCode
  }
  for (const fault of checked.faults) showError(output, fault)
  for (const line of checkLines(checked)) output.result(line)
  return exitCode
}

/** A table of entries, with what is said of each below it. */
export function checkLines({ entries }: CheckedSourceList): string[] {
  const [head = '', ...lines] = table(
    ['ENTRY', 'VERDICT', 'SHOULD BE'],
    entries.map((entry) => [oneLine(rowName(entry.row)), entry.verdict, shouldBe(entry)]),
  )
  const tally = countBy(entries, ({ verdict }) => verdict).map(([verdict, n]) => `${n} ${verdict}`)
  const listed = lines.flatMap((line, index) => [
    line,
    ...(entries[index]?.findings ?? []).map(({ code, message }) => `  ${code}: ${oneLine(message)}`),
  ])
  const sum = `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}: ${tally.join(', ') || 'nothing to check'}`
  return entries.length === 0 ? [sum] : [head, ...listed, '', sum]
}

function shouldBe({
  row,
  verdict,
  shouldBe: meant,
  reason = 'nothing is known of it',
}: EntryVerdict): string {
  if (meant === undefined) return oneLine(verdict === 'unknown' ? reason : `not known: ${reason}`)
  const same = meant.version === row.version && meant.downloadUrl === row.downloadUrl
  return same ? 'as it is' : oneLine(`${meant.version}  ${meant.downloadUrl ?? ''}`)
}
