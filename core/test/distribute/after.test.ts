import { describe, expect, it } from 'vitest'
import type { Config, PackageConfig } from '../../src/config/types.ts'
import { PkgcacheError } from '../../src/errors/error.ts'
import { FakeNodes, type FakeOptions, lost } from '../support/nodes.ts'
import { tempFolders } from '../support/temp.ts'
import { rows, worldOf } from '../support/world.ts'

const folder = tempFolders()
const path = (name: string, version = '1.0', arch = 'amd64') => `${name}/${name}-${version}-${arch}.tar.zst`

async function open(config: Config, options: FakeOptions = {}, cached: readonly string[] = ['tool']) {
  const fake = new FakeNodes(options)
  const world = worldOf(folder(), { nodes: [{ host: 'w1' }], ...config }, [fake.plugin()])
  for (const name of cached) await world.cache(name)
  return { fake, world }
}

const tool = (more: Partial<PackageConfig>): Config => ({
  packages: [{ name: 'tool', version: '1.0', ...more }],
})
const ENV =
  '{"PKGCACHE_NAME":"tool","PKGCACHE_VERSION":"1.0","PKGCACHE_ARCH":"amd64","PKGCACHE_PLATFORM":"linux"}'

describe('onNode', () => {
  const task = { extractTo: '/opt/tool', strip: 1 }

  it('is done after a delivery, and only looked at when all is there', async () => {
    const { world, fake } = await open(tool({ onNode: task }))
    const [first, second] = [await world.distribute(), await world.distribute()]
    expect([rows(first.deliveries), rows(second.deliveries)]).toEqual([
      ['w1 tool amd64 sent onNode done'],
      ['w1 tool amd64 present onNode present'],
    ])
    expect([first.unchanged, second.unchanged]).toEqual([false, true])
    expect(fake.called('place', 'apply')).toEqual(
      [1, 2].flatMap(() => [`place w1 ${path('tool')}`, `apply w1 ${path('tool')} ${JSON.stringify(task)}`]),
    )
  })

  it('that is done to what was there makes a run that changed something', async () => {
    const { world } = await open(tool({ onNode: task }))
    await (await open(tool({}))).world.distribute()
    const { deliveries, unchanged } = await world.distribute()
    expect([rows(deliveries), unchanged]).toEqual([['w1 tool amd64 sent onNode done'], false])
  })

  it('of two requests for one record is done for each', async () => {
    const packages = [
      { name: 'tool', version: '1.0', onNode: { command: 'a' } },
      { name: 'tool', version: 'v1.0' },
      { name: 'tool', version: '1.0', to: 'w1', onNode: { command: 'b' } },
      { name: 'tool', version: '1.0', to: 'w*', onNode: { command: 'a' } },
    ]
    const { world, fake } = await open({ packages })
    expect(rows((await world.distribute()).deliveries)).toEqual(['w1 tool amd64 sent onNode done'])
    expect(fake.called('place', 'apply')).toEqual([
      `place w1 ${path('tool')}`,
      `apply w1 ${path('tool')} {"command":"a"}`,
      `apply w1 ${path('tool')} {"command":"b"}`,
    ])
  })

  it('is gone on with after a lost connection', async () => {
    let calls = 0
    const apply = () => {
      if (++calls === 1) throw lost()
    }
    const { world, fake } = await open(tool({ onNode: task }), { faults: { apply } })
    expect(rows((await world.distribute()).deliveries)).toEqual(['w1 tool amd64 sent onNode done'])
    expect(fake.called('connect').length).toBe(2)
  })

  it.each([
    [
      'cannot be done by the transport',
      { without: ['apply'] } as FakeOptions,
      'E_TRANSPORT: transport-fake cannot do what "onNode" asks for',
    ],
    [
      'fails',
      {
        faults: {
          apply() {
            throw new PkgcacheError('E_NODE_UNPACK', 'no tar')
          },
        },
      },
      'E_NODE_UNPACK: no tar',
    ],
  ])('that %s fails the delivery', async (_title, options, message) => {
    const { world } = await open(tool({ onNode: task }), options)
    const { deliveries, exitCode } = await world.distribute()
    expect([rows(deliveries), exitCode]).toEqual([[`w1 tool amd64 failed ${message}`], 1])
  })
})

