import type { PkgcacheError } from '@pkgcache/core'
import { createCache } from 'pkgcache'
import { describe, expect, it } from 'vitest'
import inventoryAnsible from '../src/index.ts'

const PLACE = 'plugins[0] (inventory-ansible)'

describe('options', () => {
  it.each<readonly [Record<string, unknown>, string[]]>([
    [{}, []],
    [{ files: 'a', limit: '!w*', defaults: { root: '/srv', sudo: true, labels: { a: 'b' } } }, []],
    [{ files: ['a', '~/b'], limit: ['g', 'h?'] }, []],
    [{ file: 'a' }, [`${PLACE}: unknown option "file"; did you mean "files"?`]],
    [{ files: [] }, [`${PLACE}: files: must NOT have fewer than 1 items`]],
    [
      { files: 'a', defaults: { hostKeys: 'no' } },
      [`${PLACE}: defaults.hostKeys: must be one of strict, accept-new`],
    ],
    [{ files: 'a', defaults: { port: 22 } }, [`${PLACE}: defaults: unknown option "port"`]],
    [
      { files: 'a', defaults: { root: 'srv' } },
      [`${PLACE}: defaults.root: "srv" does not have the right form (an absolute folder on the nodes)`],
    ],
    [
      { files: 'a', limit: ['g', 'disk=ssd'] },
      [
        `${PLACE}: limit[1]: "disk=ssd" does not have the right form (a host, a group or a glob of either, with or without ! before it)`,
      ],
    ],
  ])('%j', async (options, faults) => {
    const plugins = [inventoryAnsible(options as never)]
    const found = await createCache({ plugins }).then(
      (cache) => cache.close().then(() => []),
      (error: PkgcacheError) => error.faults,
    )
    expect(found).toEqual(faults)
  })
})
