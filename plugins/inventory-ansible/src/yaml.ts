import { Composer, type CST, type Document, Lexer, LineCounter, type Node, Parser } from 'yaml'
import type { Notes } from './notes.ts'
import type { Place, Value } from './values.ts'
import { toValue } from './yaml-value.ts'

/** No inventory comes near it; the parser is recursive, and would end the process. */
const MAX_DEPTH = 100
/** The first fault of a text makes others. */
const MAX_FAULTS = 3

/**
 * Reads YAML or JSON as Ansible does: YAML 1.1 as PyYAML has it, or JSON where the text is that.
 * @returns undefined when it cannot be read; then `notes` has the reason. An empty text is null
 */
export function readYaml(text: string, file: string, notes: Notes): Value | undefined {
  return notes.attempt({ file, line: 1 }, () => {
    const deep = deepLine(text)
    if (deep !== undefined) {
      notes.fault({ file, line: deep }, `nested more than ${MAX_DEPTH} levels deep`)
      return undefined
    }
    const json = isJson(text)
    // JSON may be indented with tabs, and holds them nowhere else
    const lines = new LineCounter()
    const tokens = [...new Parser(lines.addNewLine).parse(json ? text.replaceAll('\t', ' ') : text)]
    return compose(tokens, { file, json, lines, notes })
  })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

interface Reading {
  readonly file: string
  readonly json: boolean
  readonly lines: LineCounter
  readonly notes: Notes
}

function compose(tokens: CST.Token[], reading: Reading): Value | undefined {
  const { file, json, lines, notes } = reading
  const at = (offset: number): Place => ({ file, line: lines.linePos(offset).line || 1 })
  const deep = deepToken(tokens)
  if (deep !== undefined) {
    notes.fault(at(deep), `nested more than ${MAX_DEPTH} levels deep`)
    return undefined
  }
  // scalars stay as they are written: what they mean is Ansible's rule, not this library's
  const options = { schema: 'failsafe', uniqueKeys: false, merge: false, logLevel: 'silent' } as const
  const documents: Document.Parsed[] = [...new Composer({ ...options, prettyErrors: false }).compose(tokens)]
  const errors = documents.flatMap((document) => document.errors)
  for (const { pos, message } of errors.slice(0, MAX_FAULTS)) notes.fault(at(pos[0]), message)
  if (errors.length > 0) return undefined
  const [document, second] = documents
  if (second !== undefined) {
    notes.fault(at(second.range[0]), 'a second document begins here; Ansible reads one')
    return undefined
  }
  const root: Node | null = document?.contents ?? null
  if (root === null) return { line: 1, data: null }
  return toValue(root, { json, line: (offset) => at(offset).line, ...problems(reading, at) })
}

function problems({ notes }: Reading, at: (offset: number) => Place) {
  return {
    attempt: <T>(offset: number, work: () => T) => notes.attempt(at(offset), work),
    duplicate: (offset: number, key: string) =>
      notes.warnAt(at(offset), `${key} is there twice, the last one counts`),
  }
}

/** The line where brackets, or marks that begin a line, are nested too deep: found without parsing. */
function deepLine(text: string): number | undefined {
  let line = 1
  let open = 0
  let marks = 0
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') open++
    else if (token === ']' || token === '}') open--
    else if (token === '-' || token === '?') marks++
    if (open > MAX_DEPTH || marks > MAX_DEPTH) return line
    const ends = token.split('\n').length - 1
    if (ends > 0) marks = 0
    line += ends
  }
  return undefined
}

/** The offset of a token that is nested too deep. */
function deepToken(tokens: readonly CST.Token[]): number | undefined {
  const stack: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({
    token,
    depth: 0,
  }))
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { token, depth } = top
    if (depth > MAX_DEPTH) return token.offset
    if (token.type === 'document' && token.value) stack.push({ token: token.value, depth })
    if (!('items' in token)) continue
    for (const { key, value } of token.items) {
      if (key) stack.push({ token: key, depth: depth + 1 })
      if (value) stack.push({ token: value, depth: depth + 1 })
    }
  }
  return undefined
}
