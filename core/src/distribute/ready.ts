import type { PkgcacheError } from '../errors/error.ts'
import type { PackageKey } from '../model/names.ts'
import type { StoreRecord } from '../model/record.ts'
import type { PackageRequest } from '../model/request.ts'
import { recordKey } from '../store/records.ts'

/** A request whose record is in the store. */
export interface Available {
  readonly request: PackageRequest
  readonly record: StoreRecord
}

/** A request that came to nothing. */
export interface Failed {
  readonly request: PackageRequest
  readonly key: PackageKey
  readonly error: PkgcacheError
}

/** What the stages before have made of one request. */
export type Ready = Available | Failed

export function isAvailable(entry: Ready): entry is Available {
  return 'record' in entry
}

export function readyKey(entry: Ready): PackageKey {
  return isAvailable(entry) ? recordKey(entry.record) : entry.key
}

/** What `takes` goes by: `to` is the request's, the arch that of what came of it. */
export function aim(entry: Ready): Pick<PackageRequest, 'to' | 'arch'> {
  const { to } = entry.request
  return { arch: readyKey(entry).arch, ...(to !== undefined && { to }) }
}
