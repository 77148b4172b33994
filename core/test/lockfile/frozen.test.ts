import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { RunOptions } from '../../src/cache.types.ts'
import type { PackageConfig } from '../../src/config/types.ts'
import type { Resolution } from '../../src/model/resolved.ts'
import { definePlugin, defineSource } from '../../src/plugins/define.ts'
import type { Located, Plugin } from '../../src/plugins/types.ts'
import { type HttpServer, startHttpServer } from '../../testing/http-server.ts'
import { faultLine } from '../support/fault.ts'
import { open, published, SHA256, source, TAR, told, upstream } from '../support/run.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const OTHER = 'f0'.repeat(32)
const sums = (value: string): Partial<Resolution> => ({ digests: [{ ...published, value }] })

/** A project that has locked `tool`, with an empty cache. */
async function locked(packages: readonly (string | PackageConfig)[] = ['tool@1.0'], says = sums(SHA256)) {
  const [dir, server, asked] = [folder(), await upstream(), [] as string[]]
  const store = join(dir, 'store')
  const config = { packages }
  await (await open(store, [source(server, () => says, asked)], config, { dir })).lock()
  rmSync(store, { recursive: true, force: true })
  asked.length = 0
  const logs: string[] = []
  const cache = (now: typeof config = config, plugins: readonly Plugin[] = [], answer = says) =>
    open(store, [source(server, () => answer, asked), ...plugins], now, {
      dir,
      onLog: ({ level, scope, message }) => logs.push(`${level} ${scope}: ${message}`),
    })
  const run = async (options: RunOptions = { frozen: true }, ...args: Parameters<typeof cache>) => {
    const before = server.requests.length
    const result = await (await cache(...args)).run({ stages: 'fetch', ...options })
    const requests = server.requests.slice(before).map(({ method, path }) => `${method} ${path}`)
    return { told: told(result.items), exitCode: result.exitCode, requests, result }
  }
  return { dir, file: join(dir, 'pkgcache.lock'), store, server, asked, logs, cache, run }
}

