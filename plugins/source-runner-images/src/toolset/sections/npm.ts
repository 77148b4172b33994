import type { Located } from '../../located.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { members, packageRows } from './rows.ts'
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
export function npmRows(section: string, packages: Located, image: ToolsetImage): Iterable<Wanted> {
  return packageRows({ section, names: NAMES, supply: npmClient }, packages, image)
}
