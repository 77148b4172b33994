import { type NodeOverview, type NodePackage, type PackageKey, PkgcacheError } from '@pkgcache/core'
import { describe, expect, it } from 'vitest'
import { colours } from '../src/render/colours.ts'
import { matrixLines } from '../src/render/matrix.ts'
import { foldNames } from '../src/render/ranges.ts'

const NAMES = [
  'containerd',
  'runc',
  'cni-plugins',
  'kubeadm',
  'kubelet',
  'kubectl',
  'crictl',
  'helm',
  'nerdctl',
]
const KEYS = NAMES.map((name): PackageKey => ({ name, version: '1.3.0', platform: 'linux', arch: 'amd64' }))
const plain = colours(false)

type State = NodePackage['state']

/** A node with the nine packages, all present but for `changes`; `-` is for others. */
function node(name: string, changes: Readonly<Record<string, State | '-'>> = {}): NodeOverview {
  const packages = KEYS.flatMap((key): NodePackage[] => {
    const state = changes[key.name] ?? 'present'
    if (state === '-') return []
    return [{ key, state, versions: state === 'outdated' ? ['1.2.6'] : [] }]
  })
  return { node: name, arch: 'amd64', packages, foreign: [] }
}

const down = (name: string): NodeOverview => ({
  ...node(name, Object.fromEntries(NAMES.map((one) => [one, 'unknown' as const]))),
  error: new PkgcacheError('E_NODE_TIMEOUT', 'no answer'),
})

const lines = (nodes: readonly NodeOverview[], width = 100) =>
  matrixLines({ nodes, errors: [], exitCode: 0 }, width, plain)

describe('names of many nodes', () => {
  it.each([
    [['cp1'], 'cp1'],
    [['w1', 'w2', 'w3', 'w7', 'cp1'], 'w[1-3,7],cp1'],
    [['w2', 'w1'], 'w[1,2]'],
    [['w9', 'w10', 'w11', 'w12'], 'w[9-12]'],
    [['w08', 'w09', 'w10'], 'w[08,09],w10'],
    [['10.0.0.9', '10.0.0.10', '10.0.1.1'], '10.0.0.[9,10],10.0.1.1'],
    [['w1.example.org', 'w2.example.org', 'w3.example.org'], 'w[1-3].example.org'],
    [['a', 'b'], 'a,b'],
    [['n12345678901234567890'], 'n12345678901234567890'],
  ])('%j', (names, folded) => {
    expect(foldNames(names)).toBe(folded)
  })
})

