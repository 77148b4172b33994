import type { Located } from '../../located.ts'
import { own } from '../../own.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { asTool, members, named, placed } from './rows.ts'
import { homebrew } from './supplies.ts'

/** Names in reports, where they are not the formula's own. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'aliyun-cli': ['Aliyun CLI'],
  ant: ['Apache Ant'],
  'azure-cli': ['Azure CLI'],
  gh: ['GitHub CLI'],
  'gnu-tar': ['GNU Tar'],
  gnupg: ['gpg (GnuPG)'],
  gradle: ['Gradle'],
  libpq: ['psql (PostgreSQL)'],
  maven: ['Apache Maven'],
  node: ['Node.js'],
  p7zip: ['7-Zip'],
  subversion: ['Subversion (SVN)'],
  'tcl-tk': ['Tcl/Tk'],
  wget: ['GNU Wget'],
}

/** `brew`: on macOS by kind; on Ubuntu a list, mostly empty. */
export const brew: Section = {
  key: 'brew',
  rows(value, image) {
    const read = (list: Located) => brewRows(list, image)
    if (value.isList) return read(value)
    return members(value, { common_packages: read, cask_packages: read, compilable_packages: read })
  },
}

/** A formula may have its version in its name: `tcl-tk@8`. */
function* brewRows(packages: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const entry of packages.list()) {
    const name = named(entry)
    if (name === undefined) continue
    const [formula = name.text, version] = name.text.split('@')
    yield {
      ...placed('brew', entry, image),
      tool: name.text,
      requested: version ?? '*',
      listing: asTool(own(NAMES, formula) ?? [formula], version === undefined ? 'newest' : 'fits'),
      supply: homebrew(version ?? '*', image),
    }
  }
}
