import type { Section, Supply } from '../section.ts'
import { told, versionRow } from './rows.ts'
import { bySystem, floating, systemPackage } from './supplies.ts'

const INSTALLERS = 'https://get.enterprisedb.com/postgresql'
const PAGE = 'https://www.enterprisedb.com/downloads/postgres-postgresql-downloads'

/**
 * `postgresql`: a table in reports of Windows. Its installer has a revision of its own, which the images find by asking
 * for one after the other; `17.5.1` in a toolset means the installer 17.5-1.
 */
export const postgresql: Section = {
  key: 'postgresql',
  *rows(value, image) {
    const version = told(value, 'version')
    if (version === undefined) return
    const [, spec, revision] = /^(\d+\.\d+)\.(\d+)$/.exec(version.text) ?? []
    yield versionRow(
      {
        section: 'postgresql',
        tool: 'postgresql',
        listing: {
          classes: ['table-tool', 'tool'],
          names: ['PostgreSQL'],
          rule: 'fits',
          ...(spec !== undefined && { spec }),
        },
        supply: bySystem({
          win32: () => installer(spec, revision),
          linux: systemPackage,
          darwin: systemPackage,
        }),
      },
      version,
      image,
    )
  },
}

function installer(version: string | undefined, revision: string | undefined): Supply {
  if (version === undefined || revision === undefined)
    return floating('its installer has a revision of its own (17.5-1), which has to be tried out', PAGE)
  const url = `${INSTALLERS}/postgresql-${version}-${revision}-windows-x64.exe`
  return { kind: 'toolset', version: `${version}-${revision}`, url }
}
