import type { Listing, Section } from '../section.ts'
import { compilerSection } from './compilers.ts'
import { asTool, versionRow } from './rows.ts'
import { systemPackage } from './supplies.ts'

/** `gcc`: `g++-12` on Ubuntu, where reports list all together; `12` on macOS, where each has a line of its own. */
export const gcc: Section = compilerSection('gcc', (version, image) => {
  const major = version.text.replace(/^(g\+\+|gcc)-/, '')
  const listing: Listing =
    image.platform === 'darwin'
      ? asTool([`GCC ${major}`], 'newest')
      : { classes: ['list', 'tool'], names: ['GNU C++'], rule: 'fits', spec: major }
  return versionRow({ section: 'gcc', tool: 'gcc', listing, supply: systemPackage }, version, image)
})
