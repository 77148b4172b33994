import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/types.ts'
import { PkgcacheError } from '../../src/errors/error.ts'
import { planAll } from '../../src/run/plan.ts'
import { FakeNodes, type FakeOptions, lost } from '../support/nodes.ts'
import { tempFolders } from '../support/temp.ts'
import { type World, worldOf } from '../support/world.ts'

const folder = tempFolders()

async function plan(
  config: Config,
  options: FakeOptions,
  prepare: (world: World, fake: FakeNodes) => Promise<void>,
) {
  const fake = new FakeNodes(options)
  const world = worldOf(folder(), config, [fake.plugin()])
  await prepare(world, fake)
  const found = { all: world.nodes, chosen: world.nodes }
  const { deliveries, exitCode } = await planAll(world.settings.requests, found, undefined, world.context())
  const rows = deliveries.map(({ node, key, action, bytes, error }) =>
    [node, key.name, key.arch, action, bytes, error && `${error.code}: ${error.message}`]
      .filter(Boolean)
      .join(' '),
  )
  return { rows, exitCode, fake, world }
}

describe('a plan', () => {
  it('chooses as a run does, each record once, and changes nothing', async () => {
    const packages = [
      'tool@1.0',
      { name: 'tool', version: 'v1.0', to: 'w1' },
      { name: 'helm', version: '1.0', to: 'x' },
    ]
    const config = {
      arch: ['amd64', 'arm64'],
      packages,
      nodes: [{ host: 'w1' }, { host: 'w2', arch: 'amd64' }],
    }
    const { rows, fake, world } = await plan(config, { arches: { w1: 'arm64' } }, async (world, fake) => {
      const { sha256 } = await world.cache('tool', 'tool for arm', 'arm64')
      await world.cache('tool', 'tool')
      fake.hold('w1', 'tool/tool-1.0-arm64.tar.zst', { sha256 })
    })
    expect(rows).toEqual(['w1 tool arm64 present 12', 'w2 tool amd64 send 4'])
    expect(fake.called('place', 'remove', 'apply', 'run')).toEqual([])
    expect(fake.called('connect', 'close').length).toBe(4)
    expect(world.logged).toEqual(['warn distribute: no node matches "x", which "to" of helm names'])
  })

  it('goes on after a lost connection, and says of a node that is down why', async () => {
    const connect = (node: string) => {
      if (node === 'w1') throw new PkgcacheError('E_NODE_AUTH', 'refused')
    }
    const check = (_node: string, nth: number) => {
      if (nth === 1) throw lost()
    }
    const config = { packages: ['tool@1.0'], nodes: [{ host: 'w1' }, { host: 'w2' }] }
    const { rows, exitCode, fake } = await plan(config, { faults: { connect, check } }, async (world) => {
      await world.cache('tool', 'tool')
    })
    expect(fake.called('connect')).toEqual(['connect w1', 'connect w2', 'connect w2'])
    expect([rows, exitCode]).toEqual([
      ['w1 tool amd64 failed E_NODE_AUTH: refused', 'w2 tool amd64 send 4'],
      1,
    ])
  })
})
