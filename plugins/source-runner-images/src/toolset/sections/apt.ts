import type { Located } from '../../located.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { members, named, placed } from './rows.ts'
import { apt as supply } from './supplies.ts'

/** `apt`: packages of Ubuntu, listed under their own names. */
export const apt: Section = {
  key: 'apt',
  rows(value, image) {
    const read = (list: Located) => aptRows(list, image)
    return members(value, { vital_packages: read, common_packages: read, cmd_packages: read })
  },
}

function* aptRows(packages: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const entry of packages.list()) {
    const name = named(entry)
    if (name === undefined) continue
    yield {
      ...placed('apt', entry, image),
      tool: name.text,
      requested: '*',
      listing: { classes: ['apt'], names: [name.text], rule: 'newest' },
      supply: supply('*', image),
    }
  }
}
