import { formatKey, type LockChange, type LockResult } from '@pkgcache/core'
import { exitCodeFor } from '../failure.ts'
import { showError } from '../render/errors.ts'
import { lockDocument } from '../render/json.ts'
import { PlainView } from '../render/plain.ts'
import { count, oneLine, table } from '../render/text.ts'
import { logger, openConfigured, using } from '../session.ts'
import { defined } from './defined.ts'
import type { Handler } from './types.ts'

export const lock: Handler = async (invocation) => {
  const { options, output, signal } = invocation
  const log = logger(invocation)
  // what is fetched and what fails is told as in a run, one line each
  const view = new PlainView(output)
  const result = await using(openConfigured(invocation), (cache) =>
    cache.lock({
      signal,
      onProgress: (event) => (event.type === 'log' ? log(event) : view.onEvent(event)),
      ...defined({ update: options.update }),
    }),
  )
  for (const error of result.errors) showError(output, error)
  if (output.json)
    output.document(lockDocument({ ...result, exitCode: exitCodeFor(result.exitCode, signal) }))
  else for (const line of lockLines(result)) output.say(line)
  return exitCodeFor(result.exitCode, signal)
}

/** What changed as a table, and a last line that sums it up. */
export function lockLines({ changes, file, written }: LockResult): string[] {
  const rows = changes
    .filter(({ change }) => change !== 'kept' && change !== 'failed')
    .map((one) => [formatKey(one.key), one.change, was(one), one.entry?.sha256 ?? ''])
  const tally = (['added', 'updated', 'removed', 'kept', 'failed'] as const)
    .map((word) => [changes.filter(({ change }) => change === word).length, word] as const)
    .filter(([n, word]) => n > 0 || word !== 'failed')
    .map(([n, word]) => `${n} ${word}`)
  return [
    ...(rows.length === 0 ? [] : [...table(['PACKAGE', 'CHANGE', 'VERSION', 'SHA256'], rows), '']),
    `${count(changes.length, 'package')}: ${tally.join(', ')}. ${written ? 'Wrote' : 'Left as it was:'} ${oneLine(file)}`,
  ]
}

function was({ from, entry }: LockChange): string {
  if (entry === undefined) return from ?? ''
  return from === undefined || from === entry.version ? entry.version : `${from} → ${entry.version}`
}