describe('a frozen run', () => {
  it('asks no source, brings the locked bytes, then has them', async () => {
    const { run, asked } = await locked()
    const first = await run()
    expect([first.told, first.requests, asked]).toEqual([
      ['tool@1.0 published pinned'],
      ['GET /tool.tar'],
      [],
    ])
    const second = await run()
    expect([second.told, second.requests, second.result.unchanged]).toEqual([
      ['tool@1.0 cached pinned'],
      [],
      true,
    ])
  })

  it('fails with both digests on other bytes, and publishes nothing', async () => {
    const { run, server, cache } = await locked()
    const changed = Buffer.from(TAR)
    changed[0] = (changed[0] ?? 0) ^ 1
    server.route('/tool.tar', { content: changed })
    const { told, exitCode, result } = await run()
    expect([told, exitCode]).toEqual([
      [
        expect.stringMatching(
          `^tool failed E_DIGEST: ${server.url}/tool.tar has sha256 [0-9a-f]{64}, but pkgcache.lock says ${SHA256}$`,
        ),
      ],
      3,
    ])
    const [item] = result.items
    expect(item?.state === 'failed' && item.error.hint).toContain('upstream replaced a release')
    expect(await (await cache()).list()).toEqual([])
  })

  it('takes from the cache only what is locked', async () => {
    const { run, server, file } = await locked()
    const text = readFileSync(file, 'utf8')
    await run()
    writeFileSync(file, text.replace(SHA256, OTHER))
    expect((await run()).told).toEqual([
      `tool failed E_DIGEST: ${server.url}/tool.tar has sha256 ${SHA256}, but pkgcache.lock says ${OTHER}`,
    ])
  })

  it('sends nothing to nodes that is not locked', async () => {
    const { run, file, cache } = await locked()
    await run()
    writeFileSync(file, readFileSync(file, 'utf8').replace(SHA256, OTHER))
    const { items, exitCode } = await (await cache()).run({ stages: 'distribute' })
    expect([told(items), exitCode]).toEqual([
      [`tool failed E_DIGEST: the cached download has sha256 ${SHA256}, but the lock file says ${OTHER}`],
      3,
    ])
  })

  it.each<readonly [string, string | PackageConfig, string]>([
    ['is new', 'toolbox@1.0', 'toolbox failed E_NOT_LOCKED: is not in the lock file'],
    [
      'has another version',
      'tool@1.1',
      'tool failed E_NOT_LOCKED: version 1.1 is asked for, the lock file has 1.0',
    ],
    [
      'has another arch',
      { name: 'tool', version: '1.0', arch: 'arm64' },
      'tool failed E_NOT_LOCKED: is locked for linux/amd64 only',
    ],
    [
      'has another pin',
      { name: 'tool', version: '1.0', sha256: OTHER },
      `tool failed E_NOT_LOCKED: the config pins sha256 ${OTHER}, the lock file has ${SHA256}`,
    ],
    [
      'is to be kept as it is',
      { name: 'tool', version: '1.0', normalise: false },
      'tool failed E_NOT_LOCKED: normalise is false, it was locked with true',
    ],
    [
      'has another URL',
      { name: 'tool', version: '1.0', url: 'https://x/' },
      'tool failed E_NOT_LOCKED: what the config says of it (its URL, checksum, format or own fields) is not what it was locked with',
    ],
    ['has a v', 'tool@v1.0', 'tool@1.0 published pinned'],
  ])('tells a package that %s', async (_, entry, expected) => {
    const { run, asked } = await locked()
    const { told, exitCode } = await run({ frozen: true }, { packages: [entry] })
    expect([told, exitCode, asked]).toEqual([[expected], expected.includes('failed') ? 1 : 0, []])
  })

  it('does so though it is cached', async () => {
    const { run, file } = await locked()
    await run()
    writeFileSync(file, 'version: 1\npackages: []\n')
    expect((await run()).told).toEqual(['tool failed E_NOT_LOCKED: is not in the lock file'])
  })

  it('needs a lock file, and makes no store without one', async () => {
    const { file, cache, store } = await locked()
    rmSync(file)
    for (const ask of ['run', 'plan'] as const)
      expect(await faultLine(async () => (await cache())[ask]({ frozen: true }))).toBe(
        `E_LOCK_FILE: there is no lock file ${file}, and the run is frozen`,
      )
    expect(() => readFileSync(store)).toThrow('ENOENT')
  })

  it('plans from the lock file alone', async () => {
    const { cache, server, asked } = await locked()
    const before = server.requests.length
    const plan = await (await cache({ packages: ['tool@1.0', 'toolbox@2.0'] })).plan({ frozen: true })
    expect(plan.items).toMatchObject([
      { action: 'fetch', downloadBytes: TAR.length, trust: 'pinned', locked: true },
      { action: 'failed', error: { code: 'E_NOT_LOCKED' }, locked: false },
    ])
    expect([server.requests.length, asked]).toEqual([before, []])
  })

  it('still lets plugins declare packages', async () => {
    const declares = definePlugin({
      name: 'declares',
      setup: (api) =>
        api.hooks.declare.tapPromise('declares', async ({ add }) =>
          add({ name: 'tool', version: '1.0', platform: 'linux', arch: 'amd64' }),
        ),
    })()
    const { run } = await locked()
    expect((await run({ frozen: true }, { packages: [] }, [declares])).told).toEqual([
      'tool@1.0 published pinned',
    ])
  })

  it('reaches what the lock file asks for: signed stays signed', async () => {
    const { run } = await locked(['tool@1.0'], { ...sums(SHA256), minimumTrust: 'signed' })
    expect((await run()).told).toEqual([
      'tool failed E_TRUST: trust is "pinned" where at least "signed" is required',
    ])
  })
})

