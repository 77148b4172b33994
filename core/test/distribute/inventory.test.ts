import { homedir } from 'node:os'
import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/types.ts'
import { PkgcacheError } from '../../src/errors/error.ts'
import type { NodeConfig } from '../../src/model/node.ts'
import { defineInventory } from '../../src/plugins/define.ts'
import type { Plugin } from '../../src/plugins/types.ts'
import { open } from '../support/run.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()

const inventory = (nodes: () => unknown, name = 'inventory-test'): Plugin =>
  defineInventory({ name, nodes: async () => nodes() as NodeConfig[] | undefined })()

/** The nodes of a run with these inventories. */
async function nodesOf(plugins: readonly Plugin[], config: Config = {}, patterns?: readonly string[]) {
  const dir = folder()
  const cache = await open(`${dir}/store`, plugins, { packages: [], ...config }, { dir })
  const { nodes } = await cache.run({ ...(patterns && { nodes: patterns }) })
  return { dir, nodes }
}

describe('nodes of inventories', () => {
  it('come after those of the config, filled in as those are', async () => {
    const one = inventory(() => [{ host: 'h1', identityFile: '~/k', knownHosts: 'kh', groups: ['g'] }])
    const two = inventory(() => [{ name: 'folder', root: './out' }], 'inventory-two')
    const none = inventory(() => undefined, 'inventory-none')
    const { dir, nodes } = await nodesOf([one, none, two], { nodes: [{ host: 'h0' }] })
    expect(nodes).toEqual([
      { name: 'h0', host: 'h0', root: '/usr/local/src', sudo: false },
      {
        name: 'h1',
        host: 'h1',
        root: '/usr/local/src',
        sudo: false,
        identityFile: `${homedir()}/k`,
        knownHosts: `${dir}/kh`,
        groups: ['g'],
      },
      { name: 'folder', root: `${dir}/out`, sudo: false },
    ])
  })

  it('are chosen by patterns together with those of the config', async () => {
    const plugin = inventory(() => [
      { host: 'h1', groups: ['g'] },
      { host: 'h2', groups: ['g'] },
    ])
    const config = { nodes: [{ host: 'h0', labels: { a: 'b' } }] }
    const { nodes } = await nodesOf([plugin], config, ['g', 'a=b', '!h2'])
    expect(nodes.map(({ name }) => name)).toEqual(['h0', 'h1'])
    await expect(nodesOf([plugin], config, ['x'])).rejects.toMatchObject({
      code: 'E_USAGE',
      hint: 'configured nodes: h0, h1, h2; groups: g',
    })
  })

  it('are told to the plugin’s folder: that of the config', async () => {
    const asked: string[] = []
    const plugin = defineInventory({
      name: 'inventory-test',
      nodes(request) {
        asked.push(request.dir)
        return []
      },
    })()
    const { dir } = await nodesOf([plugin])
    expect(asked).toEqual([dir])
  })

  it.each<readonly [string, unknown, string[]]>([
    ['an unknown key', [{ host: 'h', prot: 22 }], ['nodes[0]: unknown key "prot"; did you mean "port"?']],
    ['a wrong type', [{ host: 'h', port: '22' }], ['nodes[0].port: must be integer, is string']],
    [
      'neither host nor root',
      [{ name: 'h' }],
      ['nodes[0]: needs a host, or a root for a folder of this machine'],
    ],
    [
      'a group with a comma',
      [{ host: 'h', groups: ['a,b'] }],
      ['nodes[0].groups[0]: "a,b" does not have the right form (a name without ! = * ? , and spaces)'],
    ],
    ['one name twice', [{ host: 'h' }, { host: 'h' }], ['nodes: two are called "h"; give them a name each']],
    ['no list', { host: 'h' }, ['nodes: must be array, is object']],
    ['two faults', [{ host: '' }, { root: '-' }], [expect.any(String), expect.any(String)] as string[]],
  ])('with %s are refused', async (_title, nodes, faults) => {
    const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
    await expect(nodesOf([inventory(() => nodes)])).rejects.toMatchObject({
      code: 'E_INVENTORY',
      message: `its nodes have ${count}`,
      plugin: 'inventory-test',
      stage: 'inventory',
      faults,
    })
  })

  it.each([
    ['the config', { nodes: [{ host: 'h1' }] }, []],
    ['another inventory', {}, [inventory(() => [{ name: 'h1', host: 'x' }], 'inventory-two')]],
  ])('with a name that %s has, too', async (_title, config, more) => {
    await expect(nodesOf([inventory(() => [{ host: 'h1' }]), ...more], config)).rejects.toMatchObject({
      code: 'E_INVENTORY',
      message: 'two nodes are called "h1"',
      hint: 'leave it out of the config or of one of the inventories',
    })
  })

  it.each<readonly [string, unknown, Record<string, unknown>]>([
    [
      'its own error',
      new PkgcacheError('E_INVENTORY', 'cannot be read', { hint: 'mend it', faults: ['f:1: x'] }),
      { code: 'E_INVENTORY', message: 'cannot be read', hint: 'mend it', faults: ['f:1: x'] },
    ],
    ['anything', new TypeError('x is undefined'), { code: 'E_PLUGIN', message: 'x is undefined' }],
  ])('whose plugin throws %s end the run', async (_title, thrown, told) => {
    const plugin = inventory(() => {
      throw thrown
    })
    await expect(nodesOf([plugin])).rejects.toMatchObject({
      plugin: 'inventory-test',
      stage: 'inventory',
      ...told,
    })
  })

  it('are not asked for where no node is touched', async () => {
    const dir = folder()
    const plugin = inventory(() => expect.unreachable())
    const cache = await open(`${dir}/store`, [plugin], { packages: [] }, { dir })
    expect((await cache.run({ stages: 'fetch' })).nodes).toEqual([])
  })
})
