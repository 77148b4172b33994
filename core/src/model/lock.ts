import type { PackageKey } from './names.ts'
import type { TrustLevel } from './trust.ts'

/** How the digest of a locked package was known when it was locked. */
export interface LockEvidence {
  /** `tofu`: nobody vouched for the bytes, they were those of the first download. */
  readonly how: 'signed' | 'pinned' | 'checksum-file' | 'tofu'
  /** URL of a checksum file, without secrets, or the config's own word. */
  readonly from?: string
  /** Name of the verifier plugin; with `signed`. */
  readonly verifier?: string
  /** What the verifier said; with `signed`. */
  readonly summary?: string
}

/** Where a signature of a locked package lies: a `SignatureSource` as a file spells it. */
export type LockSignature =
  | { readonly over: 'artifact'; readonly url: string }
  | { readonly over: 'checksum-file'; readonly checksum_url: string; readonly url?: string }

/** One package of `pkgcache.lock` (schema `lock.json`): enough to bring it again without asking a resolver. */
export interface LockEntry {
  /** Name, platform, arch and version (`request`) as they were asked for. */
  readonly name: string
  readonly platform: string
  readonly arch: string
  readonly request: string
  /** Digest of all of the request: an equal request is this entry's. */
  readonly request_digest: string
  /** What the request came to; the others of these fields only where they differ from what was asked. */
  readonly version: string
  readonly resolved_name?: string
  readonly resolved_platform?: string
  readonly resolved_arch?: string
  /** Name of the source plugin. */
  readonly source: string
  /** In order, before mirrors, without secrets. */
  readonly urls: readonly [string, ...string[]]
  /** Bytes of the download. */
  readonly size: number
  /** Of the download, lower-case hex, as the two below. */
  readonly sha256: string
  readonly sha384?: string
  readonly sha512?: string
  readonly format?: string
  readonly member?: string
  /** False: the download is kept as it is. */
  readonly normalise?: false
  readonly minimum_trust: TrustLevel
  readonly signatures?: readonly LockSignature[]
  readonly evidence: readonly LockEvidence[]
}

/** What a locked package is in the store. */
export function lockedKey(entry: LockEntry): PackageKey {
  return {
    name: entry.resolved_name ?? entry.name,
    version: entry.version,
    platform: entry.resolved_platform ?? entry.platform,
    arch: entry.resolved_arch ?? entry.arch,
  }
}
