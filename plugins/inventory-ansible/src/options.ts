import type { NodeConfig, OptionsSchema } from '@pkgcache/core'

/** What every node of the inventory gets unless its own variables say otherwise. */
export type NodeDefaults = Pick<
  NodeConfig,
  'root' | 'sudo' | 'knownHosts' | 'hostKeys' | 'identityFile' | 'user' | 'proxyJump' | 'labels'
>

/** Options of inventory-ansible. */
export interface InventoryAnsibleOptions {
  /**
   * Inventory files (INI, YAML, JSON) or folders of them, as `ansible -i` takes them; relative to the config's folder,
   * `~` is the home folder. Later ones win. Without it the plugin knows of no nodes.
   */
  readonly files?: string | readonly string[]
  /** Only these hosts: names, groups, globs of either, any with `!` before it. Default: all. */
  readonly limit?: string | readonly string[]
  /** For all nodes; paths relative to the config's folder. Labels are joined, a node's own win. */
  readonly defaults?: NodeDefaults
}

const text = (description: string) => ({ type: 'string', minLength: 1, description })
const several = (description: string, pattern: string) => ({
  description,
  type: ['string', 'array'],
  minLength: 1,
  minItems: 1,
  pattern,
  items: { type: 'string', pattern, description },
})

export const schema: OptionsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  properties: {
    files: several('inventory files, or folders of them', '^[^\\0]+$'),
    limit: several('a host, a group or a glob of either, with or without ! before it', '^!?[^!=,\\s]+$'),
    defaults: {
      type: 'object',
      additionalProperties: false,
      description: 'for all nodes, unless their variables say otherwise',
      properties: {
        root: { ...text('an absolute folder on the nodes'), pattern: '^/' },
        sudo: { type: 'boolean', description: 'install with sudo' },
        knownHosts: text('known_hosts file'),
        hostKeys: { type: 'string', enum: ['strict', 'accept-new'] },
        identityFile: text('private key file'),
        user: text('who logs in'),
        proxyJump: text('hosts on the way: [user@]host[:port], separated by commas'),
        labels: {
          type: 'object',
          description: 'what key=value in to and --node chooses by',
          additionalProperties: { type: 'string' },
          propertyNames: { pattern: '^[^!=*?,\\s]+$' },
        },
      },
    },
  },
}
