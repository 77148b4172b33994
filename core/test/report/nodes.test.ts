import { afterEach, expect, it } from 'vitest'
import { createCache } from '../../src/cache.ts'
import type { Cache } from '../../src/cache.types.ts'
import type { RunResult } from '../../src/model/run.ts'
import { summarise } from '../../src/report/summary.ts'
import { FakeNodes } from '../support/nodes.ts'
import { tempFolders } from '../support/temp.ts'
import { worldOf } from '../support/world.ts'

const folder = tempFolders()
const caches: Cache[] = []
afterEach(() => Promise.all(caches.splice(0).map((cache) => cache.close())))

it('a run says what was not meant for a node: by the arch that it told, by "to"', async () => {
  const fake = new FakeNodes({ arches: { w1: 'arm64', w2: 'amd64' } })
  const packages = ['runc@1.0', { name: 'helm', version: '1.0', to: 'w2', arch: 'amd64' }]
  const config = { arch: ['amd64', 'arm64'], packages, nodes: [{ host: 'w1' }, { host: 'w2' }] }
  const store = folder()
  const world = worldOf(store, config, [fake.plugin()])
  await world.cache('runc')
  await world.cache('runc', 'for arm64', 'arm64')
  const cache = await createCache({ store, ...config, plugins: [fake.plugin()] })
  caches.push(cache)
  // helm is not to be had
  const result: RunResult = await cache.run({ stages: 'distribute' })
  const { nodes, totals } = summarise({ result, records: await cache.list() })
  const rows = nodes.map(({ name, arch, packages: own }) => [name, arch, ...own.map(({ state }) => state)])
  expect(rows).toEqual([
    ['w1', 'arm64', 'other-arch', 'other-arch', 'sent'],
    ['w2', 'amd64', 'absent', 'sent', 'other-arch'],
  ])
  expect([totals.deliveries, totals.delivered, totals.absent]).toEqual([3, 2, 1])
})
