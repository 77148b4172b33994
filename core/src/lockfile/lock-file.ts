import { basename } from 'node:path'
import { PkgcacheError } from '../errors/error.ts'
import { type LockEntry, lockedKey } from '../model/lock.ts'
import { formatKey, keyId } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { PackageRequest } from '../model/request.ts'
import { requestDigest } from '../model/request-digest.ts'
import type { Resolved } from '../model/resolved.ts'
import { shownUrl } from '../net/shown-url.ts'
import type { Schemas } from '../schemas.ts'
import { lockedDigests } from './entry.ts'
import { contradicts, notLocked } from './faults.ts'
import { readLockFile } from './read.ts'

/** A lock file as a run goes by it. */
export class LockFile {
  /** Absolute path. */
  readonly file: string
  readonly entries: readonly LockEntry[]
  /** Nothing but the lock file says what a package is. */
  readonly frozen: boolean
  readonly #byRequest: ReadonlyMap<string, LockEntry>

  constructor(file: string, entries: readonly LockEntry[], frozen: boolean) {
    this.file = file
    this.entries = entries
    this.frozen = frozen
    this.#byRequest = new Map(entries.map((entry) => [entry.request_digest, entry]))
  }

  /**
   * The lock file of a run; undefined when there is none.
   * @throws E_LOCK_FILE for one that cannot be read, and for none in a frozen run
   */
  static async open(file: string, frozen: boolean, schemas: Schemas): Promise<LockFile | undefined> {
    const entries = await readLockFile(file, schemas)
    if (entries) return new LockFile(file, entries, frozen)
    if (!frozen) return undefined
    throw new PkgcacheError('E_LOCK_FILE', `there is no lock file ${file}, and the run is frozen`, {
      hint: '`pkgcache lock` writes it',
    })
  }

  /** The entry of an equal request. */
  entryOf(request: PackageRequest): LockEntry | undefined {
    return this.#byRequest.get(requestDigest(request))
  }

  /** The same; a frozen run needs one. @throws E_NOT_LOCKED */
  expected(request: PackageRequest): LockEntry | undefined {
    const entry = this.entryOf(request)
    if (entry === undefined && this.frozen) throw notLocked(request, this.entries)
    return entry
  }

  /** Whether a cached artifact may stand for the request whose digest its record bears. */
  allows(record: StoreRecord): boolean {
    const entry = this.#byRequest.get(record.request)
    return entry === undefined ? !this.frozen : entry.sha256 === record.source_sha256
  }

  /** @throws E_DIGEST, E_NOT_LOCKED when what is cached is not what is locked */
  check(request: PackageRequest, record: StoreRecord): void {
    const entry = this.expected(request)
    if (entry === undefined || entry.sha256 === record.source_sha256) return
    throw contradicts(entry, {
      says: 'the cached download has sha256',
      actual: record.source_sha256,
      locked: entry.sha256,
    })
  }

  /** A resolution with the locked digests among those expected. @throws E_DIGEST, E_NOT_LOCKED */
  hold(resolved: Resolved, entry: LockEntry): Resolved {
    const locked = lockedKey(entry)
    if (keyId(resolved.key) !== keyId(locked)) {
      const message = `is ${formatKey(resolved.key)} now, and ${formatKey(locked)} in the lock file`
      throw new PkgcacheError('E_NOT_LOCKED', message, {
        hint: '`pkgcache lock --update` takes what it is now; --frozen keeps to the lock file',
      })
    }
    return holdToDigests(resolved, entry, basename(this.file))
  }
}

/** @throws E_DIGEST when the source, or a pin, says something else than the entry */
export function holdToDigests(resolved: Resolved, entry: LockEntry, file: string): Resolved {
  const locked = lockedDigests(entry, file)
  for (const { algorithm, value } of locked) {
    const other = resolved.digests.find((digest) => digest.algorithm === algorithm && digest.value !== value)
    if (other === undefined) continue
    const says = `${shownUrl(other.from)} says ${algorithm}`
    throw contradicts(entry, { says, actual: other.value, locked: value })
  }
  return { ...resolved, digests: [...resolved.digests, ...locked] }
}
