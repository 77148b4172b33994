import type { Section } from '../section.ts'
import { named, placed } from './rows.ts'

/** `windowsFeatures`: parts of Windows that are turned on. */
export const windowsFeatures: Section = {
  key: 'windowsFeatures',
  *rows(value, image) {
    for (const entry of value.list()) {
      const name = named(entry)
      if (name === undefined) continue
      yield {
        ...placed('windowsFeatures', entry, image),
        tool: name.text,
        requested: '*',
        supply: { kind: 'nothing', reason: 'a feature of Windows, which is turned on' },
      }
    }
  },
}
