import type { Located } from '../../located.ts'
import type { Section, Supply, ToolsetImage, Wanted } from '../section.ts'
import { placed, texts, told } from './rows.ts'
import { floatingFile } from './supplies.ts'
import { vsixRows } from './vsix.ts'

/**
 * `visualStudio`: the edition, its workloads and components by their exact ids, and extensions. One bootstrapper brings
 * all but the extensions; what it brings changes with every servicing release.
 */
export const visualStudio: Section = {
  key: 'visualStudio',
  *rows(value, image) {
    const [version, edition, number] = ['version', 'edition', 'subversion'].map((key) => told(value, key))
    if (!(version && edition && number)) return
    const channel = value.get('channel')?.text() ?? 'release'
    const supply = bootstrapper(number.text, channel, edition.text)
    yield {
      ...placed('visualStudio', number.at, image),
      tool: 'visualStudio',
      requested: number.text,
      listing: {
        classes: ['table-tool'],
        names: [`Visual Studio ${edition.text} ${version.text}`],
        rule: 'fits',
      },
      supply,
    }
    const [workloads, extensions] = [value.get('workloads'), value.get('vsix')]
    if (workloads) yield* componentRows(workloads, image, supply)
    if (extensions) yield* vsixRows(extensions, image)
  },
}

function bootstrapper(number: string, channel: string, edition: string): Supply {
  const url = `https://aka.ms/vs/${number}/${channel}/vs_${edition.toLowerCase()}.exe`
  return floatingFile("Visual Studio's bootstrapper brings it, in whatever version is current", url)
}

function* componentRows(ids: Located, image: ToolsetImage, supply: Supply): Iterable<Wanted> {
  for (const { at, text } of texts(ids)) {
    yield {
      ...placed('visualStudio', at, image),
      tool: text,
      requested: '*',
      listing: { classes: ['vs-component'], names: [text], rule: 'newest' },
      supply,
    }
  }
}
