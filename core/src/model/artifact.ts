import type { DigestAlgorithm } from './digest.ts'
import type { Resolved } from './resolved.ts'
import type { TrustLevel } from './trust.ts'

/** A download in the staging folder, complete and matching every digest known beforehand. */
export interface Fetched {
  readonly resolved: Resolved
  /** Absolute path; private to pkgcache. */
  readonly file: string
  /** Bytes. */
  readonly size: number
  /** Hex by algorithm; `sha256` is always there. */
  readonly digests: Readonly<Partial<Record<DigestAlgorithm, string>> & { sha256: string }>
  /** The URL asked for, before mirrors. */
  readonly url: string
  /** The URL that served it, after mirrors and redirects, without credentials. */
  readonly servedBy: string
}

/** One file, folder or link inside an archive, as it will reach a node. */
export interface MemberInfo {
  /** Clean and relative, without a trailing slash. */
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink'
  /** Permission bits only. */
  readonly mode: number
  /** Bytes. */
  readonly size: number
  readonly linkName?: string
}

/** A file ready to be published, beside the download it was made of. */
export interface Staged extends Fetched {
  readonly stored: {
    /** Absolute path of the staged file. */
    readonly file: string
    /** Bytes. */
    readonly size: number
    /** SHA-256 of the stored file, computed while it was written. */
    readonly sha256: string
    /** SHA-256 of the inner tar; absent for a kept file. */
    readonly contentSha256?: string
    /** What the download was recognised as: `tar.gz`, `zip`, `binary`, … */
    readonly format: string
    /** Bytes of the inner tar, or of the kept file. */
    readonly unpackedSize: number
    /** What the archive holds; empty for a kept file. */
    readonly members: readonly MemberInfo[]
  }
}

/** One verifier's word on one artifact. */
export interface Finding {
  readonly ok: boolean
  /** The level this finding proves. Only counts when `ok`. */
  readonly trust?: TrustLevel
  /** One sentence: what was checked against what. */
  readonly summary: string
  /** URL or file the evidence came from. */
  readonly from?: string
}

/** A finding with the plugin it came from. */
export interface Evidence extends Finding {
  readonly verifier: string
}

/** All evidence weighed: the level reached. Only artifacts with a verdict are published. */
export interface Verdict {
  readonly trust: TrustLevel
  readonly evidence: readonly Evidence[]
}
