import { pluginsDocument } from '../render/json.ts'
import { oneLine, table } from '../render/text.ts'
import { openCache, using } from '../session.ts'
import type { Handler } from './types.ts'

export const plugins: Handler = (invocation) =>
  using(openCache(invocation), async (cache) => {
    const { output } = invocation
    const loaded = cache.plugins()
    if (output.json) {
      output.document(pluginsDocument(loaded))
      return 0
    }
    const rows = loaded.map(({ name, enforce, hooks }, index) => [
      String(index + 1),
      oneLine(name),
      hooks.join(', '),
      enforce ?? '',
    ])
    for (const line of table(['#', 'PLUGIN', 'HOOKS', 'ENFORCE'], rows, [0])) output.result(line)
    return 0
  })
