import { type BigIntStats, statSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemCode, toPkgcacheError } from '../errors/error.ts'
import { formatKey, keyId, type PackageKey } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { LogLevel } from '../model/run.ts'
import type { Schemas } from '../schemas.ts'
import { AccessTimes } from './access.ts'
import { OWN_FILE, OWN_FOLDER, publishFile, statIfThere, writeFileAtomic } from './atomic.ts'
import { hashFile } from './hash-file.ts'
import { IndexFile } from './index-file.ts'
import { KeptFiles } from './kept-files.ts'
import { artifactPath, type StoreLayout, storeLayout } from './layout.ts'
import { removeLeftovers } from './leftovers.ts'
import { Locks, sharedName } from './locks.ts'
import { prepareFolders } from './prepare.ts'
import { Records, recordPath } from './records.ts'
import { byKey, dropSnapshot, readSnapshot, writeSnapshot } from './snapshot.ts'

// A folder's modification time is no finer than the kernel's tick: changes within one tick look like none.
const TICK_MS = 20

/** A record still without what publishing adds to it. */
export type RecordDraft = Omit<StoreRecord, 'file' | 'mtime_ns'>

/** A run's stay in the store. */
export interface Stay {
  /** A private folder on the store's filesystem; gone at the end. */
  readonly tmpDir: string
  end(): Promise<void>
}

export type StoreLog = (level: LogLevel, message: string) => void

/** One folder of artifacts with its records, index and locks. */
export class Store {
  readonly layout: StoreLayout
  readonly locks: Locks
  readonly records: Records
  readonly access: AccessTimes
  readonly kept: KeptFiles
  readonly #index: IndexFile
  readonly #log: StoreLog
  #stay: string | undefined
  #loaded: Map<string, StoreRecord> | undefined
  #dirty = false
  readonly #warned = new Set<string>()

