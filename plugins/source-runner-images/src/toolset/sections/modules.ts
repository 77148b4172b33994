import type { Located } from '../../located.ts'
import { powershellGallery } from '../../resolvers/index.ts'
import type { ToolsetImage, Wanted } from '../section.ts'
import { placed, type Told } from './rows.ts'

/** A module that is asked for. */
export interface Module {
  readonly section: string
  /** As the toolset spells it. */
  readonly tool: string
  /** Its names in reports. */
  readonly names: readonly string[]
}

/** The row of a module: one exact version, or the newest. The file is the gallery's package. */
export function moduleRow(
  { section, tool, names }: Module,
  version: Told | { readonly at: Located; readonly text?: undefined },
  image: ToolsetImage,
): Wanted {
  const requested = version.text ?? '*'
  const { platform, arch } = image
  return {
    ...placed(section, version.at, image),
    tool,
    requested,
    listing: {
      classes: ['ps-module'],
      names,
      rule: version.text === undefined ? 'newest' : 'exact',
      // modules that were packed: `7.5.0.zip`
      version: (listed) => listed.replace(/\.zip$/, ''),
    },
    supply: {
      kind: 'resolver',
      resolver: powershellGallery,
      query: { tool, spec: requested, platform, arch },
    },
  }
}