describe('a fallback', () => {
  const failing = (error: PkgcacheError): FakeOptions => ({
    faults: {
      place() {
        throw error
      },
    },
  })
  const full = new PkgcacheError('E_NODE_NOSPC', 'full')

  it('is run when a package cannot be delivered, which then is no failure', async () => {
    const { world, fake } = await open(tool({ fallback: 'apt-get install tool' }), failing(full))
    const { deliveries, exitCode, unchanged } = await world.distribute()
    expect([rows(deliveries), exitCode, unchanged]).toEqual([
      ['w1 tool amd64 fallback E_NODE_NOSPC: full'],
      0,
      false,
    ])
    expect(deliveries[0]).toMatchObject({ remotePath: path('tool') })
    expect(fake.called('run')).toEqual([`run w1 apt-get install tool ${ENV}`])
  })

  it('is run for a package that could not be had, on the nodes that it is for; the package failed still', async () => {
    const packages = [
      { name: 'tool', version: '1.0', to: 'w*', arch: ['amd64', 'arm64'], fallback: 'install' },
    ]
    const nodes = [{ host: 'w1', arch: 'amd64' }, { host: 'w2', arch: 'riscv64' }, { host: 'x1' }]
    const { world, fake } = await open({ packages, nodes }, {}, [])
    const { deliveries, items, exitCode } = await world.distribute()
    expect(items.map(({ state }) => state)).toEqual(['failed', 'failed'])
    expect([rows(deliveries), exitCode]).toEqual([
      ['w1 tool amd64 fallback E_NOT_CACHED: is not in the store'],
      1,
    ])
    expect(deliveries[0]).not.toHaveProperty('remotePath')
    expect(fake.calls).toEqual(['connect w1', `run w1 install ${ENV}`, 'close w1'])
  })

  it('that fails too names both reasons', async () => {
    const options = failing(full)
    const run = () => {
      throw new PkgcacheError('E_NODE_COMMAND', 'exit code 7')
    }
    const { world } = await open(tool({ fallback: 'install' }), { faults: { ...options.faults, run } })
    const { deliveries, exitCode } = await world.distribute()
    expect([rows(deliveries), exitCode]).toEqual([
      [
        'w1 tool amd64 failed E_NODE_COMMAND: the fallback failed: exit code 7; it was run because of E_NODE_NOSPC: full',
      ],
      1,
    ])
    const [result] = deliveries
    expect(result && 'error' in result && result.error.cause).toMatchObject({ code: 'E_NODE_NOSPC' })
  })

  it('is not run where the transport runs nothing', async () => {
    const { world } = await open(tool({ fallback: 'install' }), { ...failing(full), without: ['run'] })
    expect(rows((await world.distribute()).deliveries)).toEqual([
      'w1 tool amd64 failed E_NODE_COMMAND: the fallback failed: transport-fake cannot run a "fallback"; it was run because of E_NODE_NOSPC: full',
    ])
  })

  it.each(['E_NODE_LOST', 'E_NODE_TIMEOUT', 'E_NODE_UNREACHABLE'] as const)(
    'is not run on a node that is gone: %s',
    async (code) => {
      const { world, fake } = await open(
        tool({ fallback: 'install' }),
        failing(new PkgcacheError(code, 'gone')),
      )
      expect(rows((await world.distribute()).deliveries)).toEqual([`w1 tool amd64 failed ${code}: gone`])
      expect(fake.called('run')).toEqual([])
    },
  )

  it('is not run on a node that cannot be logged in to', async () => {
    const connect = () => {
      throw new PkgcacheError('E_NODE_AUTH', 'refused')
    }
    const { world } = await open(tool({ fallback: 'install' }), { faults: { connect } })
    expect(rows((await world.distribute()).deliveries)).toEqual(['w1 tool amd64 failed E_NODE_AUTH: refused'])
  })

  it('is not run when the run was cancelled', async () => {
    const controller = new AbortController()
    const place = () => {
      controller.abort()
      throw full
    }
    const { world, fake } = await open(tool({ fallback: 'install' }), { faults: { place } })
    const { deliveries } = await world.distribute({ signal: controller.signal })
    expect([rows(deliveries), fake.called('run')]).toEqual([
      ['w1 tool amd64 failed E_ABORTED: cancelled'],
      [],
    ])
  })
})

