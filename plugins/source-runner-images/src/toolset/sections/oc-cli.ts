import { OPENSHIFT } from '../../resolvers/templates/image-tools.ts'
import type { Section } from '../section.ts'
import { asTool, versionSection } from './rows.ts'
import { vendor } from './supplies.ts'

/** `ocCli`: OpenShift's command. */
export const ocCli: Section = versionSection({
  section: 'ocCli',
  tool: 'ocCli',
  name: 'openshift-client',
  listing: asTool(['OpenShift CLI']),
  supply: vendor(OPENSHIFT),
})
