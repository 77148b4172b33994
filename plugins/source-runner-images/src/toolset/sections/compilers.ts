import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { type Told, texts, told } from './rows.ts'

/** A section that lists versions of a compiler: `{ "versions": [ … ] }`. */
export function compilerSection(key: string, row: (version: Told, image: ToolsetImage) => Wanted): Section {
  return {
    key,
    *rows(value, image) {
      const versions = value.get('versions')
      if (versions === undefined) return void told(value, 'versions')
      for (const version of texts(versions)) yield row(version, image)
    },
  }
}
