import { Broken } from './notes.ts'

/** A piece of a word: in single quotes, in double quotes, after a backslash, or plain. */
const PIECE = /'([^']*)'|"([^"\\]*(?:\\.[^"\\]*)*)"|\\(.)|([^\s'"\\#]+)|(#)/sy

/**
 * Splits a line into words as Python's `shlex.split` does, which Ansible reads host lines and SSH arguments with: quotes,
 * backslashes, and a `#` that begins a comment even within a word.
 * @throws Broken for an open quote or a backslash at the end
 */
export function shlexSplit(line: string, comments: boolean): string[] {
  const words: string[] = []
  const piece = new RegExp(PIECE)
  /** undefined between words: an empty one in quotes is a word, too. */
  let word: string | undefined
  for (let at = 0; at < line.length; ) {
    if (/[ \t\r\n]/.test(line.charAt(at))) {
      if (word !== undefined) words.push(word)
      word = undefined
      at++
      continue
    }
    piece.lastIndex = at
    const match = piece.exec(line) ?? [line.charAt(at)]
    if (/^['"\\]$/.test(match[0])) throw new Broken(openEnd(match[0]))
    if (match[5] !== undefined && comments) break
    word = (word ?? '') + content(match)
    at += match[0].length
  }
  return word === undefined ? words : [...words, word]
}

function content([all, single, double, escaped]: readonly (string | undefined)[]): string {
  // within double quotes only the quote and the backslash can be escaped
  return single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? all ?? ''
}

function openEnd(character: string): string {
  return character === '\\'
    ? 'a backslash at the end escapes nothing'
    : `a quote (${character}) is not closed`
}
