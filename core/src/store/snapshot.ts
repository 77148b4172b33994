import { readFile, rm } from 'node:fs/promises'
import { keyId } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import { OWN_FILE, writeFileAtomic } from './atomic.ts'
import { recordPath } from './records.ts'

/**
 * All records in one file, so that a run over 10,000 packages opens one file and not 10,000. Derived; valid only
 * while the records folder and the index bear the stamps it was made with.
 */
export interface Snapshot {
  readonly schema: 1
  readonly recordsStamp: string
  readonly indexStamp: string
  readonly records: readonly StoreRecord[]
}

export async function readSnapshot(file: string): Promise<Snapshot | undefined> {
  try {
    const parsed = JSON.parse(await readFile(file, 'utf8')) as Snapshot
    return parsed.schema === 1 && parsed.records.every(looksRight) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** Sound enough that no path can come of it but its own. */
function looksRight(record: StoreRecord): boolean {
  return recordPath(record) === record.file
}

/** @param temp start of the path of the temporary file */
export async function writeSnapshot(file: string, snapshot: Snapshot, temp: string): Promise<void> {
  await writeFileAtomic(file, JSON.stringify(snapshot), OWN_FILE, temp)
}

export async function dropSnapshot(file: string): Promise<void> {
  await rm(file, { force: true })
}

export function byKey(records: readonly StoreRecord[]): Map<string, StoreRecord> {
  return new Map(records.map((record) => [keyId(record), record]))
}
