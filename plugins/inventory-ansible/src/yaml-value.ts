import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
import { Broken } from './notes.ts'
import { type Data, type Entry, VAULTED, type Value } from './values.ts'

/** Merge keys copy: a few of them in a row could fill the memory. */
const MAX_MERGED = 200_000

/** What the reading of nodes needs from the text they come from. */
export interface Source {
  readonly json: boolean
  /** Counted from 1. */
  line(offset: number): number
  /** What `work` finds broken is a fault at that offset. */
  attempt<T>(offset: number, work: () => T): T | undefined
  duplicate(offset: number, key: string): void
}

/** Values as Ansible's YAML loader makes them, each with its line; undefined after a fault. */
export function toValue(root: Node, source: Source): Value | undefined {
  const reader = new Reader(source)
  const value = reader.read(root)
  return reader.failed ? undefined : value
}

const FAILED: Data = null

class Reader {
  failed = false
  readonly #source: Source
  /** Aliases share the value: written out they could stand for gigabytes. */
  readonly #anchors = new Map<string, Value | 'open'>()
  #merged = 0

  constructor(source: Source) {
    this.#source = source
  }

  read(node: Node): Value {
    const offset = node.range?.[0] ?? 0
    if (isAlias(node)) return this.#alias(node, offset)
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined
    if (anchor !== undefined) this.#anchors.set(anchor, 'open')
    const value: Value = {
      line: this.#source.line(offset),
      data: this.#try(offset, () => this.#data(node)) ?? FAILED,
    }
    if (anchor !== undefined) this.#anchors.set(anchor, value)
    return value
  }

  #try<T>(offset: number, work: () => T): T | undefined {
    return this.#source.attempt(offset, () => {
      try {
        return work()
      } catch (error) {
        this.failed = true
        throw error
      }
    })
  }

  #alias({ source: name }: Alias, offset: number): Value {
    const value = this.#anchors.get(name)
    if (value !== undefined && value !== 'open') return value
    this.#try(offset, () => {
      throw new Broken(`*${name} ${value === 'open' ? 'contains itself' : 'refers to no anchor before it'}`)
    })
    return { line: this.#source.line(offset), data: FAILED }
  }

  #data(node: Node): Data {
    if (isScalar(node)) return scalar(node, this.#source.json)
    const collection = /^(?:tag:yaml\.org,2002:(?:map|seq|set|omap|pairs)|!unsafe)?$/
    if (!collection.test(tagOf(node))) throw unknownTag(node)
    if (isSeq(node)) return node.items.map((item) => this.read(item as Node))
    if (isMap(node)) return this.#mapping(node)
    throw new Broken('this cannot be read')
  }

  #mapping(node: YAMLMap): Data {
    const own = new Map<string, Entry>()
    const merged = new Map<string, Entry>()
    for (const { key, value } of node.items as { key: Node; value: Node | null }[]) {
      const offset = key.range?.[0] ?? 0
      const line = this.#source.line(offset)
      const content = value === null ? { line, data: null } : this.read(value)
      if (isScalar(key) && key.type === 'PLAIN' && key.source === '<<' && !this.#source.json) {
        this.#try(offset, () => this.#merge(content, merged))
        continue
      }
      const name = this.#key(key, offset)
      if (name === undefined) continue
      if (own.has(name.text)) this.#source.duplicate(offset, name.text)
      own.set(name.text, { line, textual: name.textual, value: content })
    }
    return new Map([...merged, ...own])
  }

  #key(key: Node, offset: number): { readonly text: string; readonly textual: boolean } | undefined {
    const { data } = this.read(key)
    return this.#try(offset, () => {
      if (data === VAULTED || (typeof data === 'object' && data !== null))
        throw new Broken('a key is plain text')
      return { text: String(data), textual: typeof data === 'string' }
    })
  }

  /** What `<<` brings in; of several mappings the first wins. */
  #merge({ data }: Value, into: Map<string, Entry>): void {
    const mappings = Array.isArray(data) ? data.map((one: Value) => one.data) : [data]
    for (const mapping of mappings) {
      if (!(mapping instanceof Map)) throw new Broken('<< takes a mapping, or a list of them')
      this.#merged += mapping.size
      if (this.#merged > MAX_MERGED) throw new Broken('<< brings in too much')
      for (const [key, entry] of mapping) if (!into.has(key)) into.set(key, entry)
    }
  }
}

