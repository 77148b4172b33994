import type { Located } from '../../located.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { asTool, toldAt, type VersionRow, versionRow, versionSection } from './rows.ts'
import { vendor } from './supplies.ts'

const ROW = {
  tool: 'maven',
  listing: asTool(['Maven', 'Apache Maven']),
  supply: vendor('Maven'),
} as const satisfies Omit<VersionRow, 'section'>

/** `maven`: on Windows. */
export const maven: Section = versionSection({ ...ROW, section: 'maven' })

/** The row of a version of Maven that another section has: `java.maven` on Ubuntu. */
export function* mavenRows(at: Located, image: ToolsetImage, section: string): Iterable<Wanted> {
  const version = toldAt(at)
  if (version) yield versionRow({ ...ROW, section }, version, image)
}