describe('a run with a lock file', () => {
  it('counts the lock file as a pin, on top of what the source knows', async () => {
    const { run, asked, logs } = await locked()
    expect((await run({ require: 'pinned' })).told).toEqual(['tool@1.0 published pinned'])
    expect([asked, logs]).toEqual([['tool@1.0'], []])
  })

  it('tells at once when the source says something else, with both digests', async () => {
    const { run } = await locked()
    const { told, exitCode, requests } = await run({}, undefined, [], sums(OTHER))
    expect([told, exitCode, requests]).toEqual([
      [`tool failed E_DIGEST: https://x/SUMS says sha256 ${OTHER}, but the lock file says ${SHA256}`],
      3,
      [],
    ])
  })

  it('tells when a version is another by now', async () => {
    const { run } = await locked(['tool@latest'], { ...sums(SHA256), version: '1.0' })
    const { told, exitCode } = await run({}, undefined, [], { ...sums(OTHER), version: '1.1' })
    expect([told, exitCode]).toEqual([
      ['tool failed E_NOT_LOCKED: is tool@1.1 linux/amd64 now, and tool@1.0 linux/amd64 in the lock file'],
      1,
    ])
    expect((await run()).told).toEqual(['tool@1.0 published pinned'])
  })

  it('says once what is not locked, and goes on as usual', async () => {
    const { run, logs } = await locked()
    const { told } = await run({}, { packages: ['tool@1.0', 'toolbox@1.0', 'toolbox@2.0'] })
    expect(told).toEqual([
      'tool@1.0 published pinned',
      'toolbox@1.0 published checksum-file',
      'toolbox@2.0 published checksum-file',
    ])
    expect(logs).toEqual([
      'warn lock: not in the lock file as asked for: toolbox@1.0 linux/amd64 and 1 more; `pkgcache lock` adds them',
    ])
  })
})

describe('a private source in a frozen run', () => {
  const TOKEN = 'tok-12345678'
  let server: HttpServer
  afterEach(() => server.close())

  async function acme(locate: (url: string) => Located | undefined) {
    server = await startHttpServer({ routes: { '/tool.tar': { content: TAR } } })
    const [dir, url] = [folder(), `${server.url}/tool.tar`]
    const plugin = defineSource({
      name: 'source-acme',
      resolve: ({ name, version, platform, arch }) => ({
        name,
        version,
        platform,
        arch,
        urls: [`${url}?token=${TOKEN}`],
        digests: [],
      }),
      locate: () => locate(url),
    })()
    const cache = await open(join(dir, 'store'), [plugin], {}, { dir })
    expect((await cache.lock()).exitCode).toBe(0)
    expect(readFileSync(join(dir, 'pkgcache.lock'), 'utf8')).not.toContain(TOKEN)
    await cache.prune({ olderThanMs: -1000 })
    const sent = server.requests.length
    const { items } = await cache.run({ frozen: true, stages: 'fetch' })
    const requests = server.requests.slice(sent)
    return { told: told(items), requests: requests.map(({ path, headers }) => [path, headers.authorization]) }
  }

  it('says where, with its token and its headers', async () => {
    const { told, requests } = await acme((url) => ({
      urls: [`${url}?token=${TOKEN}`],
      headers: { authorization: 'Bearer x' },
    }))
    expect([told, requests]).toEqual([
      ['tool@1.0 published pinned'],
      [[`/tool.tar?token=${TOKEN}`, 'Bearer x']],
    ])
  })

  it('may leave it to the lock file', async () => {
    const { told, requests } = await acme(() => undefined)
    expect([told, requests]).toEqual([['tool@1.0 published pinned'], [['/tool.tar', undefined]]])
  })

  it('does not send its token to where the lock file does not point', async () => {
    const { told, requests } = await acme(() => ({
      urls: [`https://new.example/t?token=${TOKEN}`],
      headers: { authorization: TOKEN },
    }))
    expect([told, requests]).toEqual([
      [
        `tool failed E_NOT_LOCKED: source-acme takes it from https://new.example/t, locked is ${server.url}/tool.tar`,
      ],
      [],
    ])
  })

  it('that throws is named', async () => {
    const { told } = await acme(() => {
      throw new Error('no token')
    })
    expect(told).toEqual(['tool failed E_PLUGIN: no token'])
  })
})
