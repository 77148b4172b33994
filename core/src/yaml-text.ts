import { PkgcacheError } from './errors/error.ts'

/** No document of ours comes near it. */
const MAX_DEPTH = 100

/**
 * Parses YAML from a file that anybody may have written. Aliases are refused (nothing of ours has any, and ten lines of
 * them can stand for gigabytes), and so is deep nesting: the parser is recursive, and where the stack ends within a
 * regular expression V8 ends the process, so no `catch` comes into play.
 * @param what names the text in errors
 * @throws E_CONFIG
 */
export async function parseYaml(text: string, what: string): Promise<unknown> {
  const refuse = (why: string, cause?: unknown): PkgcacheError =>
    new PkgcacheError('E_CONFIG', `${what} cannot be read: ${why}`, {
      hint: 'mend or remove the file',
      cause,
    })
  if (nesting(text) > MAX_DEPTH) throw refuse(`it is nested more than ${MAX_DEPTH} levels deep`)
  // loaded when there is something to parse: most runs read no YAML at all
  const { parse } = await import('yaml')
  try {
    return parse(text, { maxAliasCount: 0, prettyErrors: false, logLevel: 'error' })
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** At least as deep as the text can be nested: brackets that are open, and dashes, marks and spaces that begin a line. */
function nesting(text: string): number {
  let open = 0
  let deepest = 0
  for (const line of text.split('\n')) {
    const indent = /^[\s?:-]*/.exec(line)?.[0].length ?? 0
    for (const character of line) {
      if (character === '[' || character === '{') open++
      else if ((character === ']' || character === '}') && open > 0) open--
      deepest = Math.max(deepest, open)
    }
    deepest = Math.max(deepest, indent)
  }
  return deepest
}
