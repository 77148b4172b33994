import { OPENSSL } from '../../resolvers/templates/image-tools.ts'
import type { Section } from '../section.ts'
import { asTool, versionSection } from './rows.ts'
import { bySystem, systemPackage, vendor } from './supplies.ts'

/** `openssl`: on Windows the installers of Shining Light Productions. */
export const openssl: Section = versionSection({
  section: 'openssl',
  tool: 'openssl',
  listing: asTool(['OpenSSL']),
  supply: bySystem({ win32: vendor(OPENSSL), linux: systemPackage, darwin: systemPackage }),
})