/** Without the "!" that says of a scalar that it is text. */
function tagOf(node: Node): string {
  return ('tag' in node && typeof node.tag === 'string' && node.tag) || ''
}

function unknownTag(node: Node): Broken {
  return new Broken(`Ansible does not know the tag ${tagOf(node).replace('tag:yaml.org,2002:', '!!')} here`)
}

function scalar(node: Scalar, json: boolean): Data {
  const text = String(node.value ?? '')
  const tag = tagOf(node)
  if (tag === '') return node.type === 'PLAIN' ? (json ? jsonScalar(text) : plainScalar(text)) : text
  if (tag === '!vault' || tag === '!vault-encrypted') return VAULTED
  if (['!', '!unsafe', 'tag:yaml.org,2002:str', 'tag:yaml.org,2002:binary'].includes(tag)) return text
  const wanted = /^tag:yaml\.org,2002:(int|float|bool|null|timestamp)$/.exec(tag)?.[1]
  if (wanted === undefined) throw unknownTag(node)
  return tagged(plainScalar(text), wanted)
}

const TAGGED = {
  int: 'bigint',
  float: 'number',
  bool: 'boolean',
  timestamp: 'string',
  null: 'object',
} as const

function tagged(data: Data, wanted: string): Data {
  if (wanted === 'float' && typeof data === 'bigint') return Number(data)
  if (typeof data === TAGGED[wanted as keyof typeof TAGGED]) return data
  throw new Broken(`this is no !!${wanted}`)
}

function jsonScalar(text: string): Data {
  const value: unknown = JSON.parse(text)
  if (typeof value === 'number') return /^-?\d+$/.test(text) ? BigInt(text) : value
  return typeof value === 'boolean' ? value : null
}

const BOOLEAN = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON|(no|No|NO|false|False|FALSE|off|Off|OFF))$/
const NULL = /^(?:~|null|Null|NULL|)$/
const INTEGER = /^([-+]?)(?:0b([0-1_]+)|0x([0-9a-fA-F_]+)|0([0-7_]+)|(0|[1-9][0-9_]*))$/
const FLOAT = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/
const SPECIAL = /^(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const SEXAGESIMAL = /^([-+]?)([0-9][0-9_]*(?::[0-5]?[0-9])+)(\.[0-9_]*)?$/

/** What a scalar without quotes means: YAML 1.1's types, in the form in which PyYAML's resolver has them. */
function plainScalar(text: string): Data {
  const boolean = BOOLEAN.exec(text)
  if (boolean) return boolean[1] === undefined
  if (NULL.test(text)) return null
  const integer = INTEGER.exec(text)
  if (integer) return wholeNumber(integer)
  if (FLOAT.test(text)) return Number(text.replaceAll('_', ''))
  const special = SPECIAL.exec(text)
  if (special)
    return text.endsWith('n') || /nan$/i.test(text) ? Number.NaN : special[1] === '-' ? -Infinity : Infinity
  return sexagesimal(text) ?? text
}

function wholeNumber([, sign, binary, hex, octal, decimal]: RegExpExecArray): Data {
  const digits = (binary ?? hex ?? octal ?? decimal ?? '').replaceAll('_', '')
  const prefix = binary !== undefined ? '0b' : hex !== undefined ? '0x' : octal !== undefined ? '0o' : ''
  if (digits === '') throw new Broken('this is no number')
  const value = BigInt(prefix + digits)
  return sign === '-' ? -value : value
}

/** `1:30` is 90: YAML 1.1's way to write hours and minutes. */
function sexagesimal(text: string): Data | undefined {
  const [, sign, whole, fraction] = SEXAGESIMAL.exec(text) ?? []
  if (whole === undefined) return undefined
  // an integer does not begin with a zero
  if (fraction === undefined && whole.startsWith('0')) return undefined
  const parts = whole.replaceAll('_', '').split(':')
  const value = parts.reduce((sum, part) => sum * 60n + BigInt(part), 0n)
  if (fraction === undefined) return sign === '-' ? -value : value
  const exact = Number(value) + Number(`0${fraction.replaceAll('_', '')}`)
  return sign === '-' ? -exact : exact
}
