import type { Section } from '../section.ts'
import { compilerSection } from './compilers.ts'
import { versionRow } from './rows.ts'
import { apt } from './supplies.ts'

/** `clang`: several beside each other. */
export const clang: Section = compilerSection('clang', (version, image) =>
  versionRow(
    {
      section: 'clang',
      tool: 'clang',
      listing: { classes: ['list', 'tool'], names: ['Clang'], rule: 'fits' },
      supply: apt,
    },
    version,
    image,
  ),
)
