import type { Stats } from '../cache.types.ts'
import { keyId } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import { recordKey } from './records.ts'

function count<K extends string>(
  records: readonly StoreRecord[],
  of: (record: StoreRecord) => K,
): Record<K, number> {
  const counts = {} as Record<K, number>
  for (const record of records) counts[of(record)] = (counts[of(record)] ?? 0) + 1
  return counts
}

/** Totals over a store. */
export function storeStats(
  store: string,
  records: readonly StoreRecord[],
  accessed: Readonly<Record<string, number>>,
): Stats {
  const sum = (of: (record: StoreRecord) => number) =>
    records.reduce((total, record) => total + of(record), 0)
  const storedBytes = sum((record) => record.size)
  const unpackedBytes = sum((record) => record.unpacked_size)
  const dates = records.map((record) => record.cached_at).sort()
  const [oldest] = dates
  const newest = dates.at(-1)
  return {
    store,
    packages: records.length,
    sourceBytes: sum((record) => record.source_size),
    storedBytes,
    unpackedBytes,
    ratio: unpackedBytes === 0 ? 0 : storedBytes / unpackedBytes,
    byTrust: count(records, (record) => record.trust),
    byPlatform: count(records, (record) => `${record.platform}/${record.arch}`),
    ...(oldest !== undefined && { oldest }),
    ...(newest !== undefined && { newest }),
    lastAccess: records.flatMap((record) => {
      const at = accessed[keyId(record)]
      return at === undefined ? [] : [{ key: recordKey(record), at: new Date(at).toISOString() }]
    }),
  }
}
