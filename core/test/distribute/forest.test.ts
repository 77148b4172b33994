import { describe, expect, it } from 'vitest'
import type { Config, DistributeConfig } from '../../src/config/types.ts'
import { PkgcacheError } from '../../src/errors/error.ts'
import { FakeNodes, type FakeOptions, lost } from '../support/nodes.ts'
import { tempFolders } from '../support/temp.ts'
import { rows, worldOf } from '../support/world.ts'

const folder = tempFolders()
const PATH = 'tool/tool-1.0-amd64.tar.zst'
const CONTENT = 'content of tool'
const eight = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8']
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 3))

async function open(nodes: readonly string[], options: FakeOptions = {}, config: Config = {}) {
  const fake = new FakeNodes(options)
  const distribute: DistributeConfig = { via: 'tree', fanout: 2, ...config.distribute }
  const packages = ['tool@1.0', ...(config.packages ?? [])]
  const filled = { ...config, packages, nodes: nodes.map((host) => ({ host })), distribute }
  const world = worldOf(folder(), filled, [fake.plugin()])
  const record = await world.cache('tool', CONTENT)
  return { world, fake, record }
}

describe('a tree of nodes', () => {
  it.each([
    [2, 8],
    [1, 8],
    [3, 20],
  ])(
    'with fanout %i brings a record to %i nodes, this machine sends no more than that',
    async (fanout, count) => {
      const names = Array.from({ length: count }, (_, index) => `w${index}`)
      const { world, fake } = await open(names, { faults: { relay: settle } }, { distribute: { fanout } })
      const { deliveries, exitCode } = await world.distribute()
      expect([deliveries.map(({ state }) => state), exitCode]).toEqual([Array(count).fill('sent'), 0])
      const via = deliveries.filter((result) => 'via' in result && result.via !== undefined)
      expect([via.length, fake.sentBytes]).toEqual([count - fanout, fanout * CONTENT.length])
      expect(via.every((result) => 'sentBytes' in result && result.sentBytes === 0)).toBe(true)
      expect([fake.called('place').length, fake.called('relay').length]).toEqual([fanout, count - fanout])
      // holders stay until all are served, and are closed then
      expect(fake.calls.slice(-count).sort()).toEqual(names.map((name) => `close ${name}`).sort())
    },
  )

  it('does not wait for places of those that are done, however few there are', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `w${index}`)
    const { world, fake } = await open(names, {}, { concurrency: { nodes: 1 } })
    const { deliveries } = await world.distribute()
    expect(deliveries.map(({ state }) => state)).toEqual(Array(30).fill('sent'))
    expect(fake.sentBytes).toBe(2 * CONTENT.length)
  })

  it('begins with the nodes that have it, and names the key on the nodes', async () => {
    const { world, fake, record } = await open(
      ['w1', 'w2', 'w3', 'w4'],
      {},
      {
        distribute: { identityFile: '/root/.ssh/tree' },
      },
    )
    for (const node of ['w1', 'w2']) fake.hold(node, PATH, { sha256: record.sha256 })
    const { deliveries } = await world.distribute()
    expect(rows(deliveries)).toEqual([
      'w1 tool amd64 present',
      'w2 tool amd64 present',
      'w3 tool amd64 sent via w1',
      'w4 tool amd64 sent via w2',
    ])
    expect(fake.called('relay')).toEqual([
      `relay w1 w3 ${PATH} /root/.ssh/tree`,
      `relay w2 w4 ${PATH} /root/.ssh/tree`,
    ])
    expect(fake.sentBytes).toBe(0)
    expect((await world.distribute()).unchanged).toBe(true)
  })

  it('takes another node after one that cannot, then this machine, and warns once per pair', async () => {
    const refused = () => {
      throw new PkgcacheError('E_NODE_AUTH', 'no key')
    }
    const { world, fake, record } = await open(['w1', 'w2', 'w3'], { faults: { relay: refused } })
    for (const node of ['w1', 'w2']) fake.hold(node, PATH, { sha256: record.sha256 })
    const { deliveries, exitCode } = await world.distribute()
    expect([rows(deliveries)[2], exitCode]).toEqual(['w3 tool amd64 sent', 0])
    expect(fake.called('relay', 'place')).toEqual([
      `relay w1 w3 ${PATH}`,
      `relay w2 w3 ${PATH}`,
      `place w3 ${PATH}`,
    ])
    expect(world.logged).toEqual([
      'warn distribute: node w1 could not send to w3: E_NODE_AUTH: no key; another way is taken',
      'warn distribute: node w2 could not send to w3: E_NODE_AUTH: no key; another way is taken',
    ])
  })

  it('in which a direct send fails lets the next one have it', async () => {
    const { world, fake } = await open(eight, {
      faults: {
        place(node) {
          if (['w1', 'w2', 'w3'].includes(node)) throw new PkgcacheError('E_NODE_DENIED', 'not writable')
        },
      },
    })
    const { deliveries } = await world.distribute()
    expect(deliveries.map(({ state }) => state)).toEqual([
      ...Array(3).fill('failed'),
      ...Array(5).fill('sent'),
    ])
    expect(fake.sentBytes).toBe(2 * CONTENT.length)
  })

  it('does not wait for a node that was lost, which gets it all the same', async () => {
    let back: (() => void) | undefined
    const away = new Promise<void>((resolve) => {
      back = resolve
    })
    const { world, fake } = await open(
      ['w1', 'w2', 'w3', 'w4'],
      {
        faults: {
          async connect(node, nth) {
            if (node === 'w1' && nth > 1) await away
          },
          place(node, _delivery, _ctx, nth) {
            if (node === 'w1' && nth === 1) throw lost()
          },
        },
      },
      { distribute: { fanout: 1 } },
    )
    const running = world.distribute()
    const done = () => world.events.filter(({ type }) => type === 'delivery').length
    while (done() < 3) await settle()
    back?.()
    const { deliveries } = await running
    expect(rows(deliveries)).toEqual([
      'w1 tool amd64 sent',
      'w2 tool amd64 sent',
      'w3 tool amd64 sent via w2',
      expect.stringMatching(/^w4 tool amd64 sent via w[23]$/),
    ])
    expect(fake.sentBytes).toBe(2 * CONTENT.length)
  })

  it('serves nodes whose transport cannot relay from here', async () => {
    const { world, fake } = await open(eight, { without: ['relay'] })
    const { deliveries } = await world.distribute()
    expect(deliveries.map((result) => 'sentBytes' in result && result.sentBytes)).toEqual(
      Array(8).fill(CONTENT.length),
    )
    expect(fake.called('place').length).toBe(8)
  })

  it('begins no further node once too many failed, and nobody waits for ever', async () => {
    const { world } = await open(
      eight,
      {
        faults: {
          place() {
            throw new PkgcacheError('E_NODE_DENIED', 'not writable')
          },
        },
      },
      { distribute: { fanout: 1 } },
    )
    const { deliveries } = await world.distribute({ maxFailures: 1 })
    expect(deliveries.map(({ state }) => state)).toEqual([
      ...Array(2).fill('failed'),
      ...Array(6).fill('skipped'),
    ])
  })

  it('ends at once when it is cancelled', async () => {
    const controller = new AbortController()
    const { world, fake } = await open(eight, {
      faults: {
        async place(_node, _delivery, ctx) {
          await settle()
          controller.abort()
          ctx.signal.throwIfAborted()
        },
      },
    })
    const { deliveries, exitCode } = await world.distribute({ signal: controller.signal })
    expect([new Set(deliveries.map((one) => 'error' in one && one.error.code)), exitCode]).toEqual([
      new Set(['E_ABORTED']),
      130,
    ])
    expect([deliveries.length, [...fake.open.values()]]).toEqual([8, Array(8).fill(0)])
  })
})
