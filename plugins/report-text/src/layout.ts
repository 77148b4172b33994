import { printable } from '@pkgcache/core'

/** Columns a line may have, unless one name alone is longer. */
export const WIDTH = 100
const GAP = 2

/** One line of text from outside: no control characters, no line breaks. */
export function line(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim())
}

/** Characters, not UTF-16 units. */
function width(text: string): number {
  return [...text].length
}

function pad(text: string, columns: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, columns - width(text)))
  return align === 'left' ? text + space : space + text
}

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** Rows below their titles, each column as wide as its widest cell. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, index) =>
    cells.reduce((most, row) => Math.max(most, width(row[index] ?? '')), 0),
  )
  return cells.map((row) =>
    columns
      .map(({ align = 'left' }, index) => pad(row[index] ?? '', widths[index] ?? 0, align))
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}

/** Lines below a title; nothing where there are none. */
export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
}

/** As many columns side by side as fit beside the first ones; at least one. */
export function fitting<Entry>(
  columns: readonly Entry[],
  title: (column: Entry) => string,
  used: number,
  least: number,
): readonly (readonly Entry[])[] {
  const groups: Entry[][] = []
  let left = 0
  for (const column of columns) {
    const need = Math.max(width(title(column)), least) + GAP
    const group = groups.at(-1)
    if (group === undefined || need > left) {
      groups.push([column])
      left = WIDTH - used - need
    } else {
      group.push(column)
      left -= need
    }
  }
  return groups
}

/** Text broken at spaces to the width of the page; a longer word keeps a line of its own. */
export function wrap(text: string, indent: string): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line(text).split(' ')) {
    if (current !== '' && width(indent) + width(current) + 1 + width(word) > WIDTH) {
      lines.push(indent + current)
      current = word
    } else {
      current = current === '' ? word : `${current} ${word}`
    }
  }
  return [...lines, indent + current]
}