describe('the matrix of nodes and packages', () => {
  it('has a row for each of three nodes, and says what differs', () => {
    const foreign = [
      { remotePath: 'etcd/etcd-3.5.0-amd64.tar.zst', size: 9_100_000, delivered: true },
      { remotePath: 'notes\u001b.txt', size: 12, delivered: false },
    ]
    const w1 = {
      ...node('w1', { runc: 'outdated', helm: '-', crictl: 'missing', nerdctl: 'unknown' }),
      foreign,
    }
    expect(lines([node('cp1'), w1, down('w2')])).toEqual([
      'NODE  containerd  runc  cni-plugins  kubeadm  kubelet  kubectl  crictl  helm  nerdctl',
      'cp1   ok          ok    ok           ok       ok       ok       ok      ok    ok',
      'w1    ok          old   ok           ok       ok       ok       none    -     ?',
      'w2    down E_NODE_TIMEOUT',
      '',
      'ok: the declared bytes · old: another version, or other bytes · none: not there · ' +
        '?: not in the cache, so that nobody knows what it should be · -: not for that node',
      '',
      'Outdated:',
      '  runc@1.3.0 linux/amd64: 1.2.6 on w1',
      '',
      'Foreign files, of no declared package:',
      '  on w1:',
      '    etcd/etcd-3.5.0-amd64.tar.zst (9.1 MB, put there by pkgcache)',
      '    notes\\u001b.txt (12 B)',
      '',
      '3 nodes, 1 of them down: 14 of 17 packages present, 1 outdated, 1 missing, 1 unknown; 2 foreign files.',
    ])
  })

  it('has a row for each kind of 300 nodes, and names those that are not well', () => {
    const bad = new Set([7, 40, 41, 42, 99, 120, 130, 140, 150, 160, 170])
    const nodes = Array.from({ length: 300 }, (_, index) => {
      if (index === 5 || index === 6) return down(`w${index}`)
      return node(`w${index}`, bad.has(index) ? { kubelet: 'outdated' } : {})
    })
    expect(lines(nodes, 120)).toEqual([
      'NODE                            containerd  runc  cni-plugins  kubeadm  kubelet  kubectl  crictl  helm  nerdctl',
      'w[0-4,8-39,43-98,100-11… (287)  ok          ok    ok           ok       ok       ok       ok      ok    ok',
      'w[5,6] (2)                      down E_NODE_TIMEOUT',
      'w[7,40-42,99,120,130,14… (11)   ok          ok    ok           ok       old      ok       ok      ok    ok',
      '',
      'ok: the declared bytes · old: another version, or other bytes',
      '',
      'w[7,40-42,99,120,130,14… (11): w[7,40-42,99,120,130,140,150,160,170]',
      '',
      'Outdated:',
      '  kubelet@1.3.0 linux/amd64: 1.2.6 on w[7,40-42,99,120,130,140,150,160,170]',
      '',
      '300 nodes, 2 of them down: 2671 of 2682 packages present, 11 outdated.',
    ])
  })

  it('numbers the columns where names do not fit', () => {
    const two = [node('cp1'), node('w1', { runc: 'missing' })]
    expect(lines(two, 60).slice(0, 13)).toEqual([
      ...NAMES.map((name, index) => `   ${index + 1}  ${name}@1.3.0`),
      '',
      'NODE 1    2    3    4    5    6    7    8    9',
      'cp1  ok   ok   ok   ok   ok   ok   ok   ok   ok',
      'w1   ok   none ok   ok   ok   ok   ok   ok   ok',
    ])
    // closer together, they fit onto the usual terminal
    expect(lines(two, 80).slice(0, 3)).toEqual([
      'NODE containerd runc cni-plugins kubeadm kubelet kubectl crictl helm nerdctl',
      'cp1  ok         ok   ok          ok      ok      ok      ok     ok   ok',
      'w1   ok         none ok          ok      ok      ok      ok     ok   ok',
    ])
  })

  it('keeps the order of the config, where the first node lacks packages, too', () => {
    const without = node('cp1', { containerd: '-', kubelet: '-', nerdctl: '-' })
    expect(lines([without, node('w1')])[0]).toBe(
      'NODE  containerd  runc  cni-plugins  kubeadm  kubelet  kubectl  crictl  helm  nerdctl',
    )
  })

  it('tells versions apart, and arches where a node takes more than one', () => {
    const [runc] = KEYS.slice(1)
    if (runc === undefined) throw new Error('there is no runc')
    const of = (changes: Partial<PackageKey>): NodePackage => ({
      key: { ...runc, ...changes },
      state: 'present',
      versions: [],
    })
    const any: NodeOverview = { node: 'any', packages: [of({}), of({ arch: 'arm64' })], foreign: [] }
    const two: NodeOverview = { node: 'two', packages: [of({}), of({ version: '1.2.0' })], foreign: [] }
    const arm: NodeOverview = { node: 'arm', packages: [of({ arch: 'arm64' })], foreign: [] }
    expect(lines([any]).slice(0, 2)).toEqual([
      'NODE  runc@1.3.0/amd64  runc@1.3.0/arm64',
      'any   ok                ok',
    ])
    expect(lines([two, arm]).slice(0, 3)).toEqual([
      'NODE  runc@1.3.0  runc@1.2.0',
      'two   ok          ok',
      'arm   ok          -',
    ])
  })

  it('names other bytes under the declared version', () => {
    const [, runc] = KEYS
    if (runc === undefined) throw new Error('there is no runc')
    const packages = [{ key: runc, state: 'outdated', versions: ['1.2.6', '1.3.0'] } as const]
    expect(lines([{ node: 'w1', packages, foreign: [] }])).toContain(
      '  runc@1.3.0 linux/amd64: 1.2.6, other bytes under that version on w1',
    )
  })

  it('colours words, and keeps columns aligned', () => {
    const painted = matrixLines(
      { nodes: [node('a', { runc: 'missing' })], errors: [], exitCode: 0 },
      100,
      colours(true),
    )
    expect(painted[1]).toContain('\u001b[32mok\u001b[39m          \u001b[31mnone\u001b[39m  ')
  })

  it('lists ten foreign files, and counts the rest', () => {
    const foreign = Array.from({ length: 12 }, (_, index) => ({
      remotePath: `f${index}`,
      size: 1,
      delivered: false,
    }))
    const text = lines([
      { ...node('a'), foreign },
      { ...node('b'), foreign },
    ])
    expect(text.slice(text.indexOf('Foreign files, of no declared package:'), -2)).toEqual([
      'Foreign files, of no declared package:',
      '  on a,b:',
      ...Array.from({ length: 10 }, (_, index) => `    f${index} (1 B)`),
      '    … and 2 more; --json names all',
    ])
  })
})
