import { renderReport } from '@pkgcache/source-runner-images/report'
import { renderDocument } from '../render/sources-json.ts'
import { exitCodeOf, readReports, showMarkdown, writeMarkdown } from './sources-reports.ts'
import type { Handler } from './types.ts'

export const render: Handler = async (invocation) => {
  const { output, options } = invocation
  const [report] = await readReports(invocation, [options.report ?? ''])
  const exitCode = exitCodeOf([report])
  const markdown = renderReport(report)
  const file = await writeMarkdown(invocation, markdown)
  if (output.json) output.document(renderDocument(report, markdown, file, exitCode))
  else if (file === null) showMarkdown(invocation, markdown)
  return exitCode
}
