import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { closest } from '../text.ts'

/** Compiles schemas, each object once. */
export class SchemaValidators {
  readonly #ajv = new Ajv({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    verbose: true,
    // schemas are checked where they are written: ours by a law of the repository, others by strict mode
    validateSchema: false,
  })

  compile(schema: object): ValidateFunction {
    return this.#ajv.compile(schema)
  }
}

/** `/packages/0/arch` as a person writes it: `packages[0].arch`. */
function readablePath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`),
      '',
    )
}

function known(error: ErrorObject): string[] {
  const properties: unknown = error.parentSchema?.properties
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}

function meant(word: unknown, candidates: readonly string[]): string {
  const suggestion = typeof word === 'string' ? closest(word, candidates) : undefined
  return suggestion === undefined ? '' : `; did you mean "${suggestion}"?`
}

type Explain = (error: ErrorObject, what: string) => string | undefined

/** One sentence per ajv keyword; keywords that only group others (anyOf, if, propertyNames) say nothing themselves. */
const EXPLAIN: Readonly<Record<string, Explain>> = {
  additionalProperties: (error, what) => {
    const name = String(error.params.additionalProperty)
    return `unknown ${what} "${name}"${meant(name, known(error))}`
  },
  required: (error, what) => `${what} "${String(error.params.missingProperty)}" is missing`,
  enum: (error) => {
    const allowed = error.params.allowedValues as unknown[]
    return `must be one of ${allowed.map(String).join(', ')}${meant(error.data, allowed.map(String))}`
  },
  type: (error) => {
    const wanted: unknown[] = [error.params.type].flat()
    // YAML takes an unquoted 1.10 for the number 1.1
    const quotes = typeof error.data === 'number' && wanted.includes('string') ? '; put it in quotes' : ''
    return `must be ${wanted.join(' or ')}, is ${typeName(error.data)}${quotes}`
  },
  const: (error) => `must be ${JSON.stringify(error.params.allowedValue)}`,
  dependencies: (error) => `"${error.params.property}" needs "${error.params.missingProperty}" too`,
  minProperties: () => 'is empty',
  pattern: (error) => `${JSON.stringify(error.data)} does not have the right form${describe(error)}`,
  anyOf: () => undefined,
  oneOf: () => undefined,
  propertyNames: () => undefined,
  if: () => undefined,
}

function describe(error: ErrorObject): string {
  const description: unknown = error.parentSchema?.description
  return typeof description === 'string' ? ` (${description})` : ''
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** ajv's errors as sentences with paths, duplicates removed. `what` is how a key is called: `key`, `option`. */
export function explainFaults(errors: readonly ErrorObject[], what: string): string[] {
  const sentences = errors.map((error) => {
    const explain = EXPLAIN[error.keyword] ?? (() => error.message ?? error.keyword)
    const sentence = explain(error, what)
    const path = readablePath(error.instancePath)
    return sentence === undefined ? undefined : path === '' ? sentence : `${path}: ${sentence}`
  })
  return [...new Set(sentences.filter((sentence) => sentence !== undefined))]
}
