import { Broken, type Notes } from './notes.ts'
import { type Data, isMapping, kindOf, VAULTED, type Variable, type Vars } from './values.ts'

/** Words that Ansible takes for true and false (`ansible.module_utils.parsing.convert_bool`). */
const TRUE = ['y', 'yes', 'on', '1', 'true', 't']
const FALSE = ['n', 'no', 'off', '0', 'false', 'f']

/** The variables of one host, as far as they are asked for: what is not understood becomes a fault at its place. */
export class Variables {
  readonly #vars: Vars
  readonly #notes: Notes

  constructor(vars: Vars, notes: Notes) {
    this.#vars = vars
    this.#notes = notes
  }

  /** @returns what `use` makes of the last of these that is set and not null, and the name of that one */
  get<T>(names: readonly string[], use: (data: Data, name: string) => T): T | undefined {
    const name = names.findLast((one) => (this.#vars.get(one)?.data ?? null) !== null)
    const variable: Variable | undefined = name === undefined ? undefined : this.#vars.get(name)
    if (name === undefined || variable === undefined) return undefined
    return this.#notes.attempt(variable.at, () => {
      // the path of YAML ends with it
      const prefix = variable.at.path === undefined ? `${name}: ` : ''
      try {
        return use(plain(variable.data), name)
      } catch (error) {
        if (error instanceof Broken) throw new Broken(prefix + error.message, { cause: error })
        throw error
      }
    })
  }

  /** Text; whole numbers are text, too. Empty text counts as not set. */
  text(...names: readonly string[]): string | undefined {
    return this.get(names, asText) || undefined
  }

  flag(...names: readonly string[]): boolean | undefined {
    return this.get(names, (data) => {
      const word = typeof data === 'string' ? data.toLowerCase() : String(data)
      if (TRUE.includes(word)) return true
      if (FALSE.includes(word)) return false
      throw new Broken(`must be true or false, is ${described(data)}`)
    })
  }

  mapping(...names: readonly string[]): Record<string, string> | undefined {
    return this.get(names, (data) => {
      if (!isMapping(data)) throw new Broken(`must be a mapping, is ${described(data)}`)
      const entries = [...data].map(([key, { value }]) => [
        checkedKey(key),
        asText(plain(value.data), `${key}: `),
      ])
      return Object.fromEntries(entries) as Record<string, string>
    })
  }
}

function checkedKey(key: string): string {
  if (/^[^!=*?,\s]+$/.test(key)) return key
  throw new Broken(`${JSON.stringify(key)} is no key of a label: it has no ! = * ? , and spaces`)
}

/** @throws Broken for what only Ansible can work out */
function plain(data: Data): Data {
  if (data === VAULTED) throw new Broken('encrypted by ansible-vault, and needed; write it in plain text')
  if (typeof data === 'string' && /\{[{%#]/.test(data))
    throw new Broken('a Jinja template, and needed; templates are not worked out, write the value itself')
  return data
}

function asText(data: Data, prefix = ''): string {
  if (typeof data === 'string') return data
  if (typeof data === 'bigint') return String(data)
  const quotes = typeof data === 'number' || typeof data === 'boolean' ? '; put it in quotes' : ''
  throw new Broken(`${/: $/.test(prefix) ? prefix : ''}must be text, is ${kindOf(data)}${quotes}`)
}

function described(data: Data): string {
  return typeof data === 'string' ? JSON.stringify(data) : kindOf(data)
}
