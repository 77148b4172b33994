import { MYSQL } from '../../resolvers/templates/image-tools.ts'
import type { Section } from '../section.ts'
import { asTool, type VersionRow, versionSection } from './rows.ts'
import { bySystem, systemPackage, vendor } from './supplies.ts'
import { threeParts } from './versions.ts'

const ROW = {
  tool: 'mysql',
  listing: { ...asTool(['MySQL']), version: threeParts },
  supply: bySystem({ win32: vendor(MYSQL), linux: systemPackage, darwin: systemPackage }),
} as const satisfies Omit<VersionRow, 'section'>

/** `mysql`: its client; four parts in reports of Windows, a Debian revision in those of Ubuntu. */
export const mysql: Section = versionSection({ ...ROW, section: 'mysql' })

/** As the toolset of Windows 2016 spells it. */
export const mysqlOf2016: Section = versionSection({ ...ROW, section: 'Mysql' })
