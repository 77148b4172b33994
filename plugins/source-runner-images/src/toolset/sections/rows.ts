import type { Located } from '../../located.ts'
import { own } from '../../own.ts'
import type { Listing, Section, Supply, ToolsetImage, Wanted } from '../section.ts'

/** A text with its place. */
export interface Told {
  readonly at: Located
  readonly text: string
}

/** A member that must be there and be a text; what is not is told. */
export function told(of: Located, key: string): Told | undefined {
  const at = of.get(key)
  if (at === undefined) return of.fault(`has no ${key}`)
  return toldAt(at)
}

/** A text that must not be empty; what is not is told. */
export function toldAt(at: Located): Told | undefined {
  const text = at.text()?.trim()
  if (text === '') return at.fault('is empty')
  return text === undefined ? undefined : { at, text }
}

/** The texts of a list; elements that are none are told. */
export function* texts(list: Located): Iterable<Told> {
  for (const at of list.list()) {
    const element = toldAt(at)
    if (element) yield element
  }
}

/** The texts of a list that may be there. */
export function listed(of: Located, key: string): Told[] {
  const list = of.get(key)
  return list ? [...texts(list)] : []
}

/** An element that is a text, or an object that has it as `key`. */
export function named(at: Located, key = 'name'): Told | undefined {
  return at.isObject ? told(at, key) : toldAt(at)
}

// notes of those who keep the toolsets, and what only the image's own tests need
const SILENT = ['pinnedDetails', 'signature']

/** Reads each member of an object by a table; those that are not in it are told. */
export function* members(
  of: Located,
  readers: Readonly<Record<string, (value: Located, key: string) => Iterable<Wanted>>>,
): Iterable<Wanted> {
  for (const [key, value] of of.entries()) {
    const reader = own(readers, key)
    if (reader) yield* reader(value, key)
    else if (!SILENT.includes(key)) value.fault('is not known; nothing of it is looked for')
  }
}

/** What every row of a section has: where it stands, and the machine. */
export function placed(
  section: string,
  at: Located,
  { platform, arch }: ToolsetImage,
): Pick<Wanted, 'section' | 'platform' | 'arch' | 'path'> {
  return { section, platform, arch, path: at.path }
}

/** A tool as reports list most of them, under the first of its names that is there. */
export function asTool(names: readonly string[], rule: Listing['rule'] = 'fits'): Listing {
  return { classes: ['tool'], names, rule }
}

/** A row of a tool that is asked for by one version. */
export interface VersionRow {
  readonly section: string
  readonly tool: string
  readonly name?: string
  /** Absent: reports never list it. */
  readonly listing?: Listing | undefined
  /** By what is asked for. */
  supply(spec: string, image: ToolsetImage): Supply
}

/** The row of a version that stands at a place. */
export function versionRow(row: VersionRow, { at, text }: Told, image: ToolsetImage): Wanted {
  const { section, tool, name, listing } = row
  return {
    ...placed(section, at, image),
    tool,
    ...(name !== undefined && { name }),
    requested: text,
    ...(listing && { listing }),
    supply: row.supply(text, image),
  }
}

/** A section that is `{ "version": … }`. */
export function versionSection(row: VersionRow): Section {
  return {
    key: row.section,
    *rows(value, image) {
      const version = told(value, 'version')
      if (version) yield versionRow(row, version, image)
    },
  }
}

/** Packages that a package manager brings. */
export interface PackageRows {
  readonly section: string
  /** Names in reports, where they are not the package's own. */
  readonly names: Readonly<Record<string, readonly string[]>>
  /** The name of an element; what is none is told. Default: a text, or an object with `name`. */
  name?(entry: Located): Told | undefined
  supply(spec: string, image: ToolsetImage): Supply
}

/** The rows of a list of packages: one with a `version` in that version, the others in the newest. */
export function* packageRows(packages: PackageRows, list: Located, image: ToolsetImage): Iterable<Wanted> {
  const { section, names, name: nameOf = named } = packages
  for (const entry of list.list()) {
    const name = nameOf(entry)
    if (name === undefined) continue
    const version = entry.get('version')?.text()
    yield {
      ...placed(section, entry, image),
      tool: name.text,
      requested: version ?? '*',
      listing: asTool(own(names, name.text) ?? [name.text], version === undefined ? 'newest' : 'fits'),
      supply: packages.supply(version ?? '*', image),
    }
  }
}
