import { type ErrorCode, PkgcacheError, printable, shorten } from '@pkgcache/core'
import { jsonFaultOffset } from './json-fault.ts'

/**
 * Parses JSON, with or without a byte order mark.
 * @throws `code`, with line and column of what is wrong and the line's text
 */
export function parseJson(text: string, file: string, code: ErrorCode): unknown {
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text
  try {
    return JSON.parse(plain)
  } catch (cause) {
    const offset = jsonFaultOffset(plain)
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
