import { explainFaults, type SchemaValidators } from '../config/schema-faults.ts'
import type { Plugin } from './types.ts'

const NO_OPTIONS = { type: 'object', properties: {}, additionalProperties: false }

/**
 * Faults of one plugin's options against its own schema, each as `plugins[2] (source-acme): unknown option
 * "miror"; did you mean "mirror"?`.
 */
export function optionFaults(plugin: Plugin, index: number, validators: SchemaValidators): string[] {
  const validate = validators.compile(plugin.schema ?? NO_OPTIONS)
  if (validate(plugin.options)) return []
  return explainFaults(validate.errors ?? [], 'option').map(
    (fault) => `plugins[${index}] (${plugin.name}): ${fault}`,
  )
}
