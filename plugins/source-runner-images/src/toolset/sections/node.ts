import type { Located } from '../../located.ts'
import { nodejs } from '../../resolvers/index.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { texts, versionRow } from './rows.ts'
import { packageManager } from './supplies.ts'

/** `node.default`: the Node.js that is on the path, from nodejs.org; on macOS up to 12 those of nvm beside it. */
export const node: Section = {
  key: 'node',
  *rows(value, image) {
    const { platform, arch } = image
    const kept = value.get('nvm_versions')
    if (kept) yield* nvmRows(kept, image)
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

const nvm = packageManager('nvm')

function* nvmRows(versions: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const version of texts(versions)) {
    yield versionRow(
      {
        section: 'node.nvm_versions',
        tool: 'node',
        name: 'nodejs',
        listing: { classes: ['list'], names: ['NVM - Cached node versions'], rule: 'fits' },
        supply: nvm,
      },
      version,
      image,
    )
  }
}
