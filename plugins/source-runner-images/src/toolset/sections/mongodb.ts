import { MONGODB } from '../../resolvers/templates/image-tools.ts'
import type { Section } from '../section.ts'
import { versionSection } from './rows.ts'
import { bySystem, systemPackage, vendor } from './supplies.ts'
import { threeParts } from './versions.ts'

/** `mongodb`: a table in reports of Windows, with four parts; `mongod` on macOS. */
export const mongodb: Section = versionSection({
  section: 'mongodb',
  tool: 'mongodb',
  listing: {
    classes: ['table-tool', 'tool'],
    names: ['MongoDB', 'mongod'],
    rule: 'fits',
    version: threeParts,
  },
  supply: bySystem({ win32: vendor(MONGODB), linux: systemPackage, darwin: systemPackage }),
})
