import type { PkgcacheError } from '../errors/error.ts'
import type { PackageKey } from './names.ts'
import type { NodeFile } from './node.ts'

/** How things are with one declared package on one node. */
export interface NodePackage {
  readonly key: PackageKey
  /**
   * `present`: the declared bytes. `outdated`: another version, or other bytes. `missing`: none. `unknown`: not in the
   * store, so that nobody knows what it should be.
   */
  readonly state: 'present' | 'outdated' | 'missing' | 'unknown'
  /** Versions of that package on the node, those not declared too. */
  readonly versions: readonly string[]
}

/** How things are on one node. */
export interface NodeOverview {
  readonly node: string
  /** As stated in the config, or as the node says. */
  readonly arch?: string
  /** What is meant for this node, in the order of the config. */
  readonly packages: readonly NodePackage[]
  /** Files below its root that belong to no declared package. */
  readonly foreign: readonly NodeFile[]
  /** Why the node could not be asked. */
  readonly error?: PkgcacheError
}

/** How things are on the nodes. */
export interface NodesOverview {
  readonly nodes: readonly NodeOverview[]
  /** Faults of what plugins go by, a broken toolset say. */
  readonly errors: readonly PkgcacheError[]
  /** 1 when a node could not be asked, or what is declared has faults. */
  readonly exitCode: number
}
