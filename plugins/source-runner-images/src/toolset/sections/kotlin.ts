import { KOTLIN } from '../../resolvers/templates/image-tools.ts'
import type { Section } from '../section.ts'
import { asTool, versionSection } from './rows.ts'
import { vendor } from './supplies.ts'

/** `kotlin`: the compiler. Reports of Ubuntu and macOS say `2.2.20-release-333`. */
export const kotlin: Section = versionSection({
  section: 'kotlin',
  tool: 'kotlin',
  listing: { ...asTool(['Kotlin']), version: (listed) => listed.replace(/-release-\d+$/, '') },
  supply: vendor(KOTLIN),
})
