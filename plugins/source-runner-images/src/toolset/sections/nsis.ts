import type { Section } from '../section.ts'
import { asTool, versionSection } from './rows.ts'
import { chocolatey } from './supplies.ts'

/** `nsis`: makes installers. */
export const nsis: Section = versionSection({
  section: 'nsis',
  tool: 'nsis',
  listing: asTool(['NSIS']),
  supply: chocolatey,
})
