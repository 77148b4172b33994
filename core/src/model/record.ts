import type { TrustLevel } from './trust.ts'

/** The commit point of one cached artifact: `.pkgcache/records/*.json`, schema `record.json`. */
export interface StoreRecord {
  readonly schema: 1
  readonly name: string
  readonly version: string
  readonly platform: string
  readonly arch: string
  /** Digest of the request that led here: an equal request needs no resolver. */
  readonly request: string
  /** Name of the source plugin. */
  readonly source: string
  /** The URL asked for, without credentials. */
  readonly url: string
  /** What served it: a mirror or the URL after redirects, without credentials. */
  readonly served_by: string
  /** What the download was: `tar.gz`, `zip`, `binary`, … */
  readonly format: string
  /** `normalised`: a canonical `.tar.zst`; `kept`: the download as it was. */
  readonly type: 'normalised' | 'kept'
  /** Path below the store's root, with forward slashes. Always equal to what the key gives. */
  readonly file: string
  /** Bytes of the stored file. */
  readonly size: number
  /** Modification time of the stored file in ns since the epoch, as decimal digits: part of its identity. */
  readonly mtime_ns: string
  /** SHA-256 of the stored file. */
  readonly sha256: string
  /** Bytes of the download. */
  readonly source_size: number
  /** SHA-256 of the download. */
  readonly source_sha256: string
  /** SHA-256 of the inner tar; absent for kept files. */
  readonly content_sha256?: string
  /** Bytes of the inner tar, or of the kept file. */
  readonly unpacked_size: number
  readonly members: number
  readonly trust: TrustLevel
  readonly evidence: readonly {
    readonly verifier: string
    readonly trust?: TrustLevel
    readonly summary: string
    readonly from?: string
  }[]
  /** ISO 8601, UTC. */
  readonly cached_at: string
}
