import { formatBytes, formatDuration, type VerifyProblem } from '@pkgcache/core'
import { annotation } from '../render/github.ts'
import { verifyDocument } from '../render/json.ts'
import { count, oneLine } from '../render/text.ts'
import { openStore, using } from '../session.ts'
import type { Handler, Invocation } from './types.ts'

export const verify: Handler = (invocation) =>
  using(openStore(invocation), async (cache) => {
    const { output, signal } = invocation
    const started = performance.now()
    const result = await cache.verify({ signal })
    if (output.json) {
      output.document(verifyDocument(cache.store, result))
      return result.exitCode
    }
    for (const problem of result.problems) showProblem(invocation, problem)
    const what = `${count(result.checked, 'file')} (${formatBytes(result.bytes)}) in ${formatDuration(performance.now() - started)}`
    const bad = result.problems.filter(({ problem }) => problem !== 'unindexed').length
    output.say(bad === 0 ? `All well: checked ${what}.` : `${count(bad, 'problem')}: checked ${what}.`)
    if (bad > 0) output.say('  hint: pkgcache prune --invalid removes them, pkgcache run brings them anew')
    return result.exitCode
  })

function showProblem({ output }: Invocation, problem: VerifyProblem): void {
  const line = problemLine(problem)
  const level = problem.problem === 'unindexed' ? 'warning' : 'error'
  if (output.annotate) output.trouble(annotation(level, 'pkgcache verify', [line]))
  else
    output.trouble(
      `${output.paintError[level === 'error' ? 'red' : 'yellow'](problem.problem)}${line.slice(problem.problem.length)}`,
    )
}

/** `corrupt  runc-1.3.0-amd64.tar.zst: recorded sha256 …, found …` */
export function problemLine({ problem, file, expected, actual }: VerifyProblem): string {
  const digests = [expected && `recorded ${expected}`, actual && `found ${actual}`].filter(Boolean).join(', ')
  return `${problem}  ${oneLine(file)}${digests === '' ? '' : `: ${oneLine(digests)}`}`
}
