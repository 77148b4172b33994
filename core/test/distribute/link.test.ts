import { describe, expect, it } from 'vitest'
import { Link } from '../../src/distribute/link.ts'
import { PkgcacheError } from '../../src/errors/error.ts'
import { faultLine } from '../support/fault.ts'
import { FakeNodes, type FakeOptions, lost, timeout, unreachable } from '../support/nodes.ts'
import { tempFolders } from '../support/temp.ts'
import { worldOf } from '../support/world.ts'

const folder = tempFolders()

function linkTo(options: FakeOptions, own: { signal?: AbortSignal } = {}) {
  const fake = new FakeNodes(options)
  const world = worldOf(folder(), { nodes: [{ host: 'w1' }] }, [fake.plugin()])
  const [node] = world.nodes
  if (node === undefined) throw new Error('no node')
  return { fake, world, clock: world.clock, link: new Link(node, world.context(own)) }
}

const failing = (...faults: (PkgcacheError | undefined)[]) => ({
  faults: {
    connect(_node: string, nth: number) {
      const fault = faults[nth - 1]
      if (fault) throw fault
    },
  },
})

describe('a node that was never reached', () => {
  it.each([
    ['is tried twice more', failing(unreachable(), unreachable()), [1000, 3000], 'open', 3],
    [
      'is given up then',
      failing(unreachable(), unreachable(), unreachable()),
      [1000, 3000],
      'E_NODE_UNREACHABLE: no route (after 3 tries over 4 s)',
      3,
    ],
    [
      'that does not answer in time is not tried again',
      failing(timeout()),
      [],
      'E_NODE_TIMEOUT: no answer',
      1,
    ],
    [
      'that times out at last is not tried on',
      failing(unreachable(), timeout()),
      [1000],
      'E_NODE_TIMEOUT: no answer',
      2,
    ],
    [
      'that refuses is not tried again',
      failing(new PkgcacheError('E_NODE_AUTH', 'refused')),
      [],
      'E_NODE_AUTH: refused',
      1,
    ],
  ] as const)('%s', async (_title, options, pauses, outcome, tries) => {
    const { link, clock, fake } = linkTo(options)
    const open = () => link.session().then(() => 'open')
    expect(outcome === 'open' ? await open() : await faultLine(open)).toBe(outcome)
    // whoever comes later gets the same, without another try
    expect(outcome === 'open' ? await open() : await faultLine(open)).toBe(outcome)
    expect([clock.pauses, fake.called('connect').length]).toEqual([pauses, tries])
  })

  it('that no transport takes is not tried at all', async () => {
    const world = worldOf(folder(), { nodes: [{ host: 'w1' }] }, [])
    const link = new Link(world.nodes[0] ?? { name: 'w1', root: '/', sudo: false }, world.context())
    expect(await faultLine(() => link.session())).toBe('E_TRANSPORT: no transport plugin takes this node')
  })
})

describe('a node that is lost', () => {
  it('is reconnected to once, however much goes on with it, with growing pauses', async () => {
    const down = Array.from({ length: 6 }, unreachable)
    const { link, clock, fake, world } = linkTo(failing(undefined, ...down))
    const opened = await link.session()
    const work = (name: string) =>
      link.attempt(async (current) => {
        if (current === opened) throw lost()
        return name
      })
    expect(await Promise.all(['a', 'b', 'c'].map(work))).toEqual(['a', 'b', 'c'])
    expect(clock.pauses).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000])
    expect(fake.called('connect', 'close')).toEqual([
      'connect w1',
      'close w1',
      ...Array(7).fill('connect w1'),
    ])
    expect(world.logged).toEqual(['warn distribute: node w1: the connection was lost; trying again'])
  })

  it('is given up after two minutes in which nothing got done, and stays so', async () => {
    const { link, clock } = linkTo(failing(undefined, ...Array.from({ length: 30 }, unreachable)))
    const work = () => link.attempt(() => Promise.reject(lost()))
    const line = 'E_NODE_LOST: no route (after 20 tries over 2 min 00 s)'
    expect(await faultLine(work)).toBe(line)
    const pauses = clock.pauses.length
    expect(await faultLine(work)).toBe(line)
    expect([clock.pauses.length, pauses]).toEqual([19, 19])
  })

  it('that can be connected to, but loses every call, is given up as well', async () => {
    const { link, clock, fake } = linkTo({})
    const work = () => link.attempt(() => Promise.reject(lost()))
    expect(await faultLine(work)).toBe(
      'E_NODE_LOST: the connection was lost (after 20 tries over 2 min 00 s)',
    )
    expect([clock.pauses.slice(0, 6), fake.called('connect').length]).toEqual([
      [500, 1000, 2000, 4000, 8000, 8000],
      20,
    ])
  })

  it('that stopped answering is said to have', async () => {
    const { link } = linkTo({})
    const work = () => link.attempt(() => Promise.reject(timeout()))
    expect(await faultLine(work)).toBe('E_NODE_TIMEOUT: no answer (after 20 tries over 2 min 00 s)')
  })

  it('is tried on as long as something gets done', async () => {
    const { link, clock } = linkTo({})
    let tries = 0
    const result = await link.attempt(async () => {
      clock.pass(60_000)
      if (++tries === 50) return 'done'
      link.advance()
      throw lost()
    })
    expect([result, new Set(clock.pauses)]).toEqual(['done', new Set([500])])
  })

  it('and refuses afterwards is not tried on', async () => {
    const refusal = new PkgcacheError('E_HOST_KEY_CHANGED', 'another key')
    const { link, clock } = linkTo(failing(undefined, refusal))
    expect(await faultLine(() => link.attempt(() => Promise.reject(lost())))).toBe(
      'E_HOST_KEY_CHANGED: another key',
    )
    expect(clock.pauses).toEqual([500])
  })

  it('is not waited for once the run is cancelled', async () => {
    const controller = new AbortController()
    const { link, clock } = linkTo({}, { signal: controller.signal })
    const work = () =>
      link.attempt(async () => {
        controller.abort()
        throw lost()
      })
    expect(await faultLine(work)).toBe('E_NODE_LOST: the connection was lost')
    expect(clock.pauses).toEqual([])
  })
})

describe('work that fails otherwise', () => {
  it('is not repeated, and the session stays', async () => {
    const { link, fake } = linkTo({})
    const fault = new PkgcacheError('E_NODE_NOSPC', 'full')
    expect(await faultLine(() => link.attempt(() => Promise.reject(fault)))).toBe('E_NODE_NOSPC: full')
    expect(fake.called('connect', 'close')).toEqual(['connect w1'])
    await link.close()
    await link.close()
    expect(fake.called('connect', 'close')).toEqual(['connect w1', 'close w1'])
  })
})

describe('the arch of a node', () => {
  it('is asked once, and not known of one that is down', async () => {
    const up = linkTo({ arches: { w1: 'arm64' } })
    expect([await up.link.arch(), await up.link.arch(), up.fake.called('arch')]).toEqual([
      'arm64',
      'arm64',
      ['arch w1'],
    ])
    const down = linkTo(failing(timeout()))
    expect(await down.link.arch()).toBeUndefined()
  })
})
