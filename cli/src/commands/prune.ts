import { formatBytes, formatKey } from '@pkgcache/core'
import { UsageError } from '../failure.ts'
import { pruneDocument } from '../render/json.ts'
import { count, oneLine, table } from '../render/text.ts'
import { openStore, using } from '../session.ts'
import { defined } from './defined.ts'
import type { Handler } from './types.ts'

export const prune: Handler = async (invocation) => {
  const { output, signal, options } = invocation
  const { olderThan: olderThanMs, unusedFor: unusedForMs, invalid, dryRun = false } = options
  if (olderThanMs === undefined && unusedForMs === undefined && !invalid) {
    throw new UsageError('prune needs to know what may go', 'give --older-than, --unused-for or --invalid')
  }
  return using(openStore(invocation), async (cache) => {
    const result = await cache.prune({ signal, dryRun, ...defined({ olderThanMs, unusedForMs, invalid }) })
    if (output.json) {
      output.document(pruneDocument(cache.store, result, dryRun))
      return 0
    }
    const rows = result.removed.map(({ key, bytes, reason }) => [
      formatKey(key),
      formatBytes(bytes),
      oneLine(reason),
    ])
    if (rows.length > 0)
      for (const line of table(['PACKAGE', 'SIZE', 'REASON'], rows, [1])) output.result(line)
    const verb = dryRun ? 'would be removed' : 'removed'
    output.say(
      `${count(rows.length, 'package')} ${verb} (${formatBytes(result.bytes)}), ${result.kept} kept.`,
    )
    return 0
  })
}
