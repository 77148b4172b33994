import { formatBytes } from '@pkgcache/core'
import { listDocument } from '../render/json.ts'
import { count, oneLine, table } from '../render/text.ts'
import { openStore, using } from '../session.ts'
import type { Handler } from './types.ts'

export const list: Handler = (invocation) =>
  using(openStore(invocation), async (cache) => {
    const { output } = invocation
    const records = await cache.list()
    if (output.json) {
      output.document(listDocument(cache.store, records))
      return 0
    }
    if (records.length === 0) {
      output.say(`Nothing is cached in ${oneLine(cache.store)}.`)
      return 0
    }
    const rows = records.map((record) => [
      record.name,
      record.version,
      `${record.platform}/${record.arch}`,
      formatBytes(record.size),
      record.trust,
      record.cached_at.slice(0, 10),
      record.file,
    ])
    const head = ['NAME', 'VERSION', 'PLATFORM', 'SIZE', 'TRUST', 'CACHED', 'FILE']
    for (const line of table(head, rows, [3])) output.result(line)
    const bytes = records.reduce((sum, record) => sum + record.size, 0)
    output.say(`${count(records.length, 'package')}, ${formatBytes(bytes)} in ${oneLine(cache.store)}`)
    return 0
  })
