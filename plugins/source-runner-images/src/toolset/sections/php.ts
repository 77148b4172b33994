import type { Section } from '../section.ts'
import { texts, told, type VersionRow, versionRow } from './rows.ts'
import { systemPackage } from './supplies.ts'

// windows.php.net moves a release to another folder when the next one comes, so Chocolatey alone knows where it is
const ROW: VersionRow = {
  section: 'php',
  tool: 'php',
  listing: { classes: ['tool', 'list'], names: ['PHP'], rule: 'fits' },
  supply: systemPackage,
}

/** `php`: one version on Windows and macOS, several beside each other on Ubuntu. */
export const php: Section = {
  key: 'php',
  *rows(value, image) {
    const list = value.get('versions')
    const versions = list ? texts(list) : [told(value, 'version')]
    for (const version of versions) if (version) yield versionRow(ROW, version, image)
  },
}
