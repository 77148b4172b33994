import type { Located } from '../../located.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { packageRows } from './rows.ts'
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
export function gemRows(section: string, gems: Located, image: ToolsetImage): Iterable<Wanted> {
  return packageRows({ section, names: NAMES, supply: gem }, gems, image)
}
