// What YAML 1.2's core schema would read as something else than text (yaml.org/spec/1.2.2, 10.3.2).
const NULL_OR_BOOLEAN = /^(?:null|Null|NULL|true|True|TRUE|false|False|FALSE)$/
const NUMBER = /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)$/
// The same for readers of YAML 1.1.
const OLD_BOOLEAN = /^(?:y|n|yes|no|on|off)$/i
const COUNT = /^(?:0|[1-9][0-9]{0,15})$/
const PLAIN = /^[A-Za-z0-9/][\x20-\x7e]*$/
const DOUBLE = /^"((?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"/
const SINGLE = /^'((?:[^']|'')*)'/
/** Never raw in a lock file: C0 and C1, what turns the direction of writing, separators, byte order marks. */
export const UNSAFE = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u
const ALL_UNSAFE = new RegExp(UNSAFE.source, 'gu')

/** Text of a lock file that means something, or why it does not. */
export type Scalar = { readonly value: string | number | boolean } | { readonly fault: string }

/** One value: quoted, or plain where it can mean one thing only. `text` begins with it and may end in a comment. */
export function readScalar(text: string): Scalar {
  const double = DOUBLE.exec(text)
  if (double) return ended(text.slice(double[0].length), () => JSON.parse(double[0]) as string)
  const single = SINGLE.exec(text)
  if (single) return ended(text.slice(single[0].length), () => (single[1] ?? '').replaceAll("''", "'"))
  if (/^["']/.test(text)) return { fault: 'its quotes or what they hold cannot be read' }
  const comment = text.indexOf(' #')
  return readPlain(withoutSpaces(comment === -1 ? text : text.slice(0, comment)))
}

/** Without spaces at its end; a regular expression takes quadratic time for it. */
export function withoutSpaces(text: string): string {
  let end = text.length
  while (text[end - 1] === ' ') end--
  return text.slice(0, end)
}

function ended(rest: string, value: () => string): Scalar {
  return /^(?: *| +#.*)$/.test(rest) ? { value: value() } : { fault: 'something follows the closing quote' }
}

function readPlain(text: string): Scalar {
  if (text === 'true' || text === 'false') return { value: text === 'true' }
  if (COUNT.test(text) && Number.isSafeInteger(Number(text))) return { value: Number(text) }
  if (NUMBER.test(text)) return { fault: 'a number that is text needs quotes' }
  if (NULL_OR_BOOLEAN.test(text) || !isPlainText(text)) return { fault: 'this text needs quotes' }
  return { value: text }
}

function isPlainText(text: string): boolean {
  return PLAIN.test(text) && !/: |:$| #|^ | $/.test(text)
}

/** A value as the lock file spells it. @param quoted whatever it is */
export function writeScalar(value: string | number | boolean, quoted = false): string {
  if (typeof value !== 'string') return String(value)
  const plain = !quoted && isPlainText(value) && !OLD_BOOLEAN.test(value)
  if (plain && !NULL_OR_BOOLEAN.test(value) && !NUMBER.test(value)) return value
  return JSON.stringify(value).replace(
    ALL_UNSAFE,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
