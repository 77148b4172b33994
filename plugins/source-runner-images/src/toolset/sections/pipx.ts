import type { Section } from '../section.ts'
import { packageRows, told } from './rows.ts'
import { packageManager } from './supplies.ts'

/** Names in reports, where they are not the package's own. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'ansible-core': ['Ansible'],
  'aws-sam-cli': ['AWS SAM CLI'],
}

const pip = packageManager('pipx')

/** `pipx`: commands written in Python; each an object with `package`. */
export const pipx: Section = {
  key: 'pipx',
  rows: (value, image) =>
    packageRows(
      { section: 'pipx', names: NAMES, name: (entry) => told(entry, 'package'), supply: pip },
      value,
      image,
    ),
}
