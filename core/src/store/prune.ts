import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PruneOptions, PruneResult } from '../cache.types.ts'
import { formatDuration } from '../format.ts'
import { keyId } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import { checkStore } from './check.ts'
import { recordKey } from './records.ts'
import type { Store } from './store.ts'

const DAY_MS = 24 * 3600_000

/** Removes what is old, unused or broken, with nobody else using the store meanwhile. */
export async function pruneStore(store: Store, options: PruneOptions): Promise<PruneResult> {
  const release = options.dryRun
    ? undefined
    : await store.locks.exclusive(options.signal ?? new AbortController().signal)
  try {
    const invalid = options.invalid ? await checkStore(store, options) : undefined
    const reasons = new Map<string, string>()
    for (const { problem, key } of invalid?.problems ?? []) if (key) reasons.set(keyId(key), problem)
    const accessed = await store.access.read()
    const { records } = await store.records.scan()
    for (const record of records.values()) {
      const reason = ageReason(record, accessed[keyId(record)], options)
      if (reason && !reasons.has(keyId(record))) reasons.set(keyId(record), reason)
    }
    const targets = [...records.values()].filter((record) => reasons.has(keyId(record)))
    if (!options.dryRun) await removeAll(store, targets, invalid?.problems ?? [])
    const removed = targets.map((record) => ({
      key: recordKey(record),
      file: record.file,
      bytes: record.size,
      reason: reasons.get(keyId(record)) ?? '',
    }))
    return {
      removed,
      bytes: removed.reduce((sum, { bytes }) => sum + bytes, 0),
      kept: records.size - removed.length,
    }
  } finally {
    await release?.()
  }
}

function ageReason(
  record: StoreRecord,
  accessed: number | undefined,
  options: PruneOptions,
): string | undefined {
  const cachedAt = Date.parse(record.cached_at)
  const age = Date.now() - cachedAt
  if (options.olderThanMs !== undefined && age > options.olderThanMs) return `cached ${span(age)} ago`
  const unused = Date.now() - Math.max(cachedAt, accessed ?? 0)
  if (options.unusedForMs !== undefined && unused > options.unusedForMs) return `not used for ${span(unused)}`
  return undefined
}

function span(ms: number): string {
  const days = Math.floor(ms / DAY_MS)
  return days > 0 ? `${days} ${days === 1 ? 'day' : 'days'}` : formatDuration(ms)
}

async function removeAll(
  store: Store,
  targets: readonly StoreRecord[],
  problems: readonly { readonly problem: string; readonly file: string }[],
): Promise<void> {
  for (const { problem, file } of problems) {
    if (problem === 'invalid-record') await rm(join(store.layout.root, file), { force: true })
  }
  if (targets.length > 0) await store.remove(targets)
  await store.flushIndex(AbortSignal.timeout(60_000), problems.length > 0)
}
