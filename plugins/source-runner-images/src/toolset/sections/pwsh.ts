import { PWSH } from '../../resolvers/templates/image-tools.ts'
import type { Section } from '../section.ts'
import { asTool, versionSection } from './rows.ts'
import { vendor } from './supplies.ts'

/** `pwsh`: PowerShell itself. */
export const pwsh: Section = versionSection({
  section: 'pwsh',
  tool: 'pwsh',
  listing: asTool(['PowerShell', 'PowerShell Core']),
  supply: vendor(PWSH),
})
