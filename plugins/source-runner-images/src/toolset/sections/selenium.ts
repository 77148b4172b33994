import { SELENIUM, SELENIUM_STANDALONE } from '../../resolvers/templates/image-tools.ts'
import type { Section } from '../section.ts'
import { asTool, told, versionRow } from './rows.ts'
import { vendor } from './supplies.ts'

/** `selenium`: the server. `binary_name` says which file of the release, where it is not today's. */
export const selenium: Section = {
  key: 'selenium',
  *rows(value, image) {
    const version = told(value, 'version')
    const binary = value.get('binary_name')?.text()
    if (version === undefined) return
    const template = [SELENIUM, SELENIUM_STANDALONE].find(({ tool }) => tool === (binary ?? SELENIUM.tool))
    if (template === undefined)
      return void value.get('binary_name')?.fault('is no file of Selenium that is known')
    yield versionRow(
      {
        section: 'selenium',
        tool: 'selenium',
        name: template.tool,
        listing: asTool(['Selenium server']),
        supply: vendor(template),
      },
      version,
      image,
    )
  },
}
