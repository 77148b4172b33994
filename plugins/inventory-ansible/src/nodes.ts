import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { idlePatterns, isChosen, type NodeConfig, type PluginContext } from '@pkgcache/core'
import { Files } from './files.ts'
import { toNodeConfig } from './host-config.ts'
import type { Host } from './inventory.ts'
import { Notes } from './notes.ts'
import type { InventoryAnsibleOptions } from './options.ts'
import { ReadInventory } from './read.ts'

/**
 * The nodes of Ansible inventories.
 * @param dir base of relative paths
 * @throws E_INVENTORY with every fault of every file, E_ABORTED
 */
export async function nodesOf(
  sources: readonly string[],
  dir: string,
  ctx: Pick<PluginContext, 'logger' | 'signal' | 'secret'>,
  options: InventoryAnsibleOptions,
): Promise<NodeConfig[]> {
  const { defaults = {}, limit } = options
  const notes = new Notes()
  const files = new Files(dir, notes, ctx.signal)
  const read = await ReadInventory.of(
    sources.map((source) => absolute(source, dir)),
    files,
    notes,
  )
  const nodes: NodeConfig[] = []
  for (const host of chosen(read, limit === undefined ? undefined : [limit].flat(), notes)) {
    const groups = namesOfGroups(read, host)
    const facts = { name: host.name, at: host.at, groups, vars: await read.varsOf(host) }
    const node = toNodeConfig(facts, { defaults, notes, secret: (text) => ctx.secret(text) })
    if (node !== undefined) nodes.push(node)
  }
  if (read.inventory.hosts.size === 0) notes.warn(`no hosts in ${sources.join(', ')}`)
  for (const warning of notes.warnings()) ctx.logger.warn(warning)
  notes.settle()
  return nodes
}

function absolute(path: string, dir: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(dir, path)
}

function namesOfGroups(read: ReadInventory, host: Host): string[] {
  const names = read.groupsOf(host).map(({ name }) => name)
  return names.filter((name) => name !== 'ungrouped').sort()
}

function chosen(read: ReadInventory, limit: readonly string[] | undefined, notes: Notes): Host[] {
  const hosts = [...read.inventory.hosts.values()]
  if (limit === undefined) return hosts
  const known = hosts.map((host) => ({ name: host.name, groups: namesOfGroups(read, host) }))
  for (const idle of idlePatterns(limit, known))
    notes.fault('limit', `no host or group is called ${JSON.stringify(idle)}`)
  return hosts.filter((_, index) => {
    const one = known[index]
    return one !== undefined && isChosen(one, limit)
  })
}
