import { own } from '../../own.ts'
import type { Section } from '../section.ts'
import { asTool, placed, told } from './rows.ts'
import { packageManager } from './supplies.ts'

/** Names in reports, where they are not the package's own. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'ansible-core': ['Ansible'],
  'aws-sam-cli': ['AWS SAM CLI'],
}

const pip = packageManager('pipx')

/** `pipx`: commands written in Python. */
export const pipx: Section = {
  key: 'pipx',
  *rows(value, image) {
    for (const entry of value.list()) {
      const name = told(entry, 'package')
      if (name === undefined) continue
      const version = entry.get('version')?.text()
      yield {
        ...placed('pipx', entry, image),
        tool: name.text,
        requested: version ?? '*',
        listing: asTool(own(NAMES, name.text) ?? [name.text], version === undefined ? 'newest' : 'fits'),
        supply: pip(version ?? '*', image),
      }
    }
  },
}
