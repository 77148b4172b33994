import { nodejs } from '../../resolvers/index.ts'
import type { Section } from '../section.ts'

/** `node.default`: the Node.js that is on the path, from nodejs.org. */
export const node: Section = {
  key: 'node',
  *rows(value, { platform, arch }) {
    const at = value.get('default')
    const requested = at?.text()
    if (at === undefined || requested === undefined) return void value.fault('has no default')
    yield {
      section: 'node.default',
      tool: 'node',
      // the tool cache has a package of that name, made of other files
      name: 'nodejs',
      requested,
      platform,
      arch,
      path: at.path,
      listing: { classes: ['tool'], names: ['Node', 'Node.js'], under: 'Language and Runtime', rule: 'fits' },
      supply: {
        kind: 'resolver',
        resolver: nodejs,
        query: { tool: 'node', spec: requested, platform, arch },
      },
    }
  },
}
