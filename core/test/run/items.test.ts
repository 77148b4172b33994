import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PackageRequest } from '../../src/model/request.ts'
import { requestDigest } from '../../src/model/request-digest.ts'
import { type Answer, open, pinned, SHA256, source, TAR, told, upstream } from '../support/run.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()

describe('an item', () => {
  it('is published, then cached without asking anybody', async () => {
    const [store, server, asked] = [folder(), await upstream(), [] as string[]]
    const first = await (await open(store, [source(server, undefined, asked)])).run()
    expect([told(first.items), first.exitCode, first.unchanged]).toEqual([
      ['tool@1.0 published tofu'],
      0,
      false,
    ])
    const requests = server.requests.length
    const visible = () =>
      readdirSync(store)
        .filter((name) => name !== '.pkgcache')
        .map((name) => [name, statSync(join(store, name)).mtimeMs])
    const before = visible()
    const second = await (await open(store, [source(server, undefined, asked)])).run()
    expect([told(second.items), second.exitCode, second.unchanged]).toEqual([
      ['tool@1.0 cached tofu'],
      0,
      true,
    ])
    expect([asked, server.requests.length]).toEqual([['tool@1.0'], requests])
    expect(visible()).toEqual(before)
    expect(readdirSync(join(store, '.pkgcache/tmp'))).toEqual([])
    expect(readdirSync(join(store, '.pkgcache/locks'))).toEqual([])
  })

  it('is one, with and without v before its version', async () => {
    const [store, server, asked] = [folder(), await upstream(), [] as string[]]
    await (await open(store, [source(server, undefined, asked)])).run()
    const { items } = await (
      await open(store, [source(server, undefined, asked)], { packages: ['tool@v1.0'] })
    ).run()
    expect([told(items), asked]).toEqual([['tool@1.0 cached tofu'], ['tool@1.0']])
  })

  it('is made anew when its file was changed', async () => {
    const [store, server] = [folder(), await upstream()]
    await (await open(store, [source(server)])).run()
    const file = join(store, 'tool-1.0-amd64.tar.zst')
    const good = readFileSync(file)
    writeFileSync(file, Buffer.alloc(good.length))
    utimesSync(file, 1, 1)
    const { items } = await (await open(store, [source(server)])).run()
    expect(told(items)).toEqual(['tool@1.0 published tofu'])
    expect(readFileSync(file).equals(good)).toBe(true)
  })

  it.each<readonly [string, Answer, string]>([
    [
      'nobody knows',
      () => undefined,
      'tool failed E_UNKNOWN_PACKAGE: no source knows a package called "tool"',
    ],
    [
      'has no URL',
      () => ({ urls: [] as never }),
      'tool failed E_PLUGIN: gave no URL for tool@1.0 linux/amd64',
    ],
    [
      'gets a name that is none',
      () => ({ name: '../tool' }),
      'tool failed E_NAME: "../tool" cannot be used as a name',
    ],
    [
      'gets a digest that is none',
      () => ({ digests: [{ ...pinned, value: SHA256.toUpperCase() }] }),
      `tool failed E_PLUGIN: gave sha256 "${SHA256.toUpperCase()}", which is none in lower-case hex`,
    ],
  ])('that %s fails alone', async (_, answer, expected) => {
    const [store, server] = [folder(), await upstream()]
    const config = { packages: ['tool@1.0', 'other@1.0'] }
    const plugin = source(server, (request) => (request.name === 'tool' ? answer(request) : {}))
    const { items, exitCode } = await (await open(store, [plugin], config)).run()
    expect(told(items)).toEqual([expected, 'other@1.0 published tofu'])
    expect(exitCode).toBe(1)
    const [failed] = items
    expect(failed?.state === 'failed' && [failed.error.stage, failed.error.item]).toEqual(
      expected.includes('UNKNOWN')
        ? [undefined, 'tool@1.0 linux/amd64']
        : ['resolve', 'tool@1.0 linux/amd64'],
    )
  })

  it.each([
    ['tol', 'did you mean "tool"?'],
    ['elsewhere', 'give it a `url`, or add a source plugin for it (loaded sources: source-test)'],
  ])('called %s gets a hint', async (name, hint) => {
    const [store, server] = [folder(), await upstream()]
    const { items } = await (
      await open(store, [source(server, () => undefined)], { packages: [`${name}@1`] })
    ).run()
    const [failed] = items
    expect(failed?.state === 'failed' && failed.error.hint).toBe(hint)
  })

  it.each([
    ['/evil.tar', 3, /^tool failed E_POLICY: member "\.\.\/evil" has a path that leads out of the archive$/],
    [
      '/text',
      1,
      /^tool failed E_FORMAT: no format plugin recognises the download; it starts with "no archive at all"$/,
    ],
    ['/none', 1, /^tool failed E_NOT_FOUND: /],
  ])('at %s is not published', async (path, exit, expected) => {
    const [store, server] = [folder(), await upstream()]
    const plugin = source(server, () => ({ urls: [`${server.url}${path}`] }))
    const { items, exitCode } = await (await open(store, [plugin])).run()
    expect(told(items)).toEqual([expect.stringMatching(expected)])
    expect(exitCode).toBe(exit)
    expect(readdirSync(store).filter((name) => name.endsWith('.zst'))).toEqual([])
    expect(readdirSync(join(store, '.pkgcache/records'))).toEqual([])
    expect(readdirSync(join(store, '.pkgcache/tmp'))).toEqual([])
  })

  it.each([
    ['tool.tar', 'linux/amd64/tool/1.0/tool.tar'],
    ['tool%20v1.tar', 'E_NAME: "tool v1.tar" cannot be used as a file'],
    ['%zz.tar', 'E_NAME: "%zz.tar" cannot be used as a file'],
  ])('that is kept, from /%s', async (name, expected) => {
    const [store, server] = [folder(), await upstream()]
    server.route(`/${name}`, { content: TAR })
    const plugin = source(server, () => ({ urls: [`${server.url}/${name}`], normalise: false }))
    const { items } = await (await open(store, [plugin])).run()
    const [item] = items
    expect(item?.state === 'failed' ? `${item.error.code}: ${item.error.message}` : item?.record.file).toBe(
      expected,
    )
  })
})

describe('the digest of a request', () => {
  const request = { name: 'a', version: '1.0', platform: 'linux', arch: 'amd64' }

  it('is the same for the same thing', () => {
    const { arch, name, ...rest } = request
    const same = [
      { ...rest, name, arch },
      { ...request, version: 'v1.0' },
      { ...request, minimumTrust: 'pinned' as const },
    ]
    expect(same.map(requestDigest)).toEqual(same.map(() => requestDigest(request)))
  })

  it('differs where something else may come of it', () => {
    const others: PackageRequest[] = [
      request,
      { ...request, version: '1.1' },
      { ...request, arch: 'arm64' },
      { ...request, url: 'https://x/' },
      { ...request, sha256: '0'.repeat(64) },
      { ...request, signatureUrl: 'https://x/' },
      { ...request, signatureOver: 'artifact' },
      { ...request, signatureOver: 'checksum-file' },
      { ...request, normalise: false },
      { ...request, extra: { channel: 'x' } },
    ]
    expect(new Set(others.map(requestDigest)).size).toBe(others.length)
  })
})
