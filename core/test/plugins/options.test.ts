import { describe, expect, it } from 'vitest'
import { defineSource } from '../../src/plugins/define.ts'
import { PluginHost } from '../../src/plugins/host.ts'
import type { OptionsSchema } from '../../src/plugins/types.ts'

const schema: OptionsSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['token'],
  properties: {
    token: { type: 'string', minLength: 3 },
    mirror: { type: 'string', pattern: '^https:', description: 'an https URL' },
    channel: { enum: ['stable', 'nightly'], type: 'string' },
    retries: { type: 'integer', minimum: 0 },
    arch: { type: ['string', 'array'], items: { type: 'string' } },
    nested: {
      type: 'object',
      additionalProperties: false,
      properties: { list: { type: 'array', items: { type: 'number' } } },
    },
  },
}
const acme = defineSource<Record<string, unknown>>({ name: 'source-acme', schema, resolve: () => undefined })
const bare = defineSource({ name: 'source-bare', resolve: () => undefined })

function faults(options: Record<string, unknown>): string[] {
  return PluginHost.optionFaults([acme({ token: 'abc', ...options })])
}

describe('faults of options', () => {
  it.each<readonly [Record<string, unknown>, readonly string[]]>([
    [{}, []],
    [{ mirror: 'https://x', channel: 'stable', retries: 0, arch: ['a'], nested: { list: [1] } }, []],
    [{ miror: 'x' }, ['unknown option "miror"; did you mean "mirror"?']],
    [{ completely: 'x' }, ['unknown option "completely"']],
    [{ token: undefined }, ['option "token" is missing']],
    [{ token: 5 }, ['token: must be string, is number; put it in quotes']],
    [{ token: null }, ['token: must be string, is null']],
    [{ token: 'ab' }, ['token: must NOT have fewer than 3 characters']],
    [{ mirror: 'http://x' }, ['mirror: "http://x" does not have the right form (an https URL)']],
    [{ channel: 'stabel' }, ['channel: must be one of stable, nightly; did you mean "stable"?']],
    [{ channel: 'other' }, ['channel: must be one of stable, nightly']],
    [{ retries: -1 }, ['retries: must be >= 0']],
    [{ retries: 1.5 }, ['retries: must be integer, is number']],
    [{ arch: {} }, ['arch: must be string or array, is object']],
    [{ nested: { list: [1, 'x'] } }, ['nested.list[1]: must be number, is string']],
    [{ nested: { lisst: [] } }, ['nested: unknown option "lisst"; did you mean "list"?']],
    [
      { miror: 'x', retries: 'many', token: undefined },
      [
        'option "token" is missing',
        'unknown option "miror"; did you mean "mirror"?',
        'retries: must be integer, is string',
      ],
    ],
  ])('%j', (options, expected) => {
    expect(faults(options)).toEqual(expected.map((fault) => `plugins[0] (source-acme): ${fault}`))
  })

  it('of all plugins come at once, each with its place', () => {
    const plugins = [
      bare(),
      acme({ token: 'abc' }),
      acme({ token: 'abc', miror: 'x' }),
      acme({}),
      bare({ any: 1 } as never),
    ]
    expect(PluginHost.optionFaults(plugins)).toEqual([
      'plugins[2] (source-acme): unknown option "miror"; did you mean "mirror"?',
      'plugins[3] (source-acme): option "token" is missing',
      'plugins[4] (source-bare): unknown option "any"',
    ])
  })
})
