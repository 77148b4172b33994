import type { Section } from '../section.ts'
import { moduleRow } from './modules.ts'
import { listed, told } from './rows.ts'

/** `powershellModules`: of the PowerShell Gallery; without `versions` whatever was the newest. */
export const powershellModules: Section = {
  key: 'powershellModules',
  *rows(value, image) {
    for (const entry of value.list()) {
      const name = told(entry, 'name')
      if (name === undefined) continue
      const wanted = { section: 'powershellModules', tool: name.text, names: [name.text] }
      const versions = listed(entry, 'versions')
      if (versions.length === 0) yield moduleRow(wanted, { at: entry }, image)
      for (const version of versions) yield moduleRow(wanted, version, image)
    }
  },
}
