import type { Section } from '../section.ts'
import { asTool, versionSection } from './rows.ts'
import { vendor } from './supplies.ts'

/** `cmake`: on newer Ubuntu. */
export const cmake: Section = versionSection({
  section: 'cmake',
  tool: 'cmake',
  listing: asTool(['CMake']),
  supply: vendor('CMake'),
})