  constructor(root: string, schemas: Schemas, log: StoreLog) {
    this.layout = storeLayout(root)
    this.locks = new Locks(this.layout.locks)
    const temp = () => this.tempPrefix
    this.records = new Records(this.layout, schemas, temp)
    this.access = new AccessTimes(this.layout.access, temp)
    this.kept = new KeptFiles(this.layout, temp, (message) => this.#warnOnce(message))
    this.#index = new IndexFile(this.layout, schemas, temp)
    this.#log = log
  }

  /** Makes the folders and makes sure that they can be written. @throws E_STORE */
  async prepare(): Promise<void> {
    await prepareFolders(this.layout)
  }

  /** Start of the paths of temporary files: by the run they belong to, so that those of a dead one can be told. */
  get tempPrefix(): string {
    return join(this.layout.tmp, this.#stay ?? '.tmp')
  }

  /**
   * A run's stay in the store: prune waits for its end. What killed runs left is removed.
   * @throws E_STORE, E_NOSPC, E_LOCKED, E_ABORTED
   */
  async enter(signal: AbortSignal): Promise<Stay> {
    await this.prepare()
    const name = sharedName()
    const release = await this.locks.shared(signal, name)
    const tmpDir = join(this.layout.tmp, name)
    const end = async () => {
      if (this.#stay === name) this.#stay = undefined
      await rm(tmpDir, { recursive: true, force: true })
      await release()
    }
    try {
      await mkdir(tmpDir, { mode: OWN_FOLDER })
      await removeLeftovers(this.layout, this.locks)
    } catch (error) {
      await end()
      throw toPkgcacheError(error, 'E_STORE')
    }
    this.#stay = name
    return { tmpDir, end }
  }

  /** Every record by key id. Read once; later changes of this process are kept up. */
  async load(): Promise<ReadonlyMap<string, StoreRecord>> {
    this.#loaded ??= await this.#read()
    return this.#loaded
  }

  async #read(): Promise<Map<string, StoreRecord>> {
    const [recordsStamp, indexStamp, snapshot] = await Promise.all([
      this.records.stamp(),
      this.#index.stamp(),
      readSnapshot(this.layout.snapshot),
    ])
    if (snapshot && snapshot.recordsStamp === recordsStamp && snapshot.indexStamp === indexStamp) {
      return byKey(snapshot.records)
    }
    const { records, invalid } = await this.records.scan()
    for (const name of invalid)
      this.#log('warn', `record ${name} cannot be read; its artifact counts as not cached`)
    this.#dirty = recordsStamp !== ''
    return new Map(records)
  }

  /** Sorted by name, version, platform and arch. */
  async list(): Promise<StoreRecord[]> {
    const records = [...(await this.load()).values()]
    return records.sort((a, b) => (keyId(a) < keyId(b) ? -1 : 1))
  }

  /** Absolute path of a record's file. */
  fileOf(record: StoreRecord): string {
    return join(this.layout.root, recordPath(record))
  }

  /**
   * Whether the file a record describes is there, by size and modification time alone. `unsure`: the time differs.
   * Synchronous: a run over 10,000 cached packages would spend more on promises than on asking.
   */
  look(record: StoreRecord): 'there' | 'unsure' | 'missing' {
    const found = this.#stat(this.fileOf(record))
    if (found === 'unreadable') return 'unsure'
    if (!found?.isFile() || found.size !== BigInt(record.size)) return 'missing'
    return String(found.mtimeNs) === record.mtime_ns ? 'there' : 'unsure'
  }

  #stat(file: string): BigIntStats | undefined | 'unreadable' {
    try {
      return statSync(file, { bigint: true, throwIfNoEntry: false })
    } catch {
      // whoever looks closer gets the error
      return 'unreadable'
    }
  }

  /** True when the file a record describes is there: where its time differs (a copied store), by its digest. */
  async isIntact(record: StoreRecord): Promise<boolean> {
    try {
      const looks = this.look(record)
      if (looks !== 'unsure') return looks === 'there'
      const { mtimeNs } = await stat(this.fileOf(record), { bigint: true })
      if ((await hashFile(this.fileOf(record))) !== record.sha256) {
        this.#warnOnce(`${record.file} is not the file that was recorded; it will be made anew`)
        return false
      }
      await this.update({ ...record, mtime_ns: String(mtimeNs) })
      return true
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false
      throw toPkgcacheError(error, 'E_STORE')
    }
  }

  #warnOnce(message: string): void {
    if (!this.#warned.has(message)) this.#log('warn', message)
    this.#warned.add(message)
  }

  /** The record of a key as it is on disk now, if its file is intact: for use under the key's lock. */
  async current(key: PackageKey): Promise<StoreRecord | undefined> {
    const record = await this.records.get(key)
    return record && (await this.isIntact(record)) ? record : undefined
  }

  /**
   * Publishes a staged, synced file: artifact first, then the record, which commits it.
   * @param keptName file name in the tree form for a kept download
   * @throws E_NOSPC, E_STORE
   */
  async publish(draft: RecordDraft, staged: string, keptName?: string): Promise<StoreRecord> {
    const file = artifactPath(draft, keptName)
    const target = join(this.layout.root, file)
    try {
      const before = await this.records.get(draft)
      // a record whose file is already another one would be a lie if we died in between
      if (before && before.sha256 !== draft.sha256) await this.records.remove(before)
      const record = await this.#commit({ ...draft, file }, staged).catch(async (error) => {
        const moved = (await statIfThere(staged)) === undefined
        // in reverse; the bytes may still be good for the next try
        if (moved) await this.records.remove(draft).catch(() => undefined)
        if (moved) await rename(target, staged).catch(() => undefined)
        throw error
      })
      // under the name it had before, nothing would ever find it again
      if (before && before.file !== file) await rm(this.fileOf(before), { force: true })
      return record
    } catch (error) {
      throw toPkgcacheError(error, 'E_STORE').at({ item: formatKey(draft) })
    }
  }

  async #commit(draft: Omit<StoreRecord, 'mtime_ns'>, staged: string): Promise<StoreRecord> {
    const target = join(this.layout.root, draft.file)
    await publishFile(staged, target)
    const { mtimeNs } = await stat(target, { bigint: true })
    const record: StoreRecord = { ...draft, mtime_ns: String(mtimeNs) }
    await this.update(record)
    return record
  }

  /** Writes a record whose artifact is in place. */
  async update(record: StoreRecord): Promise<void> {
    await this.records.put(record)
    await this.load()
    this.#loaded?.set(keyId(record), record)
    this.#dirty = true
  }

  /** Removes an artifact: from the index, then its record, then the file. */
  async remove(targets: readonly StoreRecord[]): Promise<void> {
    const gone = new Set(targets.map((record) => keyId(record)))
    const left = [...(await this.load()).values()].filter((record) => !gone.has(keyId(record)))
    await dropSnapshot(this.layout.snapshot)
    await this.#index.write(left, await this.access.read())
    for (const record of targets) {
      await this.records.remove(record)
      await rm(this.fileOf(record), { force: true })
      this.#loaded?.delete(keyId(record))
    }
    await this.access.forget([...gone])
    this.#dirty = true
  }

  /** Derives `index.yaml` anew if anything changed since it was written, here or in another process. */
  async flushIndex(signal: AbortSignal, force = false): Promise<void> {
    await this.load()
    if (!this.#dirty && !force) return
    const release = await this.locks.index(signal)
    try {
      await this.#writeIndex()
      this.#dirty = false
    } catch (error) {
      throw toPkgcacheError(error, 'E_STORE')
    } finally {
      await release()
    }
  }

  async #writeIndex(): Promise<void> {
    const aside = await this.#index.setAsideIfBroken()
    if (aside)
      this.#log('warn', `index.yaml could not be read; it was moved to ${basename(aside)} and written anew`)
    const before = await this.#quietStamp()
    // another process may have published: the records on disk count, not what this one remembers
    const { records } = await this.records.scan()
    this.#loaded = new Map(records)
    await this.#index.write(await this.list(), await this.access.read())
    if ((await this.records.stamp()) !== before) return
    const snapshot = {
      schema: 1,
      recordsStamp: before,
      indexStamp: await this.#index.stamp(),
      records: await this.list(),
    } as const
    await writeSnapshot(this.layout.snapshot, snapshot, this.tempPrefix)
  }

  /** A stamp old enough that any later change must bear another one. */
  async #quietStamp(): Promise<string> {
    for (;;) {
      const stamp = await this.records.stamp()
      if (Date.now() - Number(stamp) / 1e6 > TICK_MS) return stamp
      await sleep(TICK_MS)
    }
  }

  /** A JSON document of pkgcache's own; undefined when it is missing or broken. */
  async readOwn(file: 'lastReports' | 'lastResult'): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.layout[file], 'utf8'))
    } catch {
      return undefined
    }
  }

  async writeOwn(file: 'lastReports' | 'lastResult', document: unknown): Promise<void> {
    await writeFileAtomic(this.layout[file], JSON.stringify(document), OWN_FILE, this.tempPrefix)
  }
}
