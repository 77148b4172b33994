import type { Located } from '../../located.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { named, placed } from './rows.ts'
import { floating } from './supplies.ts'

/** `vsix`: extensions of Visual Studio by their ids on its marketplace; today below `visualStudio`. */
export const vsix: Section = { key: 'vsix', rows: vsixRows }

/** Extensions: texts, or objects with `name`. */
export function* vsixRows(ids: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const entry of ids.list()) {
    const id = named(entry)
    if (id === undefined) continue
    const page = `https://marketplace.visualstudio.com/items?itemName=${encodeURIComponent(id.text)}`
    yield {
      ...placed('vsix', entry, image),
      tool: id.text,
      requested: '*',
      listing: { classes: ['vs-component'], names: [id.text], rule: 'newest' },
      supply: floating('the marketplace gives whatever is the newest', page),
    }
  }
}
