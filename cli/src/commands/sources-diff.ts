import { diffReports, renderDiff } from '@pkgcache/source-runner-images/report'
import { diffDocument } from '../render/sources-json.ts'
import { exitCodeOf, readReports, showMarkdown, writeMarkdown } from './sources-reports.ts'
import type { Handler } from './types.ts'

export const diff: Handler = async (invocation) => {
  const { args, output } = invocation
  const [before = '', after = ''] = args
  const [old, current] = await readReports(invocation, [before, after])
  const exitCode = exitCodeOf([old, current])
  const difference = diffReports(old, current)
  const markdown = renderDiff(difference)
  const file = await writeMarkdown(invocation, markdown)
  if (output.json) output.document(diffDocument(difference, markdown, file, exitCode))
  else if (file === null) showMarkdown(invocation, markdown)
  return exitCode
}
