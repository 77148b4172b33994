import type { Located } from '../../located.ts'
import { own } from '../../own.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { asTool, members, named, placed } from './rows.ts'
import { packageManager } from './supplies.ts'

/** Names in reports, where they are not the package's own. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'appcenter-cli': ['App Center CLI'],
  'netlify-cli': ['Netlify CLI'],
  'parcel-bundler': ['Parcel'],
  vercel: ['Vercel CLI'],
}

const npmClient = packageManager('npm')

/** `npm.global_packages`: on Windows and older macOS. */
export const npm: Section = {
  key: 'npm',
  rows: (value, image) => members(value, { global_packages: (list) => npmRows('npm', list, image) }),
}

/** Packages of npm; each an object with `name`. */
export function* npmRows(section: string, packages: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const entry of packages.list()) {
    const name = named(entry)
    if (name === undefined) continue
    const version = entry.isObject ? entry.get('version')?.text() : undefined
    yield {
      ...placed(section, entry, image),
      tool: name.text,
      requested: version ?? '*',
      listing: asTool(own(NAMES, name.text) ?? [name.text], version === undefined ? 'newest' : 'fits'),
      supply: npmClient(version ?? '*', image),
    }
  }
}
