import type { Delivery } from '../model/node.ts'
import type { StoreRecord } from '../model/record.ts'
import type { RunContext } from '../run/context.ts'
import { remotePath } from '../store/layout.ts'

/** What a transport is asked to put on a node for a record. */
export function toDelivery(record: StoreRecord, run: Pick<RunContext, 'store' | 'rehash'>): Delivery {
  return {
    file: run.store.fileOf(record),
    remotePath: remotePath(record, record.file),
    size: record.size,
    sha256: record.sha256,
    ...(run.rehash && { rehash: true }),
  }
}
