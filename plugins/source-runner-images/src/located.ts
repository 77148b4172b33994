import { type ErrorCode, PkgcacheError } from '@pkgcache/core'

/** Where faults of documents go: nothing of a broken document stops the rest of it. */
export type Tell = (fault: PkgcacheError) => void

/** A fault in a document: the message names the JSON path, `item` the file. */
export function documentFault(
  code: ErrorCode,
  { file, path }: { readonly file: string; readonly path: string },
  what: string,
  hint?: string,
): PkgcacheError {
  return new PkgcacheError(code, `${path}: ${what}`, { item: file, hint })
}

/** How a place in a document is written: `$.toolcache[1].versions`, `$["a b"]`. */
function childPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

/** A document as a reader walks it. */
export interface DocumentPlace {
  /** Path or URL, as the user gave it. */
  readonly file: string
  /** Code of its faults. */
  readonly code: ErrorCode
  readonly tell: Tell
}

/** A value of a JSON document that knows where it stands. What is not of the shape asked for is told and left out. */
export class Located {
  readonly value: unknown
  /** JSON path. */
  readonly path: string
  readonly place: DocumentPlace

  constructor(value: unknown, place: DocumentPlace, path = '$') {
    this.value = value
    this.place = place
    this.path = path
  }

  /** Tells of a fault here. */
  fault(what: string, hint?: string): undefined {
    this.place.tell(documentFault(this.place.code, { file: this.place.file, path: this.path }, what, hint))
    return undefined
  }

  #child(key: string | number, value: unknown): Located {
    return new Located(value, this.place, childPath(this.path, key))
  }

  /** Members of an object; own ones only. */
  entries(): [string, Located][] {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) {
      this.fault(`is ${kindOf(this.value)}, not an object`)
      return []
    }
    return Object.entries(this.value).map(([key, value]) => [key, this.#child(key, value)])
  }

  /** A member of an object; undefined when it is not there or null. */
  get(key: string): Located | undefined {
    const { value } = this
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    const member = (value as Readonly<Record<string, unknown>>)[key]
    return member === undefined || member === null ? undefined : this.#child(key, member)
  }

  /** Elements of a list. */
  list(): Located[] {
    if (Array.isArray(this.value)) return this.value.map((value, index) => this.#child(index, value))
    this.fault(`is ${kindOf(this.value)}, not a list`)
    return []
  }

  /** A text, or a number as text. */
  text(): string | undefined {
    if (typeof this.value === 'string') return this.value
    if (typeof this.value === 'number') return String(this.value)
    return this.fault(`is ${kindOf(this.value)}, not a text`)
  }

  /** True for an object that is no list. */
  get isObject(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value)
  }

  /** True for a list. */
  get isList(): boolean {
    return Array.isArray(this.value)
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
