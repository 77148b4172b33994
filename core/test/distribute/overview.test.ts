import { describe, expect, it } from 'vitest'
import type { NodeOverview } from '../../src/model/overview.ts'
import { lookAtNodes } from '../../src/run/nodes.ts'
import { faultLine } from '../support/fault.ts'
import { FakeNodes, timeout } from '../support/nodes.ts'
import { tempFolders } from '../support/temp.ts'
import { type World, worldOf } from '../support/world.ts'

const folder = tempFolders()
const path = (name: string, version = '1.0', arch = 'amd64') => `${name}/${name}-${version}-${arch}.tar.zst`

function rows(nodes: readonly NodeOverview[]): string[] {
  return nodes.flatMap(({ node, arch = '?', packages, foreign, error }) => [
    ...packages.map(
      ({ key, state, versions }) => `${node} ${arch} ${key.name} ${key.arch} ${state} [${versions}]`,
    ),
    ...foreign.map(({ remotePath, delivered }) => `${node} foreign ${remotePath} ${delivered}`),
    ...(error ? [`${node} ${error.code}: ${error.message}`] : []),
  ])
}

async function look(world: World) {
  return lookAtNodes(world.settings.requests, world.nodes, world.context())
}

describe('an overview of the nodes', () => {
  it('tells present, outdated, missing and unknown packages, and foreign files', async () => {
    const fake = new FakeNodes({ arches: { w1: 'amd64' } })
    const packages = ['runc@1.0', 'tool@1.0', 'helm@1.0', 'unknown@1.0', 'edge@1.0', 'bad@1.0']
    const world = worldOf(folder(), { packages, nodes: [{ host: 'w1' }] }, [fake.plugin()])
    const { sha256 } = await world.cache('runc')
    for (const name of ['tool', 'helm', 'edge', 'bad']) await world.cache(name)
    fake.hold('w1', path('runc'), { sha256 })
    fake.hold('w1', path('runc', '0.10'))
    fake.hold('w1', path('runc', '0.9'))
    fake.hold('w1', path('tool', '0.5'))
    fake.hold('w1', path('bad'))
    fake.hold('w1', path('unknown', '2.0'))
    fake.hold('w1', path('edge', '1.0', 'arm64'))
    fake.hold('w1', path('other'))
    fake.hold('w1', 'notes.txt', { delivered: false })
    fake.hold('w1', 'runc/../../etc/runc-1.0-amd64.tar.zst')
    const { nodes, exitCode } = await look(world)
    expect([rows(nodes), exitCode]).toEqual([
      [
        'w1 amd64 runc amd64 present [0.9,0.10,1.0]',
        'w1 amd64 tool amd64 outdated [0.5]',
        'w1 amd64 helm amd64 missing []',
        'w1 amd64 unknown amd64 unknown [2.0]',
        'w1 amd64 edge amd64 missing []',
        'w1 amd64 bad amd64 outdated [1.0]',
        'w1 foreign edge/edge-1.0-arm64.tar.zst true',
        'w1 foreign other/other-1.0-amd64.tar.zst true',
        'w1 foreign notes.txt false',
        'w1 foreign runc/../../etc/runc-1.0-amd64.tar.zst true',
      ],
      0,
    ])
    expect(fake.called('place', 'remove')).toEqual([])
    expect(fake.open.get('w1')).toBe(0)
  })

  it('asks each node for its own arch, and counts what "to" sends there', async () => {
    const fake = new FakeNodes({ arches: { w1: 'arm64', w2: 'amd64' } })
    const packages = ['runc@1.0', { name: 'helm', version: '1.0', to: 'w2', arch: 'x64' }]
    const nodes = [{ host: 'w1' }, { host: 'w2' }, { host: 'w3', arch: 'amd64' }, { host: 'w4' }]
    const world = worldOf(folder(), { arch: ['amd64', 'arm64'], packages, nodes }, [fake.plugin()])
    await world.cache('runc')
    const seen = await look(world)
    expect(rows(seen.nodes)).toEqual([
      'w1 arm64 runc arm64 unknown []',
      'w2 amd64 runc amd64 missing []',
      'w2 amd64 helm x64 unknown []',
      'w3 amd64 runc amd64 missing []',
      'w4 ? runc amd64 missing []',
      'w4 ? runc arm64 unknown []',
    ])
    expect(fake.called('arch')).toEqual(['arch w1', 'arch w2', 'arch w4'])
  })

  it('of a node that is down says why, and reports the others', async () => {
    const fake = new FakeNodes({
      faults: {
        connect(node) {
          if (node === 'w1') throw timeout()
        },
      },
    })
    const world = worldOf(folder(), { packages: ['runc@1.0'], nodes: [{ host: 'w1' }, { host: 'w2' }] }, [
      fake.plugin(),
    ])
    await world.cache('runc')
    const { nodes, exitCode } = await look(world)
    expect([rows(nodes), exitCode]).toEqual([
      ['w1 ? runc amd64 unknown []', 'w1 E_NODE_TIMEOUT: no answer', 'w2 ? runc amd64 missing []'],
      1,
    ])
    expect(nodes[0]?.error?.item).toBe('node w1')
  })

  it('knows of a node that cannot list its files only what it asks about', async () => {
    const fake = new FakeNodes({ without: ['list', 'arch'] })
    const world = worldOf(folder(), { packages: ['runc@1.0'], nodes: [{ host: 'w1' }] }, [fake.plugin()])
    const { sha256 } = await world.cache('runc')
    fake.hold('w1', path('runc'), { sha256 })
    fake.hold('w1', path('runc', '0.9'))
    expect(rows((await look(world)).nodes)).toEqual(['w1 ? runc amd64 present [1.0]'])
  })

  it('ends when it is cancelled', async () => {
    const controller = new AbortController()
    const fake = new FakeNodes({ faults: { connect: () => controller.abort() } })
    const world = worldOf(folder(), { packages: ['runc@1.0'], nodes: [{ host: 'w1' }] }, [fake.plugin()])
    const run = world.context({ signal: controller.signal })
    const { requests } = world.settings
    expect(await faultLine(() => lookAtNodes(requests, world.nodes, run))).toBe('E_ABORTED: cancelled')
  })
})
