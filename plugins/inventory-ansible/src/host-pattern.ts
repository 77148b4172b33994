import { Broken } from './notes.ts'

/** More hosts than anybody has are a slip of the pen, and would fill the memory. */
const MAX_HOSTS = 50_000

const RANGES = {
  decimal: '\\[[0-9]+:[0-9]+(?::[0-9]+)?\\]',
  hexadecimal: '\\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\\]',
  letters: '\\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\\]',
} as const
const PART4 = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${RANGES.decimal})`
const PART6 = `(?:[0-9a-f]{1,4}|${RANGES.hexadecimal})`
const WORD = '[\\p{L}\\p{N}_]'
const LABEL = `(?:${WORD}|${RANGES.letters})(?:${WORD}|-|${RANGES.letters})*(?<![_\\-])`
const TAIL4 = `(?:${PART6}\\.){3}${PART6}`

/** What `ansible.parsing.utils.addresses` takes for an address, ranges included. */
const ADDRESSES = [
  `(?:${PART4}\\.){3}${PART4}`,
  [
    `(?:${PART6}:){7}${PART6}`,
    `(?:${PART6}:){1,6}:`,
    ...[1, 2, 3, 4, 5, 6].map((n) => `(?:${PART6}:){${n}}(?::${PART6}){1,${7 - n}}`),
    `:(?::${PART6}){1,6}`,
    `${PART6}?::`,
    `(?:0:){6}${TAIL4}`,
    `::(?:ffff:)?${TAIL4}`,
    `(?:0:){5}ffff:${TAIL4}`,
  ].join('|'),
  `${LABEL}(?:\\.${LABEL})*`,
].map((source) => new RegExp(`^(?:${source})$`, 'iu'))

const BRACKETED_PORT = /^\[(.+)\]:([0-9]+)$/
const PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/

/** Hosts that one pattern stands for. */
export interface HostPattern {
  readonly hosts: readonly string[]
  readonly port: number | undefined
}

/**
 * `web[01:50].example.com:2222` → its hosts and the port. What is no address is a name as it stands.
 * @throws Broken for a range that is none
 */
export function expandHosts(pattern: string): HostPattern {
  let address = pattern
  let port: number | undefined
  for (const form of [BRACKETED_PORT, PORT]) {
    const match = form.exec(address)
    if (match === null) continue
    address = match[1] ?? ''
    port = Number(match[2])
  }
  if (!ADDRESSES.some((form) => form.test(address))) [address, port] = [pattern, undefined]
  const hosts = address.includes('[') ? expandRange(address) : [address]
  return { hosts, port }
}

function expandRange(pattern: string): string[] {
  const done: string[] = []
  const todo = [pattern]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (!next.includes('[')) done.push(next)
    else todo.push(...firstRange(next).reverse())
    if (done.length + todo.length > MAX_HOSTS) throw tooMany()
  }
  return done
}

function tooMany(): Broken {
  return new Broken(`the range stands for more than ${MAX_HOSTS} hosts`)
}

/** The names that the first range of a pattern stands for. */
function firstRange(pattern: string): string[] {
  const [head, range, tail, ...rest] = pattern.replace('[', '|').replace(']', '|').split('|')
  const [from = '', to = '', step = '1', ...more] = (range ?? '').split(':')
  if (head === undefined || tail === undefined || rest.length > 0 || !range?.includes(':') || more.length > 0)
    throw new Broken(`${JSON.stringify(pattern)} holds no range: write [begin:end] or [begin:end:step]`)
  if (to === '') throw new Broken('a range needs an end')
  return steps(from === '' ? '0' : from, to, step).map((one) => `${head}${one}${tail}`)
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

function steps(from: string, to: string, stepText: string): string[] {
  const width = from.length > 1 && from.startsWith('0') ? from.length : 0
  if (width > 0 && width !== to.length) throw new Broken('begin and end of a range differ in length')
  const step = integer(stepText)
  if (step === 0) throw new Broken('a range needs a step other than 0')
  const letters = [LETTERS.indexOf(from), LETTERS.indexOf(to)] as const
  if (letters[0] >= 0 && letters[1] >= 0) {
    if (letters[0] > letters[1]) throw new Broken('a range of letters begins after its end')
    return numbers(letters[0], letters[1], step).map((index) => LETTERS.charAt(index))
  }
  return numbers(integer(from), integer(to), step).map((one) => String(one).padStart(width, '0'))
}

function integer(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new Broken(`${JSON.stringify(text)} in a range is no number`)
  return Number(text)
}

function numbers(from: number, to: number, step: number): number[] {
  const end = to + 1
  const count = Math.max(0, Math.ceil((end - from) / step))
  if (count > MAX_HOSTS) throw tooMany()
  return Array.from({ length: count }, (_, index) => from + index * step)
}
