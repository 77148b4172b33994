import { type PackageKey, printable } from '@pkgcache/core'

/**
 * Text from outside as one safe line. Line breaks go too: a line of its own could pose as a workflow command
 * (`::set-output …`), and `##[` is the older form of those, honoured anywhere in a line.
 */
export function oneLine(text: string): string {
  return printable(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ')
    .replaceAll('##[', '# #[')
    .trim()
}

/** `1 package`, `2 packages`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

/** `containerd-2.1.0`: short form for places that show a node as well. */
export function shortKey(key: PackageKey): string {
  return `${key.name}-${key.version}-${key.arch}`
}

/** A table with aligned columns and two spaces between; columns named in `right` are set flush right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  const widths = head.map((title, column) =>
    // not spread: the rows may be more than a call takes arguments
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), title.length),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return right.includes(column) ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [line(head), ...rows.map(line)]
}
