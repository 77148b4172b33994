import { describe, expect, it } from 'vitest'
import { orderPlugins } from '../../src/plugins/order.ts'
import type { Plugin } from '../../src/plugins/types.ts'
import { faultOf } from '../support/fault.ts'

type Spec = Partial<Pick<Plugin, 'enforce' | 'before' | 'after'>> & { readonly name: string }

function plugin(spec: Spec): Plugin {
  return { ...spec, options: {}, setup: () => undefined }
}

function order(...specs: readonly Spec[]): string {
  return orderPlugins(specs.map(plugin))
    .map(({ name }) => name)
    .join(' ')
}

describe('the order of plugins', () => {
  it.each<readonly [string, readonly Spec[], string]>([
    ['is the one of the config', [{ name: 'c' }, { name: 'a' }, { name: 'b' }], 'c a b'],
    ['is empty without plugins', [], ''],
    [
      'has tiers',
      [{ name: 'post', enforce: 'post' }, { name: 'one' }, { name: 'pre', enforce: 'pre' }, { name: 'two' }],
      'pre one two post',
    ],
    [
      'keeps the config’s order in each tier',
      [
        { name: 'q', enforce: 'pre' },
        { name: 'z', enforce: 'post' },
        { name: 'p', enforce: 'pre' },
        { name: 'y', enforce: 'post' },
      ],
      'q p z y',
    ],
    ['heeds before', [{ name: 'a' }, { name: 'b' }, { name: 'c', before: ['a'] }], 'b c a'],
    ['heeds after', [{ name: 'a', after: ['c'] }, { name: 'b' }, { name: 'c' }], 'b c a'],
    [
      'leaves alone what is right already',
      [{ name: 'a', before: ['c'] }, { name: 'b' }, { name: 'c', after: ['a'] }],
      'a b c',
    ],
    ['heeds chains', [{ name: 'a', after: ['b'] }, { name: 'b', after: ['c'] }, { name: 'c' }], 'c b a'],
    [
      'puts before and after over tiers',
      [{ name: 'pre', enforce: 'pre', after: ['post'] }, { name: 'mid' }, { name: 'post', enforce: 'post' }],
      'mid post pre',
    ],
    [
      'moves nothing that need not move',
      [{ name: 'a' }, { name: 'b', after: ['e'] }, { name: 'c' }, { name: 'd' }, { name: 'e' }],
      'a c d e b',
    ],
  ])('%s', (_, specs, expected) => {
    expect(order(...specs)).toBe(expected)
  })
})

describe('plugins that cannot be put in order', () => {
  it.each<readonly [string, readonly Spec[], readonly string[]]>([
    ['one twice', [{ name: 'a' }, { name: 'a' }], ['plugin "a" is listed 2 times']],
    [
      'two several times',
      [{ name: 'a' }, { name: 'b' }, { name: 'a' }, { name: 'b' }, { name: 'a' }],
      ['plugin "a" is listed 3 times', 'plugin "b" is listed 2 times'],
    ],
    [
      'an unknown name, nearly right',
      [{ name: 'source-url' }, { name: 'b', before: ['source-ulr'] }],
      ['plugin "b": before names unknown plugin "source-ulr"; did you mean "source-url"?'],
    ],
    [
      'an unknown name',
      [{ name: 'a', after: ['entirely-else'] }],
      ['plugin "a": after names unknown plugin "entirely-else"'],
    ],
    ['itself', [{ name: 'a', after: ['a'] }], ['before/after go in a circle: a']],
    [
      'a circle',
      [{ name: 'z' }, { name: 'a', after: ['b'] }, { name: 'b', before: ['a'], after: ['a'] }],
      ['before/after go in a circle: a → b'],
    ],
    [
      'all faults at once',
      [
        { name: 'a', before: ['x1'] },
        { name: 'a', after: ['y1'] },
      ],
      [
        'plugin "a" is listed 2 times',
        'plugin "a": before names unknown plugin "x1"',
        'plugin "a": after names unknown plugin "y1"',
      ],
    ],
  ])('%s', async (_, specs, faults) => {
    const fault = await faultOf(() => order(...specs))
    expect([fault.code, fault.exitCode]).toEqual(['E_PLUGIN_ORDER', 2])
    expect(fault.faults).toEqual(faults)
  })
})
