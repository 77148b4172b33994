import type { Section } from '../section.ts'
import { asTool, told, versionRow } from './rows.ts'
import { systemPackage } from './supplies.ts'

/** `go.default`: the Go that is on the path of older macOS images. */
export const go: Section = {
  key: 'go',
  *rows(value, image) {
    const version = told(value, 'default')
    const listing = { ...asTool(['Go']), under: 'Language and Runtime' }
    if (version)
      yield versionRow({ section: 'go.default', tool: 'go', listing, supply: systemPackage }, version, image)
  },
}
