import { describe, expect, it } from 'vitest'
import type { NodeSpec } from '../../src/model/node.ts'
import { chooseNodes, idlePatterns, isChosen } from '../../src/model/select.ts'

const node = (name: string, more: Partial<NodeSpec> = {}): NodeSpec => ({
  name,
  root: '/r',
  sudo: false,
  ...more,
})

const CP1 = node('cp1', { groups: ['control', 'k8s'], labels: { zone: 'a', disk: 'ssd' } })
const W1 = node('w1', { groups: ['workers', 'k8s'], labels: { zone: 'a', disk: 'hdd' } })
const W2 = node('w2.example.com', { groups: ['workers', 'k8s'], labels: { zone: 'b=1' } })
const STICK = node('stick')
const V6 = node('[2001:db8::1]', { labels: {} })
const ODD = node('a=b')
const NODES = [CP1, W1, W2, STICK, V6, ODD]

/** Patterns, and who is chosen. */
const CASES: readonly (readonly [string[], NodeSpec[]])[] = [
  [[], NODES],
  [['all'], NODES],
  [['w1'], [W1]],
  [['workers'], [W1, W2]],
  [
    ['w1', 'cp1'],
    [CP1, W1],
  ],
  [['w?'], [W1]],
  [['w*'], [W1, W2]],
  [['*'], NODES],
  [['**'], NODES],
  [['w2.example.com'], [W2]],
  [['w2?example?com'], [W2]],
  [
    ['k8s', '!control'],
    [W1, W2],
  ],
  [
    ['!control', 'k8s'],
    [W1, W2],
  ],
  [['!k8s'], [STICK, V6, ODD]],
  [
    ['!w*', '!cp1'],
    [STICK, V6, ODD],
  ],
  [['all', '!all'], []],
  [['workers', '!w*'], []],
  [['zone=a'], [CP1, W1]],
  [['zone=*'], [CP1, W1, W2]],
  [['zone=b=1'], [W2]],
  [['zone=?'], [CP1, W1]],
  [
    ['k8s', '!disk=hdd'],
    [CP1, W2],
  ],
  [['[2001:db8::1]'], [V6]],
  [['a=b'], [ODD]],
]

describe('nodes by patterns', () => {
  it.each(CASES)('%j', (patterns, chosen) => {
    expect(NODES.filter((one) => isChosen(one, patterns)).map(({ name }) => name)).toEqual(
      chosen.map(({ name }) => name),
    )
    expect(chooseNodes(patterns, NODES)).toEqual(chosen)
    expect(idlePatterns(patterns, NODES)).toEqual([])
  })

  it.each([
    ['W1'],
    ['w'],
    ['w2.example'],
    ['w2+example.com'],
    ['(w1|w2)'],
    ['zone=c'],
    ['Zone=a'],
    ['rack=*'],
    ['=a'],
    [''],
    ['!nobody'],
    ['!'],
    ['constructor=*'],
    ['__proto__=*'],
  ])('%j matches nothing and is refused', (pattern) => {
    expect(idlePatterns(['w1', pattern], NODES)).toEqual([pattern])
    expect(() => chooseNodes(['w1', pattern], NODES)).toThrow(
      expect.objectContaining({
        code: 'E_USAGE',
        message: `there is no node called ${JSON.stringify(pattern)}`,
      }),
    )
  })

  it('says what there is, of many the first', () => {
    const many = Array.from({ length: 23 }, (_, index) => node(`n${index}`, { groups: ['g'] }))
    const names = many.slice(0, 20).map(({ name }) => name)
    try {
      chooseNodes(['x', 'n1', 'y'], many)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({
        code: 'E_USAGE',
        message: 'there is no node called "x", "y"',
        hint: `configured nodes: ${names.join(', ')} and 3 more; groups: g`,
      })
    }
  })

  it('and when there is none', () => {
    expect(() => chooseNodes(['all'], [])).toThrow('there is no node called "all"')
  })
})
