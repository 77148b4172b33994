import { appendFile } from 'node:fs/promises'
import type { Cache, RunEvent, RunOptions, RunResult } from '@pkgcache/core'
import { exitCodeFor, type Failure } from '../failure.ts'
import { showError, showWarning } from '../render/errors.ts'
import { stepSummary } from '../render/github.ts'
import { runDocument } from '../render/json.ts'
import { PlainView, type RunView } from '../render/plain.ts'
import { removalLines, summaryLines } from '../render/summary.ts'
import { logger, openCache, openConfigured, using } from '../session.ts'
import { defined } from './defined.ts'
import { isFrozen } from './frozen.ts'
import type { Handler, Invocation } from './types.ts'

const CANCELLED: Failure = {
  code: 'E_ABORTED',
  message: 'cancelled',
  exitCode: 130,
  hint: 'what was published is whole and stays; run again to go on',
  faults: [],
}

type Start = (cache: Cache, options: RunOptions, invocation: Invocation) => Promise<RunResult>

export const run: Handler = (invocation) =>
  follow(invocation, (cache, options) => cache.run({ ...options, frozen: isFrozen(cache, invocation) }))

export const fetch: Handler = (invocation) =>
  follow(invocation, (cache, options) =>
    cache.run({ ...options, frozen: isFrozen(cache, invocation), stages: 'fetch' }),
  )

export const distribute: Handler = (invocation) =>
  follow(invocation, (cache, options) => cache.run({ ...options, stages: 'distribute' }))

/** Needs no config: the package is named on the command line. */
export const ensure: Handler = (invocation) =>
  follow(
    invocation,
    (cache, options, { args: [spec = ''], options: { arch, platform } }) =>
      cache.ensurePackage(spec, {
        ...options,
        frozen: isFrozen(cache, invocation),
        ...defined({ arch, platform }),
      }),
    openCache,
  )

/** Starts a run, shows what it says, and tells how it ended. */
async function follow(invocation: Invocation, start: Start, open = openConfigured): Promise<number> {
  const { options, output, signal } = invocation
  const view = await viewFor(invocation)
  const result = await using(open(invocation), async (cache) => {
    const { require, only, node: nodes, rehash, maxFailures, prune } = options
    const asked = defined({ require, only, nodes, rehash, maxFailures, prune })
    const log = logger(invocation)
    const onProgress = (event: RunEvent) => (event.type === 'log' ? log(event) : view.onEvent(event))
    let complete = false
    try {
      const ended = await start(cache, { signal, onProgress, ...asked }, invocation)
      complete = !signal.aborted
      return ended
    } finally {
      await view.end(complete)
    }
  })
  // also where a plugin went on regardless and all was done: the reports were not written
  const exitCode = exitCodeFor(signal.aborted ? 130 : result.exitCode, signal)
  for (const error of result.errors) showError(output, error)
  if (signal.aborted) showError(output, CANCELLED)
  if (output.json) output.document(runDocument(invocation.command, result, exitCode))
  else for (const line of [...removalLines(result), ...summaryLines(result)]) output.say(line)
  await writeStepSummary(invocation, result)
  return exitCode
}

async function viewFor({ output }: Invocation): Promise<RunView> {
  if (!output.live) return new PlainView(output)
  const { LiveView } = await import('../render/live.ts')
  return new LiveView(output)
}

/** A summary that cannot be written is no reason to fail the run. */
async function writeStepSummary({ env, output }: Invocation, result: RunResult): Promise<void> {
  const file = env.GITHUB_STEP_SUMMARY
  if (file === undefined || file === '') return
  try {
    await appendFile(file, stepSummary(result))
  } catch (error) {
    showWarning(output, 'GITHUB_STEP_SUMMARY', error instanceof Error ? error.message : String(error))
  }
}
