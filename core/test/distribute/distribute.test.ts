import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/types.ts'
import { PkgcacheError } from '../../src/errors/error.ts'
import { FakeNodes, type FakeOptions, lost, timeout, unreachable } from '../support/nodes.ts'
import { tempFolders } from '../support/temp.ts'
import { rows, type World, worldOf } from '../support/world.ts'

const folder = tempFolders()

/** A world with these packages cached, for amd64, and nodes behind a fake transport. */
async function open(
  config: Config,
  options: FakeOptions = {},
  cached: readonly string[] = ['tool'],
): Promise<{ world: World; fake: FakeNodes }> {
  const fake = new FakeNodes(options)
  const world = worldOf(folder(), config, [fake.plugin()])
  for (const name of cached) await world.cache(name)
  return { world, fake }
}

const hosts = (...names: readonly string[]) => names.map((host) => ({ host }))
const path = (name: string) => `${name}/${name}-1.0-amd64.tar.zst`
/** Lets everything that can go on go on. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 5))
const denied = () => new PkgcacheError('E_NODE_DENIED', 'not writable')

describe('who gets what', () => {
  it('is said by "to", with one warning for each pattern that no node matches', async () => {
    const packages = [
      { name: 'tool', version: '1.0', to: 'workers' },
      { name: 'helm', version: '1.0', to: ['w?', '!w2', 'nobody'] },
      { name: 'runc', version: '1.0', to: ['zone=b', 'nobody'] },
      'all@1.0',
    ]
    const nodes = [
      { host: 'w1', groups: ['workers'] },
      { host: 'w2', labels: { zone: 'b' } },
      { host: 'x', groups: ['workers'] },
    ]
    const { world, fake } = await open({ packages, nodes }, {}, ['tool', 'helm', 'runc', 'all'])
    const { deliveries, exitCode } = await world.distribute()
    expect(rows(deliveries)).toEqual([
      'w1 all amd64 sent',
      'w1 helm amd64 sent',
      'w1 tool amd64 sent',
      'w2 all amd64 sent',
      'w2 runc amd64 sent',
      'x all amd64 sent',
      'x tool amd64 sent',
    ])
    expect(exitCode).toBe(0)
    expect(world.logged).toEqual([
      'warn distribute: no node matches "nobody", which "to" of helm, runc names',
    ])
    expect(fake.called('connect', 'close').sort()).toEqual(
      ['w1', 'w2', 'x'].flatMap((node) => [`close ${node}`, `connect ${node}`]).sort(),
    )
  })

  it('does not warn of nodes that were not chosen, nor where there are none', async () => {
    const packages = [{ name: 'tool', version: '1.0', to: 'w2' }]
    const some = await open({ packages, nodes: hosts('w1', 'w2') })
    const { deliveries } = await some.world.distribute({ nodes: ['w1'] })
    expect([deliveries, some.world.logged, some.fake.calls]).toEqual([[], [], []])
    const none = await open({ packages })
    await none.world.distribute()
    expect(none.world.logged).toEqual([])
  })

  it('is said by the arch: declared, else asked once, else all', async () => {
    const packages = ['tool@1.0', 'helm@1.0', { name: 'data', version: '1.0', arch: 'noarch' }]
    const nodes = [{ host: 'w1', arch: 'x64' }, ...hosts('w2', 'w3', 'w4')]
    const { world, fake } = await open(
      { arch: ['amd64', 'arm64'], packages, nodes },
      { arches: { w1: 'wrong', w2: 'arm64', w4: 'riscv64' } },
      [],
    )
    for (const name of ['tool', 'helm'])
      for (const arch of ['amd64', 'arm64']) await world.cache(name, `${name} ${arch}`, arch)
    await world.cache('data', 'data', 'noarch')
    expect(rows((await world.distribute()).deliveries)).toEqual([
      'w1 helm amd64 sent',
      'w1 tool amd64 sent',
      'w2 data noarch sent',
      'w2 helm arm64 sent',
      'w2 tool arm64 sent',
      'w3 data noarch sent',
      'w3 helm amd64 sent',
      'w3 helm arm64 sent',
      'w3 tool amd64 sent',
      'w3 tool arm64 sent',
      'w4 data noarch sent',
    ])
    expect(fake.called('arch')).toEqual(['arch w2', 'arch w3', 'arch w4'])
  })

  it('tells of a node that gets nothing because of what it is', async () => {
    const { world } = await open({ packages: ['tool@1.0'], nodes: hosts('w1') }, { arches: { w1: 'arm64' } })
    expect((await world.distribute()).deliveries).toEqual([])
    expect(world.logged).toEqual([
      'warn distribute: node w1 is arm64, but what is meant for it is amd64: it gets nothing',
    ])
  })

  it('is a record once, though two requests lead to it', async () => {
    const packages = ['tool@1.0', { name: 'tool', version: 'v1.0', to: 'w1' }]
    const { world, fake } = await open({ packages, nodes: hosts('w1') })
    expect(rows((await world.distribute()).deliveries)).toEqual(['w1 tool amd64 sent'])
    expect(fake.called('place')).toEqual([`place w1 ${path('tool')}`])
  })

  it('reads the files on the nodes anew when asked to', async () => {
    const { world, fake } = await open({ packages: ['tool@1.0'], nodes: hosts('w1') })
    const first = await world.distribute()
    const second = await world.distribute({ rehash: true })
    expect([first.unchanged, second.unchanged]).toEqual([false, true])
    expect(fake.called('place')).toEqual([`place w1 ${path('tool')}`, `place w1 ${path('tool')} rehash`])
  })
})

describe('a node that fails', () => {
  const faults = {
    connect(node: string) {
      if (node === 'down') throw unreachable()
      if (node === 'silent') throw timeout()
    },
  }

  it('has all its deliveries failed with the same error, the others go on', async () => {
    const config = { packages: ['tool@1.0', 'helm@1.0'], nodes: hosts('down', 'silent', 'w1') }
    const { world, fake } = await open(config, { faults }, ['tool', 'helm'])
    const { deliveries, exitCode } = await world.distribute()
    const down = 'failed E_NODE_UNREACHABLE: no route (after 3 tries over 4 s)'
    expect([rows(deliveries), exitCode]).toEqual([
      [
        `down helm amd64 ${down}`,
        `down tool amd64 ${down}`,
        'silent helm amd64 failed E_NODE_TIMEOUT: no answer',
        'silent tool amd64 failed E_NODE_TIMEOUT: no answer',
        'w1 helm amd64 sent',
        'w1 tool amd64 sent',
      ],
      1,
    ])
    expect(fake.called('connect').length).toBe(5)
    expect(deliveries.map((result) => 'error' in result && result.error.item)).toEqual(
      ['down', 'down', 'silent', 'silent'].map((node) => `node ${node}`).concat([false, false] as never[]),
    )
  })

  it('in the middle of three deliveries goes on with one new connection', async () => {
    let cut = false
    const { world, fake } = await open(
      { packages: ['tool@1.0', 'helm@1.0', 'runc@1.0'], nodes: hosts('w1') },
      {
        faults: {
          async place(_node, _delivery, ctx, nth) {
            ctx.progress({ done: 5 })
            if (nth === 1) await settle()
            if (nth === 1 || !cut) {
              cut = true
              throw lost()
            }
          },
        },
      },
      ['tool', 'helm', 'runc'],
    )
    const { deliveries, exitCode } = await world.distribute()
    expect([rows(deliveries), exitCode]).toEqual([
      ['helm', 'runc', 'tool'].map((name) => `w1 ${name} amd64 sent`),
      0,
    ])
    expect([fake.called('connect').length, world.clock.pauses]).toEqual([2, [500]])
  })

  it('survives a line that is cut for 20 s again and again, as long as bytes arrive', async () => {
    let done = 0
    const { world } = await open(
      { packages: ['tool@1.0'], nodes: hosts('w1') },
      {
        faults: {
          place(_node, _delivery, ctx) {
            ctx.progress({ done: ++done })
            world.clock.pass(20_000)
            if (done < 15) throw lost()
          },
        },
      },
    )
    expect(rows((await world.distribute()).deliveries)).toEqual(['w1 tool amd64 sent'])
  })

  it('and sends the same bytes again and again makes no progress', async () => {
    const { world } = await open(
      { packages: ['tool@1.0'], nodes: hosts('w1') },
      {
        faults: {
          place(_node, _delivery, ctx) {
            for (let done = 1; done <= 5; done++) ctx.progress({ done })
            throw lost()
          },
        },
      },
    )
    expect(rows((await world.distribute()).deliveries)).toEqual([
      'w1 tool amd64 failed E_NODE_LOST: the connection was lost (after 20 tries over 2 min 00 s)',
    ])
  })

  it('is left at once when the run is cancelled', async () => {
    const controller = new AbortController()
    const { world, fake } = await open(
      { packages: ['tool@1.0'], nodes: hosts('w1', 'w2'), concurrency: { nodes: 1 } },
      {
        faults: {
          async place() {
            controller.abort()
            throw lost()
          },
        },
      },
    )
    const { deliveries, exitCode } = await world.distribute({ signal: controller.signal })
    expect([rows(deliveries), exitCode]).toEqual([
      ['w1 tool amd64 failed E_ABORTED: cancelled', 'w2 tool amd64 failed E_ABORTED: cancelled'],
      130,
    ])
    expect([world.clock.pauses, fake.called('place').length]).toEqual([[], 1])
    expect([...fake.open.values()]).toEqual([0, 0])
  })
})

describe('many nodes', () => {
  it('are sent to a few at a time, and connecting takes no place from them', async () => {
    let [now, most] = [0, 0]
    let answer: (() => void) | undefined
    const blackHole = new Promise<void>((resolve) => {
      answer = resolve
    })
    const dead = ['d1', 'd2', 'd3', 'd4', 'd5', 'd6']
    const alive = ['w1', 'w2', 'w3', 'w4', 'w5']
    const { world, fake } = await open(
      { packages: ['tool@1.0'], nodes: hosts(...dead, ...alive), concurrency: { nodes: 2 } },
      {
        faults: {
          async connect(node) {
            if (!dead.includes(node)) return
            await blackHole
            throw timeout()
          },
          async place() {
            most = Math.max(most, ++now)
            await settle()
            now--
          },
        },
      },
    )
    const running = world.distribute()
    while (fake.called('close').length < alive.length) await settle()
    expect(fake.called('connect').filter((call) => call.startsWith('connect d')).length).toBe(6)
    answer?.()
    const { deliveries } = await running
    expect(deliveries.map(({ state }) => state)).toEqual([
      ...dead.map(() => 'failed'),
      ...alive.map(() => 'sent'),
    ])
    expect(most).toBe(2)
  })

  it('of which one is being reconnected to do not wait for it', async () => {
    let back: (() => void) | undefined
    const away = new Promise<void>((resolve) => {
      back = resolve
    })
    const { world, fake } = await open(
      {
        packages: ['tool@1.0', { name: 'helm', version: '1.0', to: 'w1' }],
        nodes: hosts('w1', 'w2', 'w3'),
        concurrency: { nodes: 1 },
      },
      {
        faults: {
          async connect(node, nth) {
            if (node === 'w1' && nth === 2) await away
          },
          async place(node, _delivery, _ctx, nth) {
            await settle()
            if (node === 'w1' && nth === 1) throw lost()
          },
        },
      },
      ['tool', 'helm'],
    )
    const running = world.distribute()
    const served = () => world.events.filter(({ type }) => type === 'delivery').length
    while (served() < 2) await settle()
    expect(fake.open.get('w1')).toBe(0)
    back?.()
    expect(rows((await running).deliveries)).toEqual([
      'w1 helm amd64 sent',
      'w1 tool amd64 sent',
      'w2 tool amd64 sent',
      'w3 tool amd64 sent',
    ])
  })

  it('are begun one after the other where that is asked for, the command of one before the next', async () => {
    const packages = [{ name: 'tool', version: '1.0', onNode: { command: 'restart' } }]
    const apply = async (node: string) => {
      await settle()
      if (node === 'w2') throw new PkgcacheError('E_NODE_COMMAND', 'exit code 1')
    }
    const config = { packages, nodes: hosts('w1', 'w2', 'w3'), concurrency: { nodes: 1 } }
    const { world, fake } = await open(config, { faults: { apply } })
    const { deliveries } = await world.distribute({ maxFailures: 0 })
    expect(deliveries.map(({ state }) => state)).toEqual(['sent', 'failed', 'skipped'])
    expect(fake.called('place', 'apply').map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual([
      'place w1',
      'apply w1',
      'place w2',
      'apply w2',
    ])
  })

  it('of which more than maxFailures failed are not begun any more; those under way are finished', async () => {
    let go: (() => void) | undefined
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    const { world, fake } = await open(
      {
        packages: ['tool@1.0', 'helm@1.0'],
        nodes: hosts('slow', 'bad1', 'bad2', 'w1', 'w2'),
        concurrency: { nodes: 2 },
      },
      {
        faults: {
          async place(node) {
            if (node === 'slow') await held
            if (node.startsWith('bad')) throw denied()
          },
        },
      },
      ['tool', 'helm'],
    )
    const running = world.distribute({ maxFailures: 1 })
    while (world.events.filter(({ type }) => type === 'delivery').length < 8) await settle()
    go?.()
    const { deliveries, exitCode } = await running
    expect([rows(deliveries), exitCode]).toEqual([
      [
        'slow helm amd64 sent',
        'slow tool amd64 sent',
        ...['bad1', 'bad2'].flatMap((node) =>
          ['helm', 'tool'].map((name) => `${node} ${name} amd64 failed E_NODE_DENIED: not writable`),
        ),
        ...['w1', 'w2'].flatMap((node) => ['helm', 'tool'].map((name) => `${node} ${name} amd64 skipped`)),
      ],
      1,
    ])
    expect(fake.called('place').filter((call) => call.startsWith('place w'))).toEqual([])
  })

  it('with as many failures as allowed are all begun', async () => {
    const faults = {
      place(node: string) {
        if (node === 'bad') throw denied()
      },
    }
    const config = { packages: ['tool@1.0'], nodes: hosts('bad', 'w1', 'w2'), concurrency: { nodes: 1 } }
    const { world } = await open(config, { faults })
    const { deliveries } = await world.distribute({ maxFailures: 1 })
    expect(deliveries.map(({ state }) => state)).toEqual(['failed', 'sent', 'sent'])
  })
})
