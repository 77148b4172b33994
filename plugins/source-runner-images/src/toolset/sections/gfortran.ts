import type { Section } from '../section.ts'
import { compilerSection } from './compilers.ts'
import { versionRow } from './rows.ts'
import { apt } from './supplies.ts'

/** `gfortran`: `gfortran-12`, on Ubuntu. */
export const gfortran: Section = compilerSection('gfortran', (version, image) =>
  versionRow(
    {
      section: 'gfortran',
      tool: 'gfortran',
      listing: {
        classes: ['list', 'tool'],
        names: ['GNU Fortran'],
        rule: 'fits',
        spec: version.text.replace(/^gfortran-/, ''),
      },
      supply: apt,
    },
    version,
    image,
  ),
)
