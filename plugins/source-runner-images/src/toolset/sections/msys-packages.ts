import type { Located } from '../../located.ts'
import type { Section, Supply, ToolsetImage, Wanted } from '../section.ts'
import { members, named, placed, told } from './rows.ts'

/** `MsysPackages`: what pacman installs into MSYS2; `mingw` by the prefix that its packages have. */
export const msysPackages: Section = {
  key: 'MsysPackages',
  rows: (value, image) =>
    members(value, {
      msys2: (list) => packageRows(list, '', image),
      *mingw(list) {
        for (const entry of list.list()) {
          const prefix = told(entry, 'arch')
          if (prefix === undefined) continue
          for (const key of ['runtime_packages', 'additional_packages']) {
            const packages = entry.get(key)
            if (packages) yield* packageRows(packages, `${prefix.text}-`, image)
          }
        }
      },
    }),
}

const SUPPLY: Supply = { kind: 'nothing', reason: 'pacman brings it into MSYS2' }

function* packageRows(packages: Located, prefix: string, image: ToolsetImage): Iterable<Wanted> {
  for (const entry of packages.list()) {
    const name = named(entry)
    if (name === undefined) continue
    yield {
      ...placed('MsysPackages', entry, image),
      tool: `${prefix}${name.text}`,
      requested: '*',
      supply: SUPPLY,
    }
  }
}
