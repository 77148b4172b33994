/** This plugin takes no options. */
export type Options = Record<never, never>

/** JSON Schema (draft-07) of the options. */
export const schema = { type: 'object', additionalProperties: false, properties: {} } as const
