import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/types.ts'
import type { Resolution } from '../../src/model/resolved.ts'
import type { TrustLevel } from '../../src/model/trust.ts'
import { definePlugin, defineVerifier } from '../../src/plugins/define.ts'
import { open, pinned, published, SHA256, source, told, upstream } from '../support/run.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()

describe('trust', () => {
  it.each<readonly [string, Config, Partial<Resolution>, 'pinned' | undefined, string, number]>([
    ['tofu without digests', {}, {}, undefined, 'tool@1.0 published tofu', 0],
    ['by a checksum file', {}, { digests: [published] }, undefined, 'tool@1.0 published checksum-file', 0],
    ['by a pin', {}, { digests: [pinned] }, undefined, 'tool@1.0 published pinned', 0],
    [
      'by a pin in the config',
      { packages: [{ name: 'tool', version: '1.0', sha256: SHA256.toUpperCase() }] },
      {},
      undefined,
      'tool@1.0 published pinned',
      0,
    ],
    [
      'too weak for the source',
      {},
      { minimumTrust: 'checksum-file' },
      undefined,
      'tool failed E_TRUST: trust is "tofu" where at least "checksum-file" is required',
      3,
    ],
    [
      'too weak for the config',
      { trust: { minimum: 'pinned' } },
      { digests: [published] },
      undefined,
      'tool failed E_TRUST: trust is "checksum-file" where at least "pinned" is required',
      3,
    ],
    [
      'too weak for the package',
      { packages: [{ name: 'tool', version: '1.0', trust: { minimum: 'pinned' } }] },
      { digests: [published] },
      undefined,
      'tool failed E_TRUST: trust is "checksum-file" where at least "pinned" is required',
      3,
    ],
    [
      'too weak for the run',
      {},
      {},
      'pinned',
      'tool failed E_TRUST: trust is "tofu" where at least "pinned" is required',
      3,
    ],
    [
      'of a signature that nobody checks',
      {},
      { minimumTrust: 'signed', digests: [pinned] },
      undefined,
      'tool failed E_TRUST: trust is "pinned" where at least "signed" is required',
      3,
    ],
  ])('%s', async (_, config, answer, require, expected, exit) => {
    const [store, server] = [folder(), await upstream()]
    const { items, exitCode } = await (await open(store, [source(server, () => answer)], config)).run(
      require === undefined ? {} : { require },
    )
    expect([told(items), exitCode]).toEqual([[expected], exit])
    expect(readdirSync(join(store, '.pkgcache/records')).length).toBe(exit === 0 ? 1 : 0)
  })

  it('of a cached artifact grows with a pin, without fetching it again', async () => {
    const [store, server] = [folder(), await upstream()]
    await (await open(store, [source(server)])).run()
    const requests = server.requests.length
    const pin = { packages: [{ name: 'tool', version: '1.0', sha256: SHA256 }] }
    const { items } = await (await open(store, [source(server)], pin)).run()
    expect([told(items), server.requests.length]).toEqual([['tool@1.0 cached pinned'], requests])
    const again = await (await open(store, [source(server)], pin)).run()
    expect([told(again.items), again.unchanged]).toEqual([['tool@1.0 cached pinned'], true])
  })

  it('of a cached artifact does not help against a pin of other bytes', async () => {
    const [store, server] = [folder(), await upstream()]
    await (await open(store, [source(server)])).run()
    const other = '0'.repeat(64)
    const pin = { packages: [{ name: 'tool', version: '1.0', sha256: other }] }
    const { items, exitCode } = await (await open(store, [source(server)], pin)).run()
    expect(told(items)).toEqual([
      `tool failed E_DIGEST: ${server.url}/tool.tar has sha256 ${SHA256}, but sha256 of tool in the config says ${other}`,
    ])
    expect(exitCode).toBe(3)
    expect((await (await open(store, [source(server)])).run()).unchanged).toBe(true)
  })

  /** Gives a level to everything, and asks that `tool` has it. */
  const signing = (trust: TrustLevel, ...required: TrustLevel[]) =>
    definePlugin({
      name: 'verify-signing',
      setup(api) {
        api.hooks.declare.tap('verify-signing', (declaration) => {
          for (const minimum of required) declaration.requireTrust('tool', minimum)
        })
        const finding = { ok: true, trust, summary: 'looked at' }
        api.hooks.verify.tapPromise('verify-signing', async () => finding as never)
      },
    })()
  const signatures = [{ over: 'artifact', url: 'https://x/tool.tar.asc' }] as const

  it('of a cached artifact can grow with a signature once a verifier demands it', async () => {
    const [store, server] = [folder(), await upstream()]
    await (await open(store, [source(server, () => ({ signatures, digests: [published] }))])).run()
    const requests = server.requests.length
    const plugins = [
      source(server, () => ({ signatures, digests: [published] })),
      signing('signed', 'signed'),
    ]
    const { items } = await (await open(store, plugins)).run()
    expect([told(items), server.requests.length]).toEqual([['tool@1.0 published signed'], requests + 1])
    const again = await (await open(store, plugins)).run()
    expect([again.unchanged, server.requests.length]).toEqual([true, requests + 1])
  })

  it('of a cached artifact cannot grow with a signature that upstream does not have', async () => {
    const [store, server] = [folder(), await upstream()]
    await (await open(store, [source(server, () => ({ digests: [published] }))])).run()
    const requests = server.requests.length
    const plugins = [source(server, () => ({ digests: [published] })), signing('signed', 'signed')]
    const { items, exitCode } = await (await open(store, plugins)).run()
    expect([told(items), exitCode]).toEqual([
      ['tool failed E_TRUST: trust is "checksum-file" where at least "signed" is required'],
      3,
    ])
    expect(server.requests).toHaveLength(requests)
  })

  it.each<readonly [string, readonly TrustLevel[], Config, string]>([
    ['the strictest that plugins demand', ['checksum-file', 'pinned', 'tofu'], {}, 'pinned'],
    [
      'the config where it asks for more',
      ['tofu'],
      { packages: [{ name: 'tool', version: '1.0', trust: { minimum: 'checksum-file' } }] },
      'checksum-file',
    ],
  ])('has to be that of %s', async (_, required, config, minimum) => {
    const server = await upstream()
    const { items } = await (
      await open(folder(), [source(server), signing('tofu', ...required)], config)
    ).run()
    expect(told(items)).toEqual([
      `tool failed E_TRUST: trust is "tofu" where at least "${minimum}" is required`,
    ])
  })

  it('ends with a finding against it, by the verifier’s name', async () => {
    const [store, server] = [folder(), await upstream()]
    const against = defineVerifier({
      name: 'verify-no',
      verify: async () => ({ ok: false, summary: 'it smells' }),
    })()
    const { items } = await (await open(store, [source(server), against])).run()
    const [item] = items
    expect(item?.state === 'failed' && [item.error.code, item.error.plugin, item.error.message]).toEqual([
      'E_VERIFY',
      'verify-no',
      'it smells',
    ])
  })
})
