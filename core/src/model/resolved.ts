import type { ExpectedDigest } from './digest.ts'
import type { PackageKey } from './names.ts'
import type { PackageRequest } from './request.ts'
import type { TrustLevel } from './trust.ts'

/**
 * Where upstream publishes an OpenPGP signature. Only where: who may sign is the user's word. Asked for like a download
 * of the package, with its `headers` where the origin is the same.
 */
export type SignatureSource =
  | {
      readonly over: 'artifact'
      /** A detached signature of the download itself, armored or binary. */
      readonly url: string
    }
  | {
      readonly over: 'checksum-file'
      /** A list that names the download as the path of its URL, or the end of that path. */
      readonly checksumUrl: string
      /** A detached signature of that file, armored or binary. Without one the file is clear-signed itself. */
      readonly url?: string
    }

/** What a source plugin answers: exactly what it is and where it comes from. */
export interface Resolution {
  readonly name: string
  readonly version: string
  readonly platform: string
  readonly arch: string
  /** Ordered; the next one is tried when one fails. Mirrors are applied by core. */
  readonly urls: readonly [string, ...string[]]
  /** Digests the bytes must have, and how they are known. Empty when upstream publishes none. */
  readonly digests: readonly ExpectedDigest[]
  /** Signatures that upstream publishes; a verifier that checks them demands that every one holds. */
  readonly signatures?: readonly SignatureSource[]
  /** The least trust this upstream makes possible: below it, nothing is published. Default `tofu`. */
  readonly minimumTrust?: TrustLevel
  /** `tar.gz`, `zip`, `binary`, …: a hint, magic bytes decide. */
  readonly format?: string
  /** Size of the download in bytes, when known beforehand. */
  readonly size?: number
  /** The one member's name when the download is a bare binary. Default: the package's name. */
  readonly member?: string
  /** Sent with requests to the origin of `urls`, never to a mirror or after a cross-origin redirect. */
  readonly headers?: Readonly<Record<string, string>>
  /** False: keep the download as it is, in the tree form. Default true. */
  readonly normalise?: boolean
}

/** A `Resolution` that core has checked, bound to its request and the plugin that gave it. */
export interface Resolved extends Resolution {
  readonly request: PackageRequest
  readonly key: PackageKey
  readonly source: string
  readonly minimumTrust: TrustLevel
}
