import { type ErrorCode, PkgcacheError, printable, shorten } from '@pkgcache/core'

/**
 * Parses JSON, with or without a byte order mark.
 * @throws `code`, with line and column of what is wrong and the line's text
 */
export function parseJson(text: string, file: string, code: ErrorCode): unknown {
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text
  try {
    return JSON.parse(plain)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const offset = offsetOf(why, plain)
    const before = plain.slice(0, offset).split('\n')
    const [line, column] = [before.length, (before.at(-1)?.length ?? 0) + 1]
    const shown = printable(shorten((plain.split('\n')[line - 1] ?? '').trim(), 80))
    const atEnd = offset >= plain.trimEnd().length
    throw new PkgcacheError(
      code,
      atEnd
        ? `is no JSON: it ends in the middle, at line ${line}, column ${column}`
        : `is no JSON: line ${line}, column ${column}: ${shown}`,
      { item: file, cause, hint: atEnd ? 'fetch it again' : 'correct that line, or fetch the file again' },
    )
  }
}

/** Where the fault is. V8 tells of some faults at which position they are, of an unexpected character it does not. */
function offsetOf(why: string, text: string): number {
  const told = positionIn(why)
  if (told !== undefined || why.startsWith('Unexpected end')) return told ?? text.length
  let [sound, broken] = [0, text.length]
  while (broken - sound > 1) {
    const middle = Math.floor((sound + broken) / 2)
    if (isBeginning(text.slice(0, middle))) sound = middle
    else broken = middle
  }
  return sound
}

/** True for what could go on to be JSON: if it is wrong, then only at its end. */
function isBeginning(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return why.startsWith('Unexpected end') || (positionIn(why) ?? -1) >= text.length
  }
}

function positionIn(why: string): number | undefined {
  const position = /at position (\d+)/.exec(why)?.[1]
  return position === undefined ? undefined : Number(position)
}
