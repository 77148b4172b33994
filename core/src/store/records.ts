import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../errors/error.ts'
import { checkKey, keyId, type PackageKey } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { Schemas } from '../schemas.ts'
import { makeFolder, OWN_FILE, OWN_FOLDER, statIfThere, syncFolder, writeFileAtomic } from './atomic.ts'
import { artifactPath, recordName, type StoreLayout } from './layout.ts'

const READ_AHEAD = 64

/** All records that can be read, and the names of those that cannot. */
export interface RecordScan {
  readonly records: ReadonlyMap<string, StoreRecord>
  readonly invalid: readonly string[]
}

export function recordKey({ name, version, platform, arch }: PackageKey): PackageKey {
  return { name, version, platform, arch }
}

/** Where a record's file lies below the root: worked out from its key, never taken from its text. */
export function recordPath(record: StoreRecord): string {
  const kept = record.type === 'kept' ? record.file.slice(record.file.lastIndexOf('/') + 1) : undefined
  return artifactPath(record, kept)
}

/** The records folder: one JSON file per key, each the commit point of its artifact. */
export class Records {
  readonly #layout: StoreLayout
  readonly #schemas: Schemas
  readonly #temp: () => string

  /** @param temp start of the paths of temporary files */
  constructor(layout: StoreLayout, schemas: Schemas, temp: () => string) {
    this.#layout = layout
    this.#temp = temp
    this.#schemas = schemas
  }

  /** Modification time of the folder in ns: changes with every record written or removed. */
  async stamp(): Promise<string> {
    const found = await statIfThere(this.#layout.records)
    return found ? String(found.mtimeNs) : ''
  }

  async scan(): Promise<RecordScan> {
    const names = (await this.#names()).sort()
    const records = new Map<string, StoreRecord>()
    const invalid: string[] = []
    for (let at = 0; at < names.length; at += READ_AHEAD) {
      const part = names.slice(at, at + READ_AHEAD)
      const read = await Promise.all(part.map((name) => this.#read(name)))
      read.forEach((record, index) => {
        if (record === 'gone') return
        if (record === 'invalid') invalid.push(part[index] ?? '')
        else records.set(keyId(record), record)
      })
    }
    return { records, invalid }
  }

  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#layout.records)).filter((name) => name.endsWith('.json'))
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return []
      throw error
    }
  }

  /** One key's record as it is on disk now. */
  async get(key: PackageKey): Promise<StoreRecord | undefined> {
    const record = await this.#read(recordName(key))
    return record === 'gone' || record === 'invalid' ? undefined : record
  }

  async #read(name: string): Promise<StoreRecord | 'gone' | 'invalid'> {
    let parsed: unknown
    try {
      parsed = JSON.parse(await readFile(join(this.#layout.records, name), 'utf8'))
    } catch (error) {
      return systemCode(error) === 'ENOENT' ? 'gone' : 'invalid'
    }
    return this.#isValid(parsed) && name === recordName(parsed) ? parsed : 'invalid'
  }

  #isValid(parsed: unknown): parsed is StoreRecord {
    if (!this.#schemas.validator('record')(parsed)) return false
    const record = parsed as StoreRecord
    try {
      checkKey(record)
      return recordPath(record) === record.file
    } catch {
      return false
    }
  }

  async put(record: StoreRecord): Promise<void> {
    await makeFolder(this.#layout.records, OWN_FOLDER)
    await writeFileAtomic(
      join(this.#layout.records, recordName(record)),
      `${JSON.stringify(record, null, 1)}\n`,
      OWN_FILE,
      this.#temp(),
    )
  }

  /** By key, or by file name for one that cannot be read. */
  async remove(key: PackageKey | string): Promise<void> {
    await rm(join(this.#layout.records, typeof key === 'string' ? key : recordName(key)), { force: true })
    await syncFolder(this.#layout.records)
  }
}
