import { join } from 'node:path'
import { UsageError } from '../failure.ts'
import { indexDocument } from '../render/json.ts'
import { count, oneLine } from '../render/text.ts'
import { openStore, using } from '../session.ts'
import type { Handler } from './types.ts'

export const index: Handler = async (invocation) => {
  const { output, options } = invocation
  if (!options.rebuild) throw new UsageError('index needs to know what to do', 'give --rebuild')
  return using(openStore(invocation), async (cache) => {
    await cache.rebuildIndex()
    const file = join(cache.store, 'index.yaml')
    const packages = (await cache.list()).length
    if (output.json) output.document(indexDocument(cache.store, file, packages))
    else output.say(`${oneLine(file)} lists ${count(packages, 'package')}`)
    return 0
  })
}
