import { afterEach, describe, expect, it } from 'vitest'
import { createCache } from '../../src/cache.ts'
import type { Cache, EnsureOptions } from '../../src/cache.types.ts'
import type { Config } from '../../src/config/types.ts'
import { faultLine } from '../support/fault.ts'
import { FakeNodes, type FakeOptions } from '../support/nodes.ts'
import { tempFolders } from '../support/temp.ts'
import { rows, worldOf } from '../support/world.ts'

const folder = tempFolders()
const open: Cache[] = []
afterEach(() => Promise.all(open.splice(0).map((cache) => cache.close())))

/** A cache with these artifacts of `tool` in its store. */
async function cacheOf(config: Config, options: FakeOptions, arches: readonly string[]) {
  const [store, fake] = [folder(), new FakeNodes(options)]
  const filled: Config = { store, arch: ['amd64', 'arm64'], packages: ['tool@1.0'], ...config }
  const world = worldOf(store, filled, [])
  for (const arch of arches) await world.cache('tool', `tool for ${arch}`, arch)
  const cache = await createCache({ ...filled, plugins: [fake.plugin()] })
  open.push(cache)
  return { cache, fake }
}

const ensure = (cache: Cache, nodes: readonly string[], options: EnsureOptions = {}) =>
  cache.ensurePackage('tool@1.0', { ...options, stages: 'distribute', nodes })

describe('a package that is ensured on nodes', () => {
  it('is brought in the arch that each says it has, over one connection', async () => {
    const nodes = [{ host: 'w1' }, { host: 'w2' }, { host: 'w3', arch: 'arm64' }]
    const { cache, fake } = await cacheOf({ nodes }, { arches: { w1: 'arm64', w2: 'amd64' } }, [
      'amd64',
      'arm64',
    ])
    const one = await ensure(cache, ['w1'])
    expect([rows(one.deliveries), one.items.length, one.exitCode]).toEqual([['w1 tool arm64 sent'], 1, 0])
    expect(fake.calls.map((call) => call.split(' ')[0])).toEqual(['connect', 'arch', 'place', 'close'])
    const all = await ensure(cache, ['all'])
    expect(rows(all.deliveries)).toEqual([
      'w1 tool arm64 present',
      'w2 tool amd64 sent',
      'w3 tool arm64 sent',
    ])
  })

  it('is brought as its project spells the arch', async () => {
    const packages = [{ name: 'tool', version: '1.0', arch: ['x64', 'aarch64'] }]
    const nodes = [{ host: 'w1' }, { host: 'w2', arch: 'arm64' }]
    const { cache } = await cacheOf({ packages, nodes }, { arches: { w1: 'amd64' } }, ['x64', 'aarch64'])
    expect(rows((await ensure(cache, ['all'])).deliveries)).toEqual([
      'w1 tool x64 sent',
      'w2 tool aarch64 sent',
    ])
  })

  it('is brought in every arch of the config to a node that cannot tell', async () => {
    const { cache } = await cacheOf({ nodes: [{ host: 'w1' }] }, { without: ['arch'] }, ['amd64', 'arm64'])
    expect(rows((await ensure(cache, ['w1'])).deliveries)).toEqual([
      'w1 tool amd64 sent',
      'w1 tool arm64 sent',
    ])
  })

  it('is brought in the arch that is asked for, and to the nodes that are named, whatever "to" says', async () => {
    const packages = [{ name: 'tool', version: '1.0', to: 'w2', onNode: { command: 'x' } }]
    const { cache, fake } = await cacheOf({ packages, nodes: [{ host: 'w1' }, { host: 'w2' }] }, {}, [
      'amd64',
      'arm64',
    ])
    const { deliveries } = await ensure(cache, ['w1'], { arch: 'arm64' })
    expect(rows(deliveries)).toEqual(['w1 tool arm64 sent onNode done'])
    expect(fake.called('connect')).toEqual(['connect w1'])
  })

  it('is refused for an arch that the node does not have', async () => {
    const { cache } = await cacheOf({ nodes: [{ host: 'w1', arch: 'amd64' }] }, {}, [])
    expect(await faultLine(() => ensure(cache, ['w1'], { arch: 'arm64' }))).toBe(
      'E_USAGE: node w1 takes amd64 only, but tool@1.0 is asked for arm64',
    )
  })

  it('keeps the other declared versions when it prunes', async () => {
    const packages = ['tool@1.0', 'helm@^3', 'runc@2.0']
    const nodes = [{ host: 'w1', arch: 'amd64' }]
    const { cache, fake } = await cacheOf({ packages, nodes }, {}, ['amd64'])
    const files = ['tool/tool-0.9', 'helm/helm-3.1', 'helm/helm-3.0', 'runc/runc-1.0', 'gone/gone-1.0']
    for (const file of files) fake.hold('w1', `${file}-amd64.tar.zst`)
    const { removals } = await ensure(cache, ['w1'], { prune: true })
    // of helm and runc nobody knows just now what was asked for
    expect(removals.map(({ remotePath }) => remotePath)).toEqual([
      'tool/tool-0.9-amd64.tar.zst',
      'gone/gone-1.0-amd64.tar.zst',
    ])
  })
})

describe('the nodes of a cache', () => {
  it('are looked at without a trace in the store, secrets masked', async () => {
    const config = {
      nodes: [{ host: 'w1' }],
      packages: [{ name: 'tool', version: '1.0', token: 'top-secret-1' }],
    }
    const connect = () => {
      throw new Error('login with top-secret-1 failed')
    }
    const { cache } = await cacheOf(config, { faults: { connect } }, ['amd64'])
    const { nodes, exitCode } = await cache.nodes()
    expect([nodes[0]?.error?.code, nodes[0]?.error?.message, exitCode]).toEqual([
      'E_PLUGIN',
      'login with *** failed',
      1,
    ])
    expect(await faultLine(() => cache.nodes({ nodes: ['w2'] }))).toBe(
      'E_USAGE: there is no node called "w2"',
    )
  })
})
