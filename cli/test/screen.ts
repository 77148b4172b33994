// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences are what this is about
const SEQUENCE = /\u001b\[\??([0-9;]*)([A-Za-z])|\r|\n|[^\u001b\r\n]+/g

/** What a terminal of so many rows shows after these bytes, with what has scrolled off above it. */
export function screen(bytes: string, rows: number): string[] {
  const lines: string[] = ['']
  let row = 0
  let column = 0
  for (const [token, count = '', final] of bytes.matchAll(SEQUENCE)) {
    const n = count === '' ? 1 : Number(count)
    // The cursor cannot go above the visible part: what is higher stays there for good.
    if (final === 'A') row = Math.max(row - n, lines.length - rows, 0)
    else if (final === 'G') column = n - 1
    else if (final === 'K') lines[row] = ''
    else if (final === 'J') lines.splice(row, lines.length, cut(lines[row], column))
    else if (token === '\r') column = 0
    else if (token === '\n') row++
    else if (final === undefined) {
      lines[row] = cut(lines[row], column) + token
      column += token.length
    }
    while (lines.length <= row) lines.push('')
  }
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '')
}

function cut(line: string | undefined, column: number): string {
  return (line ?? '').padEnd(column).slice(0, column)
}
