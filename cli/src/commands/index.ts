import { join } from 'node:path'
import { formatKey } from '@pkgcache/core'
import { UsageError } from '../failure.ts'
import { showError } from '../render/errors.ts'
import { indexDocument } from '../render/json.ts'
import { count, oneLine } from '../render/text.ts'
import { openStore, using } from '../session.ts'
import type { Handler } from './types.ts'

export const index: Handler = async (invocation) => {
  const { output, options } = invocation
  if (!options.rebuild) throw new UsageError('index needs to know what to do', 'give --rebuild')
  return using(openStore(invocation), async (cache) => {
    const result = await cache.rebuildIndex({ signal: invocation.signal })
    const file = join(cache.store, 'index.yaml')
    const exitCode = Math.max(0, ...result.refused.map(({ error }) => error.exitCode))
    if (output.json) {
      output.document(indexDocument(cache.store, file, result, exitCode))
      return exitCode
    }
    for (const { error } of result.refused) showError(output, error)
    for (const key of result.adopted) output.say(`adopted ${formatKey(key)}, unverified`)
    output.say(`${oneLine(file)} lists ${count(result.packages, 'package')}`)
    return exitCode
  })
}
