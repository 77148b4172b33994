// RFC 8259; the parts of a text that stand for themselves
const SPACE = /[ \t\n\r]*/y
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
// all but control characters, the quote and the backslash
const PLAIN = /[ !#-[\]-\uffff]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const LITERALS = ['true', 'false', 'null']

type Place = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'in list' | 'in object' | 'end'

/** What may stand in a place, and which place comes then; `after` is that behind a value. */
const FOLLOWS: Readonly<Record<Place, Readonly<Record<string, Place | 'after'>>>> = {
  value: { '[': 'first value', '{': 'first key', string: 'after', scalar: 'after' },
  'first value': { '[': 'first value', '{': 'first key', string: 'after', scalar: 'after', ']': 'after' },
  key: { string: 'colon' },
  'first key': { string: 'colon', '}': 'after' },
  colon: { ':': 'value' },
  'in list': { ',': 'value', ']': 'after' },
  'in object': { ',': 'key', '}': 'after' },
  end: {},
}

/**
 * Where a text stops being JSON: V8 tells that of some faults only. Nothing is nested on the stack.
 * @returns offset of the first character that cannot stand there; the text's length where it ends too early
 */
export function jsonFaultOffset(text: string): number {
  const open: string[] = []
  let place: Place = 'value'
  let at = end(SPACE, text, 0)
  while (at < text.length) {
    const { kind, to } = tokenAt(text, at)
    const next: Place | 'after' | undefined = FOLLOWS[place][kind]
    if (next === undefined) return kind === 'broken' && accepts(place, text, at) ? to : at
    if (kind === '[' || kind === '{') open.push(kind)
    if (kind === ']' || kind === '}') open.pop()
    place = next === 'after' ? placeIn(open.at(-1)) : next
    at = end(SPACE, text, to)
  }
  return text.length
}

function placeIn(open: string | undefined): Place {
  if (open === undefined) return 'end'
  return open === '[' ? 'in list' : 'in object'
}

/** Whether what is broken could have stood there, so that the fault lies within it. */
function accepts(place: Place, text: string, at: number): boolean {
  return (text[at] === '"' ? 'string' : 'scalar') in FOLLOWS[place]
}

interface Token {
  readonly kind: string
  /** Behind it; of a broken one where the fault is. */
  readonly to: number
}

function tokenAt(text: string, at: number): Token {
  const char = text.charAt(at)
  if ('[]{}:,'.includes(char)) return { kind: char, to: at + 1 }
  return char === '"' ? stringAt(text, at) : scalarAt(text, at)
}

function stringAt(text: string, start: number): Token {
  let at = start + 1
  while (true) {
    at = end(PLAIN, text, at)
    if (text[at] === '"') return { kind: 'string', to: at + 1 }
    const escaped = end(ESCAPE, text, at)
    if (escaped === at) return { kind: 'broken', to: at }
    at = escaped
  }
}

function scalarAt(text: string, start: number): Token {
  const to = end(SCALAR, text, start)
  if (to > start) return { kind: 'scalar', to }
  const literal = LITERALS.find((name) => name.startsWith(text.charAt(start))) ?? ''
  let at = start
  while (at < text.length && literal[at - start] === text[at]) at++
  return { kind: 'broken', to: at }
}

/** Where a pattern that begins at `at` ends; `at` itself where it does not fit. */
function end(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}
