import { describe, expect, it } from 'vitest'
import { open, source, told, upstream } from '../support/run.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()

describe('a run that only distributes', () => {
  it('refuses a name that would lead out of the store, and does the rest', async () => {
    const [store, server] = [folder(), await upstream()]
    await (await open(store, [source(server)])).run()
    const cache = await open(store, [source(server)], {
      packages: ['tool@1.0', { name: '../tool', version: '1.0' }],
    })
    const { items, exitCode } = await cache.run({ stages: 'distribute' })
    expect([told(items), exitCode]).toEqual([
      ['tool@1.0 cached tofu', '../tool failed E_NAME: "../tool" cannot be used as a name'],
      1,
    ])
  })
})
