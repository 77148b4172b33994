import type { Located } from '../../located.ts'
import type { Section, Supply, ToolsetImage, Wanted } from '../section.ts'
import { monoUrl } from './mono.ts'
import { asTool, listed, members, placed, texts, toldAt } from './rows.ts'
import { floating } from './supplies.ts'

const ended: Supply = floating('its support ended in 2024; its URLs hold more than the version')

/** `xamarin`: on macOS up to 12. Bundles only name what the lists have. */
export const xamarin: Section = {
  key: 'xamarin',
  rows(value, image) {
    const list = (tool: string) => (at: Located) => versionRows(tool, at, image)
    return members(value, {
      vsmac: (at) => studioRows(at, image),
      'mono-versions': list('mono'),
      'ios-versions': list('ios'),
      'mac-versions': list('mac'),
      'android-versions': list('android'),
      'bundle-default': () => [],
      bundles: () => [],
    })
  },
}

function* versionRows(tool: string, versions: Located, image: ToolsetImage): Iterable<Wanted> {
  const isMono = tool === 'mono'
  for (const { at, text } of texts(versions)) {
    yield {
      ...placed('xamarin', at, image),
      tool,
      name: `xamarin-${tool}`,
      requested: text,
      ...(isMono && { listing: asTool(['Mono']) }),
      supply: isMono ? { kind: 'toolset', version: text, url: monoUrl(text) } : ended,
    }
  }
}

/** A text, or an object with `versions`. */
function* studioRows(at: Located, image: ToolsetImage): Iterable<Wanted> {
  const versions = at.isObject ? listed(at, 'versions') : [toldAt(at)]
  for (const version of versions) {
    if (version === undefined) continue
    yield {
      ...placed('xamarin', version.at, image),
      tool: 'vsmac',
      requested: version.text,
      listing: {
        classes: ['table-tool'],
        names: ['Visual Studio for Mac'],
        rule: version.text === 'latest' ? 'newest' : 'fits',
      },
      supply: ended,
    }
  }
}
