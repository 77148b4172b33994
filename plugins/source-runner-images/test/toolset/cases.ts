import { expect, it } from 'vitest'
import type { Supply, Wanted } from '../../src/toolset/section.ts'
import { SECTIONS } from '../../src/toolset/sections/index.ts'
import { type IMAGES, readSection } from './rows.ts'

/** What a section makes of one value. */
export interface SectionCase {
  readonly says: string
  readonly section: string
  readonly image: keyof typeof IMAGES
  readonly value: unknown
  /** Rows as `fullLine` writes them. */
  readonly rows: readonly string[]
  readonly faults?: readonly string[]
}

/** One test per case: exact rows, exact faults. */
export function itReads(cases: readonly SectionCase[]): void {
  it.each(cases)('$section on $image: $says', ({ section: key, image, value, rows, faults = [] }) => {
    const section = SECTIONS.find((one) => one.key === key)
    if (section === undefined) throw new Error(`${key} is not in the list of sections`)
    const read = readSection(section, value, image)
    expect({ rows: read.rows.map(fullLine), faults: read.faults }).toEqual({ rows, faults })
  })
}

/** All of a row in one line: what is asked for, how reports list it, where it is to be had. */
export function fullLine(row: Wanted): string {
  const name = row.name === undefined ? '' : ` (${row.name})`
  const asked = `${row.section} ${row.tool}${name} ${row.requested} ${row.platform}/${row.arch}`
  return [asked, listed(row), supplied(row.supply)].join(' | ')
}

function listed({ listing }: Wanted): string {
  if (listing === undefined) return 'unlisted'
  const { classes, names, under, rule, spec } = listing
  return [classes.join('+'), names.join(', '), under && `< ${under}`, rule, spec].filter(Boolean).join(' ')
}

function supplied(supply: Supply): string {
  switch (supply.kind) {
    case 'resolver':
      return `${supply.resolver.name} ${supply.query.tool} ${supply.query.spec}`
    case 'toolset':
      return ['toolset', supply.version, supply.url, supply.sha256].filter(Boolean).join(' ')
    case 'elsewhere':
      return [supply.evidence, supply.url ?? supply.reason].join(' ')
    default:
      return `${supply.kind}: ${supply.reason}`
  }
}
