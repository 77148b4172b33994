import type { Located } from '../../located.ts'
import { own } from '../../own.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { asTool, named, placed } from './rows.ts'
import { packageManager } from './supplies.ts'

/** Names in reports, where they are not the gem's own. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'nomad-cli': ['Nomad CLI', 'Nomad shenzhen CLI'],
  'xcode-install': ['xcversion'],
}

const gem = packageManager('RubyGems')

/** `rubygems`: on Ubuntu. */
export const rubygems: Section = {
  key: 'rubygems',
  rows: (value, image) => gemRows('rubygems', value, image),
}

/** Gems; texts, or objects with `name`. */
export function* gemRows(section: string, gems: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const entry of gems.list()) {
    const name = named(entry)
    if (name === undefined) continue
    const version = entry.isObject ? entry.get('version')?.text() : undefined
    yield {
      ...placed(section, entry, image),
      tool: name.text,
      requested: version ?? '*',
      listing: asTool(own(NAMES, name.text) ?? [name.text], version === undefined ? 'newest' : 'fits'),
      supply: gem(version ?? '*', image),
    }
  }
}
