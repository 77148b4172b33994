import type { NodeTask } from './node.ts'
import type { TrustLevel } from './trust.ts'

/** One thing asked for: a package in a version for one platform and arch. Not yet known to exist. */
export interface PackageRequest {
  readonly name: string
  /** As written: `2.1.0`, `v2.1.0`, or whatever the source understands. */
  readonly version: string
  readonly platform: string
  readonly arch: string
  /** URL template with `{name} {version} {arch} {platform}`, for `source-url`. */
  readonly url?: string
  /** SHA-256 that the download must have, lower-case hex. */
  readonly sha256?: string
  /** URL template of a checksum file, for `source-url`. */
  readonly checksumUrl?: string
  /** URL template of a detached OpenPGP signature, for `source-url`. */
  readonly signatureUrl?: string
  /** What is signed: the download, or the file at `checksumUrl`. Default `artifact`. */
  readonly signatureOver?: 'artifact' | 'checksum-file'
  /** Format hint: `tar.gz`, `zip`, `binary`, …; magic bytes decide. */
  readonly format?: string
  /** False stores the download as it is, in the tree form. Default true: a `.tar.zst`. */
  readonly normalise?: boolean
  /** Raises what the source declares as its minimum. */
  readonly minimumTrust?: TrustLevel
  /** Which nodes get it, as `--node` takes them: names, groups, globs, `label=value`, `!` before each. Absent: all. */
  readonly to?: readonly string[]
  /** What is done with it on each node. */
  readonly onNode?: NodeTask
  /** For the node's shell when the package cannot be delivered: another way to come by it. */
  readonly fallback?: string
  /** The part of a toolset that asks for it; what `--only` names and reports sum up by. */
  readonly section?: string
  /** Free fields of the package's object in the config, for the plugin that understands them. */
  readonly extra?: Readonly<Record<string, unknown>>
}
