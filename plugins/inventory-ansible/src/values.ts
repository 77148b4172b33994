/** A value that only the vault's password opens. */
export const VAULTED: unique symbol = Symbol('vaulted')

/** A value as Python has it: integers are bigint, floats are number. */
export type Data =
  | null
  | boolean
  | bigint
  | number
  | string
  | typeof VAULTED
  | readonly Value[]
  | ReadonlyMap<string, Entry>

/** A value and the line it begins on, counted from 1. */
export interface Value {
  readonly line: number
  readonly data: Data
}

/** What stands below one key of a mapping. */
export interface Entry {
  /** Of the key. */
  readonly line: number
  /** False for a key that is a number, a boolean or null by its looks. */
  readonly textual: boolean
  readonly value: Value
}

/** Where something stands. */
export interface Place {
  /** As it is shown. */
  readonly file: string
  readonly line: number
  /** Keys from the top, in YAML and JSON: `all.hosts.n1.ansible_port`. */
  readonly path?: string | undefined
}

/** A variable of a host or group. */
export interface Variable {
  readonly data: Data
  readonly at: Place
}

/** By name. */
export type Vars = Map<string, Variable>

export function isMapping(data: Data): data is ReadonlyMap<string, Entry> {
  return data instanceof Map
}

/** What Python takes for false: nothing, zero, and what is empty. */
export function isFalsy(data: Data): boolean {
  if (data instanceof Map) return data.size === 0
  if (Array.isArray(data)) return data.length === 0
  return !data
}

/** What a value is called in messages. */
export function kindOf(data: Data): string {
  if (data === null) return 'null'
  if (data === VAULTED) return 'encrypted'
  if (data instanceof Map) return 'a mapping'
  if (Array.isArray(data)) return 'a list'
  const names = { bigint: 'an integer', number: 'a float', boolean: 'a boolean', string: 'text' } as const
  return names[typeof data as keyof typeof names]
}
