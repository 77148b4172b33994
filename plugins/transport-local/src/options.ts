import type { OptionsSchema } from '@pkgcache/core'

/** transport-local takes no options. */
export type LocalOptions = Record<never, never>

export const schema: OptionsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  properties: {},
}
