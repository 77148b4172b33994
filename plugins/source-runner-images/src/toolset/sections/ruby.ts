import type { Section } from '../section.ts'
import { asTool, members, toldAt, versionRow } from './rows.ts'
import { gemRows } from './rubygems.ts'
import { homebrew } from './supplies.ts'

/** `ruby`: on macOS the Ruby that is on the path, and its gems. */
export const ruby: Section = {
  key: 'ruby',
  rows: (value, image) =>
    members(value, {
      *default(at) {
        const version = toldAt(at)
        const listing = { ...asTool(['Ruby']), under: 'Language and Runtime' }
        if (version)
          yield versionRow(
            { section: 'ruby.default', tool: 'ruby', listing, supply: homebrew },
            version,
            image,
          )
      },
      rubygems: (gems) => gemRows('ruby.rubygems', gems, image),
    }),
}
