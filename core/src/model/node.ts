import { PkgcacheError } from '../errors/error.ts'
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
  /** Folder that holds `<name>/<file>`. Default `/usr/local/src`. */
  readonly root: string
  /** Install with `sudo` into a root that the user cannot write. */
  readonly sudo: boolean
  /** Only artifacts of this arch are sent. Absent: all. */
  readonly arch?: string
}

/** True when an artifact is meant for a node: it has the node's arch, or the node states none. */
export function isFor(node: NodeSpec, artifact: { readonly arch: string }): boolean {
  return node.arch === undefined || node.arch === artifact.arch
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
}

/** How a delivery ended. */
export interface Placement {
  /** `present`: the node already held these bytes, checked there. `sent`: they were sent and checked there. */
  readonly state: 'present' | 'sent'
  /** Payload bytes that went over the wire. */
  readonly sentBytes: number
}

/** Nodes by their names. @throws E_USAGE for a name that is not configured */
export function nodesCalled(names: readonly string[], nodes: readonly NodeSpec[]): NodeSpec[] {
  return names.map((name) => {
    const node = nodes.find((candidate) => candidate.name === name)
    if (node) return node
    throw new PkgcacheError('E_USAGE', `there is no node called ${JSON.stringify(name)}`, {
      hint: `configured nodes: ${nodes.map((candidate) => candidate.name).join(', ') || 'none'}`,
    })
  })
}
