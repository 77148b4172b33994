import { readScalar, UNSAFE, withoutSpaces } from './scalars.ts'

/** A list or a mapping. */
type Node = Value[] | { readonly [key: string]: Value }
/** Whatever stands in a lock file. */
export type Value = string | number | boolean | Node

/** Why a text is none, and the line (from 1) where that shows. */
export class SubsetError extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

const MAX_LINE = 8192
const MAX_DEPTH = 6
const MAX_KEYS = 32
const MAX_ITEMS = 100_000
const KEY = /^([a-z][a-z0-9_]*):(?: +(.*)|)$/s

interface Line {
  readonly number: number
  readonly indent: number
  readonly text: string
}

/**
 * Reads the YAML that lock files are written in: block lists and mappings, one value a line, quoted or plain. All of it
 * means the same to any YAML 1.2 reader; the rest of YAML (aliases, tags, flow style, several documents) is refused.
 * Not the `yaml` library: one hostile megabyte costs it 11 s and 1.4 GB, a sound lock of 10,000 packages 2 s.
 */
export class SubsetReader {
  readonly #lines: Iterator<string>
  readonly #places = new WeakMap<Node, number>()
  #number = 0
  #next: Line | undefined

  constructor(text: string) {
    this.#lines = splitLines(text)
    this.#advance()
  }

  /** The line a list or mapping begins in; 1 for anything else. */
  lineOf(value: Value): number {
    return (typeof value === 'object' && this.#places.get(value)) || 1
  }

  /** @throws SubsetError */
  read(): Value {
    const first = this.#next
    if (first === undefined) throw new SubsetError(1, 'it is empty')
    const value = this.#block(first, 1)
    if (this.#next) throw new SubsetError(this.#next.number, 'it is indented like nothing before it')
    return value
  }

  /** Goes to the next line that says something. */
  #advance(): void {
    for (;;) {
      const { value, done } = this.#lines.next() as { value: string; done?: boolean }
      if (done) {
        this.#next = undefined
        return
      }
      this.#number++
      if (value.length > MAX_LINE) throw new SubsetError(this.#number, `it is longer than ${MAX_LINE}`)
      if (UNSAFE.test(value)) throw new SubsetError(this.#number, 'it holds a control character')
      const text = withoutSpaces(value.replace(/^ +/, ''))
      if (text === '' || text.startsWith('#')) continue
      this.#next = { number: this.#number, indent: value.search(/[^ ]/), text }
      return
    }
  }

  #block(first: Line, depth: number): Node {
    if (depth > MAX_DEPTH) throw new SubsetError(first.number, 'it is nested too deep')
    const node = isItem(first) ? this.#list(first.indent, depth) : this.#mapping(first.indent, depth)
    this.#places.set(node, first.number)
    return node
  }

  #list(indent: number, depth: number): Node {
    const items: Value[] = []
    for (let line = this.#next; line && line.indent === indent && isItem(line); line = this.#next) {
      if (items.length === MAX_ITEMS || (depth > 2 && items.length === MAX_KEYS))
        throw new SubsetError(line.number, 'the list is too long')
      const text = line.text.slice(1).replace(/^ +/, '')
      if (text === '') throw new SubsetError(line.number, 'the item is empty')
      const inner = { ...line, indent: indent + line.text.length - text.length, text }
      if (KEY.test(text)) {
        // `- key: value` is a mapping whose first line is this one, as if the dash were a space
        this.#next = inner
        items.push(this.#block(inner, depth + 1))
      } else {
        items.push(this.#scalar(inner, text))
      }
    }
    return items
  }

  #mapping(indent: number, depth: number): Node {
    const entries = new Map<string, Value>()
    for (let line = this.#next; line && line.indent === indent && !isItem(line); line = this.#next) {
      const [, key, text] = KEY.exec(line.text) ?? []
      if (key === undefined) throw new SubsetError(line.number, 'it is no `key: value`')
      if (entries.has(key)) throw new SubsetError(line.number, `the key "${key}" stands here twice`)
      if (entries.size === MAX_KEYS) throw new SubsetError(line.number, 'there are too many keys')
      const empty = text === undefined || text.startsWith('#')
      entries.set(key, empty ? this.#below(line, depth) : this.#value(line, text))
    }
    return Object.fromEntries(entries)
  }

  #value(line: Line, text: string): Value {
    if (!/^\[ *\](?: *| +#.*)$/.test(text)) return this.#scalar(line, text)
    this.#advance()
    return []
  }

  /** What belongs to `key:`: further in, or a list at the key's own depth. */
  #below(line: Line, depth: number): Value {
    this.#advance()
    const next = this.#next
    const inside = next && (next.indent > line.indent || (next.indent === line.indent && isItem(next)))
    if (!inside) throw new SubsetError(line.number, 'the key has no value')
    return this.#block(next, depth + 1)
  }

  #scalar(line: Line, text: string): Value {
    const scalar = readScalar(text)
    if ('fault' in scalar) throw new SubsetError(line.number, scalar.fault)
    this.#advance()
    return scalar.value
  }
}

function isItem({ text }: Line): boolean {
  return text === '-' || text.startsWith('- ')
}

/** One after the other: a hostile file of line ends only makes no array of them. */
function* splitLines(text: string): Generator<string, void> {
  for (let at = 0; at <= text.length; ) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end === -1 ? text.length : end)
    yield line.endsWith('\r') ? line.slice(0, -1) : line
    if (end === -1) return
    at = end + 1
  }
}
