import { stripVTControlCharacters } from 'node:util'

/**
 * What a parser says of a JSON or YAML file, and where, without the lines around that it quotes: they may hold tokens.
 * @returns undefined for an error of another kind
 */
export function syntaxFault(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  // the lines that a parser quotes are coloured where `CI` is set
  const message = stripVTControlCharacters(error.message)
  // cosmiconfig's first line: `YAML Error in <file>:`
  const where = (message.split('\n', 1)[0] ?? '').replace(/:?\s*$/, '')
  if (error.name === 'JSONError') {
    // Node 20 leaves the place to the lines that the library quotes, later ones tell it
    const [said = ''] = message.split(' while parsing ')
    const line = /^> *(\d+) \|/m.exec(message)?.[1] ?? /\(line (\d+) column \d+\)/.exec(said)?.[1]
    return line === undefined ? where : `${where}: line ${line}`
  }
  if (error.name !== 'YAMLException') return undefined
  const { reason = '', mark } = error as { reason?: string; mark?: { line: number; column: number } }
  const said = reason.replace(/"[^"]*"|!<[^>]*>|: .*/g, '…')
  return `${where}: ${mark === undefined ? '' : `line ${mark.line + 1}, column ${mark.column + 1}: `}${said}`
}
