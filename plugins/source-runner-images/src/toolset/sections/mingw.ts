import type { Section } from '../section.ts'
import { asTool, versionSection } from './rows.ts'
import { floating } from './supplies.ts'

const RELEASES = 'https://github.com/niXman/mingw-builds-binaries/releases'

/** `mingw`: listed as the gcc in it. Its files also have the version of its runtime and a revision in their names. */
export const mingw: Section = versionSection({
  section: 'mingw',
  tool: 'mingw',
  listing: asTool(['gcc', 'Mingw-w64']),
  supply: () =>
    floating(
      'its files have the version of the runtime and a revision in their names (…-rt_v12-rev0.7z), which only the releases tell',
      RELEASES,
    ),
})
