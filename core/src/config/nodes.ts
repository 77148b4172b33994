import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { NodeConfig, NodeSpec } from '../model/node.ts'

const DEFAULT_ROOT = '/usr/local/src'

/** What is wrong with nodes that the schema cannot say. */
export function nodeFaults(nodes: readonly NodeConfig[]): string[] {
  const names = nodes.map(nodeName)
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  const nowhere = nodes.flatMap((node, index) =>
    node.host === undefined && node.root === undefined
      ? [`nodes[${index}]: needs a host, or a root for a folder of this machine`]
      : [],
  )
  return [...nowhere, ...[...twice].map((name) => `nodes: two are called "${name}"; give them a name each`)]
}

function nodeName(node: NodeConfig): string {
  return node.name ?? node.host ?? node.root ?? 'node'
}

/** A declared node with everything filled in. @param dir base of relative paths */
export function toNode(node: NodeConfig, dir: string): NodeSpec {
  const { identityFile, knownHosts, root, sudo, ...rest } = node
  return {
    ...rest,
    name: nodeName(node),
    // a node's own paths are the node's: only a folder of this machine is relative to the config
    root: root === undefined ? DEFAULT_ROOT : node.host === undefined ? expand(root, dir) : root,
    sudo: sudo ?? false,
    ...(identityFile !== undefined && { identityFile: expand(identityFile, dir) }),
    ...(knownHosts !== undefined && { knownHosts: expand(knownHosts, dir) }),
  }
}

/** `~/x` in the home folder; relative paths from the config file. */
export function expand(path: string, dir: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1))
  return resolve(dir, path)
}
