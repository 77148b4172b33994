import type { Data, Entry, Value } from './values.ts'

/** Python gives up on more brackets than these, too. */
const MAX_DEPTH = 100

const SPACE = /[ \t\f]*(?:#.*)?/y
const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[0-9](?:_?[0-9])*\.?[eE][+-]?[0-9](?:_?[0-9])*|[0-9](?:_?[0-9])*\.(?![0-9.])|[0-9](?:_?[0-9])*/y
const STRING_START = /([uU]|[rR]?[bB]?|[bB][rR])("""|'''|"|')/y
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy

/** The text is no literal; then it stands for itself. */
class NoLiteral extends Error {}

/**
 * A value of an INI inventory as Ansible takes it: what Python's `ast.literal_eval` reads is that, all else is text.
 * Complex numbers and `...` stay text.
 */
export function pythonValue(text: string, line: number): Data {
  try {
    return new Literal(text.replace(/^[ \t]+/, ''), line).whole()
  } catch (error) {
    if (error instanceof NoLiteral) return text
    throw error
  }
}

class Literal {
  #at = 0
  #depth = 0
  readonly #text: string
  readonly #line: number

  constructor(text: string, line: number) {
    this.#text = text
    this.#line = line
  }

  whole(): Data {
    const first = this.#item()
    // a comma without brackets makes a tuple
    const data = this.#eats(',') ? [this.#value(first), ...this.#items('')] : first
    if (this.#at < this.#text.length) throw new NoLiteral()
    return data
  }

  #value(data: Data): Value {
    return { line: this.#line, data }
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match !== null) this.#at += match[0].length
    return match ?? undefined
  }

  #eats(token: string): boolean {
    this.#match(SPACE)
    if (!this.#text.startsWith(token, this.#at)) return false
    this.#at += token.length
    return true
  }

  #need(token: string): void {
    if (!this.#eats(token)) throw new NoLiteral()
  }

  #item(): Data {
    this.#match(SPACE)
    if (++this.#depth > MAX_DEPTH) throw new NoLiteral()
    const data = this.#strings() ?? this.#number() ?? this.#bracketed() ?? this.#word()
    this.#match(SPACE)
    this.#depth--
    return data
  }

  #bracketed(): Data | undefined {
    if (this.#eats('[')) return this.#items(']')
    if (this.#eats('(')) return this.#round()
    return this.#eats('{') ? this.#curly() : undefined
  }

  /** Items up to `close`, which is eaten; '' stands for the end of the text. */
  #items(close: string): Value[] {
    const items: Value[] = []
    while (!this.#closes(close)) {
      items.push(this.#value(this.#item()))
      if (this.#eats(',')) continue
      if (!this.#closes(close)) throw new NoLiteral()
      break
    }
    return items
  }

  #closes(close: string): boolean {
    this.#match(SPACE)
    return close === '' ? this.#at >= this.#text.length : this.#eats(close)
  }

  #round(): Data {
    if (this.#eats(')')) return []
    const first = this.#item()
    if (this.#eats(')')) return first
    this.#need(',')
    return [this.#value(first), ...this.#items(')')]
  }

  /** A dictionary, or a set, which is a list here. */
  #curly(): Data {
    if (this.#eats('}')) return new Map()
    const first = this.#item()
    if (this.#eats('}')) return [this.#value(first)]
    if (this.#eats(',')) return [this.#value(first), ...this.#items('}')]
    const entries = new Map<string, Entry>()
    for (let key = first; ; key = this.#item()) {
      this.#need(':')
      entries.set(keyText(key), {
        line: this.#line,
        textual: typeof key === 'string',
        value: this.#value(this.#item()),
      })
      if (this.#eats('}')) return entries
      this.#need(',')
      if (this.#eats('}')) return entries
    }
  }

  #word(): Data {
    const word = this.#match(WORD)?.[0]
    if (word === 'True') return true
    if (word === 'False') return false
    if (word === 'None') return null
    if (word !== 'set') throw new NoLiteral()
    this.#need('(')
    this.#need(')')
    return []
  }

  #number(): Data | undefined {
    const sign = this.#eats('-') ? -1 : this.#eats('+') ? 1 : 0
    this.#match(SPACE)
    const digits = this.#match(NUMBER)?.[0].replaceAll('_', '')
    if (digits === undefined) {
      if (sign !== 0) throw new NoLiteral()
      return undefined
    }
    // a letter that follows belongs to it: 5j, 10.0.0.1, 3com
    if (/^[\p{L}\p{N}_.]/u.test(this.#text.slice(this.#at, this.#at + 2))) throw new NoLiteral()
    if (/^0[xob]/i.test(digits)) return sign < 0 ? -BigInt(digits) : BigInt(digits)
    if (/[.eE]/.test(digits)) return sign < 0 ? -Number(digits) : Number(digits)
    if (/^0+[1-9]/.test(digits)) throw new NoLiteral()
    return sign < 0 ? -BigInt(digits) : BigInt(digits)
  }

  /** One string, or several that follow each other and are one. */
  #strings(): string | undefined {
    let whole: string | undefined
    for (let start = this.#match(STRING_START); start; start = this.#match(STRING_START)) {
      const [, prefix = '', quote = '"'] = start
      whole = `${whole ?? ''}${this.#string(quote, /r/i.test(prefix))}`
      this.#match(SPACE)
    }
    return whole
  }

  #string(quote: string, raw: boolean): string {
    let content = ''
    while (!this.#text.startsWith(quote, this.#at)) {
      const character = this.#text.charAt(this.#at++)
      if (character === '') throw new NoLiteral()
      if (character !== '\\') content += character
      else if (raw) content += `\\${this.#text.charAt(this.#at++)}`
      else content += this.#escape()
    }
    this.#at += quote.length
    return content
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at)
    const octal = this.#match(/[0-7]{1,3}/y)
    if (octal) return String.fromCharCode(Number.parseInt(octal[0], 8))
    this.#at++
    const plain = PLAIN_ESCAPES[letter]
    if (plain !== undefined) return plain
    const width = CODE_ESCAPES[letter]
    if (width === undefined) {
      // a character by its name is more than anybody writes into an inventory
      if (letter === '' || letter === 'N') throw new NoLiteral()
      return `\\${letter}`
    }
    const code = Number.parseInt(this.#match(new RegExp(`[0-9a-fA-F]{${width}}`, 'y'))?.[0] ?? 'none', 16)
    if (!(code <= 0x10ffff)) throw new NoLiteral()
    return String.fromCodePoint(code)
  }
}

const CODE_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }
const PLAIN_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

function keyText(key: Data): string {
  if (typeof key === 'object' && key !== null) throw new NoLiteral()
  return String(key)
}