describe('prune', () => {
  const config: Config = {
    packages: ['tool@1.0', 'helm@1.0', { name: 'runc', version: '1.0', to: 'w2' }],
    nodes: [{ host: 'w1' }, { host: 'w2' }],
  }
  const everything = ['tool', 'helm', 'runc']

  function fill(fake: FakeNodes): void {
    fake.hold('w1', path('tool', '0.9'), { size: 9 })
    fake.hold('w1', path('tool', '0.8'), { delivered: false })
    fake.hold('w1', path('tool', '1.0', 'arm64'))
    fake.hold('w1', path('runc'))
    fake.hold('w1', path('helm', '0.9'))
    fake.hold('w1', 'tool/notes.txt')
    fake.hold('w1', 'other/other-v1-x.tar.gz')
    fake.hold('w1', path('gone', '2.0'))
    fake.hold('w2', path('runc', '0.9'))
  }
  const removed = (list: readonly { readonly node: string; readonly remotePath: string }[]) =>
    list.map(({ node, remotePath }) => `${node} ${remotePath}`)

  it('removes what pkgcache put there and nothing accounts for any more', async () => {
    const { world, fake } = await open(config, {}, everything)
    fill(fake)
    const { removals, exitCode, unchanged } = await world.distribute({ prune: true })
    expect(removed(removals)).toEqual([
      `w1 ${path('tool', '0.9')}`,
      `w1 ${path('tool', '1.0', 'arm64')}`,
      `w1 ${path('runc')}`,
      `w1 ${path('helm', '0.9')}`,
      `w1 ${path('gone', '2.0')}`,
      `w2 ${path('runc', '0.9')}`,
    ])
    expect(removals[0]).toEqual({ node: 'w1', remotePath: path('tool', '0.9'), bytes: 9 })
    expect([exitCode, unchanged]).toEqual([0, false])
    expect([...(fake.files.get('w1')?.keys() ?? [])].sort()).toEqual([
      path('helm'),
      'other/other-v1-x.tar.gz',
      'tool/notes.txt',
      path('tool', '0.8'),
      path('tool'),
    ])
    expect(await world.distribute({ prune: true })).toMatchObject({ removals: [], unchanged: true })
  })

  it('does nothing unless asked to', async () => {
    const { world, fake } = await open(config, {}, everything)
    fill(fake)
    expect((await world.distribute()).removals).toEqual([])
    expect(fake.called('remove')).toEqual([])
  })

  it('leaves a package alone that failed, and one that a fallback stands for', async () => {
    const packages = ['tool@1.0', 'helm@1.0', { name: 'runc', version: '1.0', fallback: 'install' }]
    const place = (_node: string, { remotePath }: { readonly remotePath: string }) => {
      if (remotePath === path('runc')) throw new PkgcacheError('E_NODE_DIGEST', 'other bytes')
    }
    const { world, fake } = await open({ packages }, { faults: { place } }, ['tool', 'runc'])
    for (const name of ['tool', 'helm', 'runc']) fake.hold('w1', path(name, '0.9'))
    const { removals, deliveries } = await world.distribute({ prune: true })
    expect(rows(deliveries)).toEqual([
      'w1 runc amd64 fallback E_NODE_DIGEST: other bytes',
      'w1 tool amd64 sent',
    ])
    expect(removed(removals)).toEqual([`w1 ${path('tool', '0.9')}`])
  })

  it('leaves a node alone on which a delivery failed', async () => {
    const place = (node: string, { remotePath }: { readonly remotePath: string }) => {
      if (node === 'w1' && remotePath === path('helm'))
        throw new PkgcacheError('E_NODE_DENIED', 'not writable')
    }
    const { world, fake } = await open(config, { faults: { place } }, everything)
    fill(fake)
    expect(removed((await world.distribute({ prune: true })).removals)).toEqual([`w2 ${path('runc', '0.9')}`])
  })

  it('cleans a node for which nothing is meant any more', async () => {
    const packages = [{ name: 'tool', version: '1.0', to: 'w2' }]
    const { world, fake } = await open({ packages, nodes: [{ host: 'w1' }, { host: 'w2' }] })
    fake.hold('w1', path('tool'))
    expect(removed((await world.distribute({ prune: true })).removals)).toEqual([`w1 ${path('tool')}`])
  })

  it('tells of what it could not remove, in the exit code too', async () => {
    const remove = () => {
      throw new PkgcacheError('E_NODE_DENIED', 'not writable')
    }
    const { world, fake } = await open(config, { faults: { remove } }, everything)
    fill(fake)
    const { errors, removals, exitCode } = await world.distribute({ prune: true })
    expect(errors.map(({ code, item }) => [code, item])).toEqual([
      ['E_NODE_DENIED', 'node w1'],
      ['E_NODE_DENIED', 'node w2'],
    ])
    expect([removals, exitCode]).toEqual([[], 1])
  })

  it('says when a transport removes nothing', async () => {
    const { world } = await open({ packages: ['tool@1.0'] }, { without: ['remove'] })
    const { removals, exitCode } = await world.distribute({ prune: true })
    expect([removals, exitCode]).toEqual([[], 0])
    expect(world.logged).toEqual(['warn distribute: node w1: transport-fake removes nothing from nodes'])
  })
})
