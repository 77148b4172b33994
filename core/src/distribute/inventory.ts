import { nodeFaults, toNode } from '../config/nodes.ts'
import { explainFaults } from '../config/schema-faults.ts'
import { PkgcacheError } from '../errors/error.ts'
import type { NodeConfig, NodeSpec } from '../model/node.ts'
import { chooseNodes } from '../model/select.ts'
import type { Inventory, InventoryRequest } from '../plugins/types.ts'
import { callScope, presentable, type RunContext } from '../run/context.ts'
import type { Schemas } from '../schemas.ts'

/** Where the nodes of a run are looked for. */
export interface NodeQuestion extends InventoryRequest {
  /** Those of the config; they come first. */
  readonly configured: readonly NodeSpec[]
  /** What `--node` says; absent: all. */
  readonly patterns: readonly string[] | undefined
  readonly schemas: Schemas
}

/** The nodes there are, and those of them that are chosen. */
export interface FoundNodes {
  readonly all: readonly NodeSpec[]
  readonly chosen: readonly NodeSpec[]
}

/**
 * The nodes of the config and of all inventories, and those chosen.
 * @throws E_INVENTORY for an inventory that cannot be read or holds faulty nodes, E_USAGE for a pattern nothing matches
 */
export async function findNodes(question: NodeQuestion, run: RunContext): Promise<FoundNodes> {
  const { dir, configured, patterns, schemas } = question
  const { answers, errors } = await run.host.collect<Inventory>('inventory', { dir }, callScope(run))
  const [first] = errors
  if (first !== undefined) throw presentable(first, run)
  const found = answers.flatMap(({ plugin, value }) => checked(plugin, value.nodes, dir, schemas))
  const nodes = [...configured, ...found]
  const twice = nodes.find((node, index) => nodes.findIndex(({ name }) => name === node.name) !== index)
  if (twice !== undefined) {
    throw new PkgcacheError('E_INVENTORY', `two nodes are called ${JSON.stringify(twice.name)}`, {
      hint: 'leave it out of the config or of one of the inventories',
    })
  }
  return { all: nodes, chosen: patterns === undefined ? nodes : chooseNodes(patterns, nodes) }
}

function checked(plugin: string, nodes: readonly NodeConfig[], dir: string, schemas: Schemas): NodeSpec[] {
  const validate = schemas.validator('config')
  const faults = validate({ nodes }) ? nodeFaults(nodes) : explainFaults(validate.errors ?? [], 'key')
  if (faults.length === 0) return nodes.map((node) => toNode(node, dir))
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
  throw new PkgcacheError('E_INVENTORY', `its nodes have ${count}`, { faults, plugin, stage: 'inventory' })
}
