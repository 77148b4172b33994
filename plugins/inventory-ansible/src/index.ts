import { defineInventory } from '@pkgcache/core'
import { type InventoryAnsibleOptions, schema } from './options.ts'

export type { InventoryAnsibleOptions, NodeDefaults } from './options.ts'

/** Parsers are loaded where there is an inventory to read. */
const load = () => import('./nodes.ts')

/** Nodes from Ansible inventories: files in INI, YAML or JSON, and the variables beside them. */
export default defineInventory<InventoryAnsibleOptions>({
  name: 'inventory-ansible',
  schema,
  async nodes({ dir }, ctx, options) {
    const { files } = options
    if (files === undefined) return undefined
    const { nodesOf } = await load()
    return nodesOf([files].flat(), dir, ctx, options)
  },
})
