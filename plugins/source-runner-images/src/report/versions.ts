const BRACKETS = /\([^()]*\)|\[[^[\]]*\]/g
const DOTTED = /^\d+\.\d/
// how Kotlin's compiler ends the number of its own build
const BUILD = /-release(?:-\d+)?$/

/**
 * The versions in what a report says of a tool, without the words beside them; none where it gives none. What is in
 * brackets counts only where nothing else does: `(Homebrew GCC 11.4.0) - available by …`.
 */
export function cleanVersions(raw: string): readonly string[] {
  const said = wordsOf(raw.replace(BRACKETS, ' '))
  const start = startOf(said)
  if (start === -1) {
    const inside = wordsOf((raw.match(BRACKETS) ?? []).join(' ').replace(/[()[\]]/g, ' '))
    return inside.filter((word) => DOTTED.test(word)).slice(0, 1)
  }
  const [first = '', ...rest] = said.slice(start)
  const end = rest.findIndex((word) => !DOTTED.test(word))
  const further = DOTTED.test(first) ? rest.slice(0, end === -1 ? undefined : end) : []
  return [...new Set([first, ...further])]
}

/** `10.2.1 INFO: …` begins with its version; `Packer 1.8.5` has it further on; in `Build 7` it is a bare number. */
function startOf(words: readonly string[]): number {
  if (/^\d/.test(words[0] ?? '')) return 0
  const dotted = words.findIndex((word) => DOTTED.test(word))
  return dotted === -1 ? words.findIndex((word) => /^\d+$/.test(word)) : dotted
}

function wordsOf(text: string): string[] {
  return text
    .split(/[\s()[\]]+/)
    .map((word) =>
      word
        .replace(/(?<![,;:])[,;:]+$/, '')
        .replace(/^v(?=\d)/i, '')
        .replace(/\.zip$/i, '')
        .replace(BUILD, '')
        // upstream writes `\~`, lest Markdown strikes it out
        .replaceAll('\\~', '~'),
    )
    .filter((word) => word !== '')
}

/** Pieces of an Android cell: one version each, build tools several in a line. */
export function androidPieces(name: string, cell: string): readonly string[] {
  const lines = cell.split(/<br\s*\/?>/i)
  const pieces = /build-?tools/i.test(name) ? lines.flatMap((line) => line.split(/\s+/)) : lines
  return pieces.map((piece) => piece.trim()).filter((piece) => piece !== '')
}

/** `android-36` of `android-36 (rev 2)`: what sdkmanager calls it. */
export function androidVersion(piece: string): string | null {
  return /^[^\s(]+/.exec(piece)?.[0] ?? null
}
