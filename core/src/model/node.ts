import { isSameMachine } from './arch.ts'

/** What to do with a host key that nobody recorded for the node: refuse it, or record it at the first meeting. */
export type HostKeyPolicy = 'strict' | 'accept-new'

/** A node as it is declared: a machine with `host`, or a folder of this machine without one. */
export interface NodeConfig {
  /** Default: the host, else the root. */
  readonly name?: string
  readonly host?: string
  /** Default 22. */
  readonly port?: number
  /** Default: the local user's name. */
  readonly user?: string
  /** Private key file; `~` is the home folder. */
  readonly identityFile?: string
  /** Default `~/.ssh/known_hosts`. */
  readonly knownHosts?: string
  /** Default `strict`. `accept-new` records the key of a node that is not known yet. */
  readonly hostKeys?: HostKeyPolicy
  /** Hosts on the way, as `ssh -J` takes them. */
  readonly proxyJump?: string
  /** Default `/usr/local/src`. */
  readonly root?: string
  /** Default false. */
  readonly sudo?: boolean
  /** Send only artifacts of this arch. Default: the node is asked. */
  readonly arch?: string
  /** Names that `to` of a package and `--node` choose by. */
  readonly groups?: readonly string[]
  /** What `key=value` in `to` and `--node` chooses by. */
  readonly labels?: Readonly<Record<string, string>>
}

/** A machine or folder that gets artifacts. */
export interface NodeSpec {
  /** Unique in a run; what messages and `--node` call it. */
  readonly name: string
  /** Name or address. Absent: a folder of this machine, for `transport-local`. */
  readonly host?: string
  readonly port?: number
  readonly user?: string
  /** Private key file; `~` allowed. */
  readonly identityFile?: string
  /** known_hosts file; `~` allowed. Default `~/.ssh/known_hosts`. */
  readonly knownHosts?: string
  /** Default `strict`. A changed or revoked key is refused in either case. */
  readonly hostKeys?: HostKeyPolicy
  /** Hosts on the way, as `ssh -J` takes them: `[user@]host[:port]`, several separated by commas. */
  readonly proxyJump?: string
  /** Folder that holds `<name>/<file>`. Default `/usr/local/src`. */
  readonly root: string
  /** Install with `sudo` into a root that the user cannot write. */
  readonly sudo: boolean
  /** Only artifacts of this arch are sent. Absent: the node is asked, and gets all when it cannot tell. */
  readonly arch?: string
  /** Names that `to` and `--node` choose by. */
  readonly groups?: readonly string[]
  /** What `key=value` in `to` and `--node` chooses by. */
  readonly labels?: Readonly<Record<string, string>>
}

/** True when an artifact is meant for a node: it has the node's arch, by any of its names, or the node states none. */
export function isFor(node: Pick<NodeSpec, 'arch'>, artifact: { readonly arch: string }): boolean {
  return node.arch === undefined || isSameMachine(node.arch, artifact.arch)
}

/** What a transport is asked to put on a node. */
export interface Delivery {
  /** Absolute local path. */
  readonly file: string
  /** Path on the node below its root, e.g. `runc/runc-1.3.0-amd64.tar.zst`; every segment is a checked name. */
  readonly remotePath: string
  /** Bytes. */
  readonly size: number
  /** Hex; what the node must hold in the end. */
  readonly sha256: string
  /** True: what the node remembers of this file's digest does not count, its bytes are read. Default false. */
  readonly rehash?: boolean
}

/** How a delivery ended. */
export interface Placement {
  /** `present`: the node already held these bytes, checked there. `sent`: they were sent and checked there. */
  readonly state: 'present' | 'sent'
  /** Payload bytes that went over the wire. */
  readonly sentBytes: number
}

/** What is done with an artifact once it is on a node. */
export interface NodeTask {
  /**
   * Absolute folder on the node. The archive is unpacked into `<extractTo>/<version>`, and the link
   * `<extractTo>/current` is switched to it in one step.
   */
  readonly extractTo?: string
  /** Leading path components that are dropped from the members' names. Default 0. */
  readonly strip?: number
  /** For the node's shell, after the switch, in the unpacked folder. Not repeated when nothing changed. */
  readonly command?: string
}

/** A file below a node's root. */
export interface NodeFile {
  /** Below the root, as in a `Delivery`. */
  readonly remotePath: string
  /** Bytes. */
  readonly size: number
  /** True when pkgcache put it there; false when nobody knows. */
  readonly delivered: boolean
}
