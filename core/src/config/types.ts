import type { NodeConfig, NodeTask } from '../model/node.ts'
import type { TrustLevel } from '../model/trust.ts'
import type { Plugin } from '../plugins/types.ts'

/** A package as a config declares it. Further fields reach the source plugin as `request.extra`. */
export interface PackageConfig {
  readonly name: string
  /** Required unless a plugin declares what the package is. */
  readonly version: string
  readonly platform?: string
  /** One arch or several; each becomes an artifact of its own. Default: the config's `arch`. */
  readonly arch?: string | readonly string[]
  /** URL template: `{name} {version} {arch} {platform}`. Sends the package to `source-url`. */
  readonly url?: string
  /** SHA-256 of the download, hex. */
  readonly sha256?: string
  /** URL template of a checksum file. */
  readonly checksumUrl?: string
  /** URL template of a detached OpenPGP signature, armored or binary. */
  readonly signatureUrl?: string
  /** What is signed. Default `artifact`; `checksum-file` without a `signatureUrl`: that file is clear-signed. */
  readonly signatureOver?: 'artifact' | 'checksum-file'
  /** `tar`, `tar.gz`, `tar.bz2`, `tar.xz`, `tar.zst`, `zip` or `binary`: a hint, magic bytes decide. */
  readonly format?: string
  /** False keeps the download as it is. Default true. */
  readonly normalise?: boolean
  readonly trust?: { readonly minimum: TrustLevel }
  /** Nodes that get it: names, groups, globs of them, `label=value`, any with `!` before it. Default: all nodes. */
  readonly to?: string | readonly string[]
  /** What is done with it on each node: unpack it, switch `current` to it, run a command. */
  readonly onNode?: NodeTask
  /** Command for the node when the package cannot be delivered. */
  readonly fallback?: string
  /** A group of packages of one's own: what `--only` names, and reports sum up by. */
  readonly section?: string
  readonly [field: string]: unknown
}

/** How artifacts get to the nodes. */
export interface DistributeConfig {
  /** `tree`: a node that has a file sends it to the next ones. Default `direct`. */
  readonly via?: 'direct' | 'tree'
  /** Nodes that this machine, and each node after it, sends one file to. Default 2. */
  readonly fanout?: number
  /**
   * For `tree`, how a node logs in to the next: absolute path of a private key on the nodes. Default: the key that this
   * machine logs in with is lent to it through agent forwarding, for the one transfer.
   */
  readonly identityFile?: string
}

/** How many things go on at once. */
export interface ConcurrencyConfig {
  /** Resolver requests. Default 16. */
  readonly resolve?: number
  /** Downloads. Default 6. */
  readonly fetch?: number
  /** Downloads from one host. Default 4. */
  readonly perHost?: number
  /** Archives being repacked. Default: the number of processors. */
  readonly normalise?: number
  /** Nodes being written to. Default 8. */
  readonly nodes?: number
}

/** Caps against what upstream sends; bytes unless said otherwise. */
export interface LimitsConfig {
  /** Of one download. Default 16 GiB. */
  readonly downloadBytes?: number
  /** Members of one archive. Default 200,000. */
  readonly entries?: number
  /** Contents of one archive together. Default 32 GiB. */
  readonly unpackedBytes?: number
  /** Contents ÷ download, counted once contents exceed 64 MiB. Default 200. */
  readonly ratio?: number
}

/** `pkgcache.config.*` (schema `config.json`). */
export interface Config {
  /** For editors. */
  readonly $schema?: string
  /** Folder of the store, relative to the config file. Default `$PKGCACHE_HOME/cache/packages`. */
  readonly store?: string
  /** Default `linux`. */
  readonly platform?: string
  /** Default: this machine's, in Go's spelling (`amd64`, `arm64`). */
  readonly arch?: string | readonly string[]
  /** `'name@version'` or objects. */
  readonly packages?: readonly (string | PackageConfig)[]
  /** URL prefix → prefixes tried in order instead; the longest matching prefix counts. Then the origin. */
  readonly mirrors?: Readonly<Record<string, readonly string[]>>
  /** True: never ask the origin of a URL that has mirrors. Default false. */
  readonly mirrorsOnly?: boolean
  readonly nodes?: readonly NodeConfig[]
  readonly distribute?: DistributeConfig
  readonly concurrency?: ConcurrencyConfig
  readonly limits?: LimitsConfig
  readonly trust?: { readonly minimum?: TrustLevel }
  /** Added to the default set; one with the name of a default plugin takes its place. */
  readonly plugins?: readonly Plugin[]
}

/** A config, or a function that makes one (it may wait for something). */
export type ConfigExport = Config | (() => Config | Promise<Config>)
