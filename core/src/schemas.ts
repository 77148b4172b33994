import { createRequire } from 'node:module'
import type { ValidateFunction } from 'ajv'
import { SchemaValidators } from './config/schema-faults.ts'

/** Schemas by file name in `@pkgcache/schemas`: the very files that are published. */
export type SchemaName = 'config' | 'lock' | 'record' | 'index' | 'report' | 'cache-report'

/** Compiles schemas when they are first asked for. */
export class Schemas {
  readonly #validators = new SchemaValidators()
  readonly #compiled = new Map<SchemaName, ValidateFunction>()

  validator(name: SchemaName): ValidateFunction {
    const compiled = this.#compiled.get(name)
    if (compiled) return compiled
    const schema = createRequire(import.meta.url)(`@pkgcache/schemas/${name}.json`) as object
    const validate = this.#validators.compile(schema)
    this.#compiled.set(name, validate)
    return validate
  }
}
