import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import fetchFile from '../../../plugins/fetch-file/src/index.ts'
import fetchHttp from '../../../plugins/fetch-http/src/index.ts'
import { createCache } from '../../src/cache.ts'
import type { Cache } from '../../src/cache.types.ts'
import type { Config } from '../../src/config/types.ts'
import { definePlugin } from '../../src/plugins/define.ts'
import type { KeptOptions, KeptText, Plugin } from '../../src/plugins/types.ts'
import type { HttpFault, HttpRoute } from '../../testing/http-script.ts'
import { type HttpServer, startHttpServer } from '../../testing/http-server.ts'
import { freePort } from '../../testing/sshd.ts'
import { faultOf } from '../support/fault.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const servers: HttpServer[] = []
const caches: Cache[] = []
afterEach(async () => {
  await Promise.all(caches.splice(0).map((cache) => cache.close()))
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function serve(route: HttpRoute): Promise<HttpServer> {
  const server = await startHttpServer({ routes: { '/list.json': route } })
  servers.push(server)
  return server
}

interface Desk {
  readonly store: string
  readonly folder: string
  /** `level message` of everything logged. */
  readonly lines: string[]
  readonly cache: Cache
  /** One text, in a run of its own. */
  get(url: string, options?: KeptOptions): Promise<KeptText>
}

async function desk(config: Config = {}, plugins: readonly Plugin[] = []): Promise<Desk> {
  const { store = folder() } = config
  const lines: string[] = []
  const cache = await createCache(
    { ...config, store, plugins: [fetchHttp(), fetchFile(), ...plugins] },
    { onLog: ({ level, message }) => void lines.push(`${level} ${message}`) },
  )
  caches.push(cache)
  const get = (url: string, options?: KeptOptions) =>
    cache.withContext('test', (ctx) => ctx.fetch.kept(url, options))
  return { store, folder: join(store, '.pkgcache/kept'), lines, cache, get }
}

/** What was asked of upstream: the condition, and what it answered. */
const asked = (server: HttpServer) =>
  server.requests.map(({ headers, status }) =>
    [headers['if-none-match'], headers['if-modified-since'], status].filter(Boolean).join(' '),
  )

const NOW = { 'retry-after': '0' }
const DATE = 'Wed, 01 Jan 2025 00:00:00 GMT'
const DOWN: HttpFault = { status: 503, headers: NOW }

describe('a kept text', () => {
  it('is sent once, and only asked about from then on', async () => {
    const server = await serve({ content: '{"a":1}', always: { etag: '"v1"' } })
    const { get, folder: kept, lines, store } = await desk()
    const url = `${server.url}/list.json`
    const first = await get(url)
    expect(first).toEqual({
      text: '{"a":1}',
      validator: '"v1"',
      fetchedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      state: 'fetched',
    })
    const again = { ...first, state: 'unchanged' }
    expect([await get(url), await get(url)]).toEqual([again, again])
    expect(asked(server)).toEqual(['200', '"v1" 304', '"v1" 304'])
    expect(lines).toEqual([])
    const [file = '', ...others] = readdirSync(kept)
    expect([file, others]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), []])
    const modes = [store, join(store, '.pkgcache'), kept, join(kept, file)].map(
      (path) => statSync(path).mode & 0o777,
    )
    expect(modes.slice(1)).toEqual([0o700, 0o700, 0o600])
  })

  it.each<readonly [string, HttpRoute, readonly string[], readonly string[]]>([
    [
      'a weak ETag',
      { content: 'x', always: { etag: 'W/"v1"' } },
      ['fetched W/"v1"', 'unchanged W/"v1"'],
      ['200', 'W/"v1" 304'],
    ],
    [
      'a date alone',
      { content: 'x', lastModified: DATE, always: { etag: '' } },
      [`fetched ${DATE}`, `unchanged ${DATE}`],
      ['200', `${DATE} 304`],
    ],
    [
      'neither',
      { content: 'x', always: { etag: '', headers: { 'last-modified': '' } } },
      ['fetched', 'unchanged'],
      ['200', '200'],
    ],
    [
      'what is no ETag and no date',
      { content: 'x', always: { etag: 'v1', headers: { 'last-modified': 'yesterday' } } },
      ['fetched', 'unchanged'],
      ['200', '200'],
    ],
    [
      'another version',
      { content: 'x', script: [{ etag: '"v1"' }, { etag: '"v2"', content: 'y' }] },
      ['fetched "v1"', 'fetched "v2"'],
      ['200', '"v1" 200'],
    ],
    [
      'a 304 about another version: asked again without a condition',
      {
        content: 'y',
        script: [
          { etag: '"v1"', content: 'x' },
          { status: 304, headers: { etag: '"v2"' } },
        ],
      },
      ['fetched "v1"', 'fetched "a1fce4363854ff88"'],
      ['200', '"v1" 304', '200'],
    ],
  ])('%s', async (_, route, states, requests) => {
    const server = await serve(route)
    const { get } = await desk()
    const [first, second] = [await get(`${server.url}/list.json`), await get(`${server.url}/list.json`)]
    const told = [first, second].map(({ state, validator }) => [state, validator].filter(Boolean).join(' '))
    expect([told, asked(server)]).toEqual([states, requests])
    expect(second.text).toBe(route.script?.length ? 'y' : 'x')
  })

  it('is asked for once in a run, however many want it', async () => {
    const server = await serve({ content: 'abc', always: { delayMs: 20 } })
    const { cache } = await desk()
    const url = `${server.url}/list.json`
    const texts = await cache.withContext('test', async ({ fetch }) => {
      const together = await Promise.all([fetch.kept(url), fetch.kept(url), fetch.kept(url)])
      return [...together, await fetch.kept(url)]
    })
    expect(texts.map(({ text, state }) => `${text} ${state}`)).toEqual(Array(4).fill('abc fetched'))
    expect(server.requests.length).toBe(1)
  })
})

describe('where upstream cannot be asked, what is kept counts', () => {
  it.each<readonly [string, HttpFault]>([
    ['503', DOWN],
    ['429', { ...DOWN, status: 429 }],
    ['a reset', { resetAfter: -1 }],
    ['half a body', { etag: '"v2"', content: 'longer than that', endAfter: 3 }],
    [
      'a web page',
      { etag: '"v2"', content: '<!doctype html><title>Log in</title>', contentType: 'text/html' },
    ],
  ])('%s', async (_, fault) => {
    const server = await serve({ content: 'abc', script: [{}], always: fault })
    const { get, lines } = await desk()
    const url = `${server.url}/list.json`
    const { fetchedAt } = await get(url)
    expect(await get(url)).toMatchObject({ text: 'abc', state: 'kept', fetchedAt })
    expect(lines.at(-1)).toMatch(new RegExp(`^warn .*; going by the copy of ${url} from ${fetchedAt}$`))
    expect(server.requests.length).toBe(4)
  })

  it.each([
    ['nobody listens', async (url: string) => url],
    ['the host has no name', async (url: string) => url.replace(/127\.0\.0\.1:\d+/, 'no-such-host.invalid')],
  ])('%s', async (_, change) => {
    const server = await serve({ content: 'abc' })
    const url = await change(`${server.url}/list.json`)
    const { store } = await desk()
    const first = await desk({ store, mirrors: { [url]: [`${server.url}/list.json`] } })
    await first.get(url)
    await server.close()
    const { get, lines } = await desk({ store })
    expect(await get(url)).toMatchObject({ text: 'abc', state: 'kept' })
    expect(lines.at(-1)).toMatch(/^warn .*going by the copy of /)
  })

  it('but not for an answer: the file is gone, or forbidden', async () => {
    for (const [status, code] of [
      [404, 'E_NOT_FOUND'],
      [410, 'E_NOT_FOUND'],
      [403, 'E_FORBIDDEN'],
      [400, 'E_HTTP'],
    ] as const) {
      const server = await serve({ content: 'abc', script: [{}], always: { status } })
      const { get } = await desk()
      const { fetchedAt } = await get(`${server.url}/list.json`)
      const fault = await faultOf(() => get(`${server.url}/list.json`))
      expect([fault.code, fault.hint?.endsWith(`; a copy of ${fetchedAt} is kept`)]).toEqual([code, true])
    }
  })

  it('and nothing where nothing is kept', async () => {
    const { get, folder: kept } = await desk()
    const fault = await faultOf(async () => get(`http://127.0.0.1:${await freePort()}/list.json`))
    expect(fault.code).toBe('E_UNREACHABLE')
    expect(() => readdirSync(kept)).toThrow('ENOENT')
  })
})

describe('offline', () => {
  it('nobody is asked', async () => {
    const server = await serve({ content: 'abc' })
    const { get, lines } = await desk()
    const url = `${server.url}/list.json`
    const fault = await faultOf(() => get(url, { offline: true }))
    expect([fault.code, fault.message]).toEqual([
      'E_NOT_CACHED',
      `${url} is not kept, and upstream must not be asked`,
    ])
    await get(url)
    expect(await get(url, { offline: true })).toMatchObject({ text: 'abc', state: 'kept' })
    expect([server.requests.length, lines]).toEqual([1, []])
  })

  it('what is larger than asked for is refused as online', async () => {
    const server = await serve({ content: 'abc' })
    const { get } = await desk()
    const url = `${server.url}/list.json`
    await get(url)
    const codes = [
      (await faultOf(() => get(url, { maxBytes: 2, offline: true }))).code,
      (await faultOf(() => get(url, { maxBytes: 2 }))).code,
    ]
    expect([codes, (await get(url, { maxBytes: 3 })).text]).toEqual([['E_TOO_LARGE', 'E_TOO_LARGE'], 'abc'])
  })
})

describe('mirrors', () => {
  it('are told of their own versions only', async () => {
    const [mirror, origin] = [
      await serve({ content: 'abc', script: [{ etag: '"1"' }], always: DOWN }),
      await serve({ content: 'other', always: { etag: '"1"' } }),
    ]
    const { get } = await desk({ mirrors: { [`${origin.url}/`]: [`${mirror.url}/`] } })
    const texts = [await get(`${origin.url}/list.json`), await get(`${origin.url}/list.json`)]
    expect(texts.map(({ text, state }) => `${text} ${state}`)).toEqual(['abc fetched', 'other fetched'])
    expect(asked(mirror).slice(0, 2)).toEqual(['200', '"1" 503'])
    expect(asked(origin)).toEqual(['200'])
  })

  it.each([
    ['the origin is down', { status: 404 }, DOWN, 'kept'],
    ['the origin has it no more', DOWN, { status: 404 }, 'E_NOT_FOUND'],
  ] as const)('%s', async (_, ofMirror, ofOrigin, expected) => {
    const [mirror, origin] = [
      await serve({ content: 'abc', script: [{}], always: ofMirror }),
      await serve({ always: ofOrigin }),
    ]
    const { get } = await desk({ mirrors: { [`${origin.url}/`]: [`${mirror.url}/`] } })
    await get(`${origin.url}/list.json`)
    const end = await get(`${origin.url}/list.json`).then(
      ({ state }) => state,
      ({ code }) => code,
    )
    expect(end).toBe(expected)
  })
})

describe('a file that is not what was kept', () => {
  const DAMAGES: readonly (readonly [string, (file: string) => void])[] = [
    ['empty', (file) => writeFileSync(file, '')],
    ['torn', (file) => writeFileSync(file, readFileSync(file).subarray(0, -1))],
    ['longer', (file) => writeFileSync(file, `${readFileSync(file, 'utf8')}x`)],
    ['another text', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('abc', 'abd'))],
    ['another version', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('"v1', '"v2'))],
    [
      'a folder',
      (file) => {
        rmSync(file)
        mkdirSync(file)
      },
    ],
  ]

  it.each(DAMAGES)('does not count: %s', async (what, damage) => {
    const server = await serve({ content: 'abc', always: { etag: '"v1"' } })
    const { get, folder: kept, lines } = await desk()
    const url = `${server.url}/list.json`
    await get(url)
    damage(join(kept, readdirSync(kept)[0] ?? ''))
    expect((await get(url)).text).toBe('abc')
    expect(asked(server)).toEqual(['200', '200'])
    expect(lines[0]).toBe(
      what === 'a folder'
        ? `warn the kept copy of ${url} cannot be read`
        : `warn the kept copy of ${url} is damaged and does not count`,
    )
  })

  it('does not count under the name of another', async () => {
    const server = await serve({ content: 'abc' })
    const { get, folder: kept } = await desk()
    await get(`${server.url}/list.json`)
    const [first = ''] = readdirSync(kept)
    await get(`${server.url}/list.json?page=2`)
    const second = readdirSync(kept).find((name) => name !== first) ?? ''
    renameSync(join(kept, first), join(kept, second))
    expect((await faultOf(() => get(`${server.url}/list.json?page=2`, { offline: true }))).code).toBe(
      'E_NOT_CACHED',
    )
  })
})

describe('what lies in the store', () => {
  it('holds no secret of the URL, and serves whoever comes with another one', async () => {
    const server = await serve({ content: 'abc' })
    const { get, folder: kept } = await desk()
    const url = (secret: string) =>
      `${server.url.replace('//', `//me:${secret}@`)}/list.json?token=${secret}&page=1`
    await get(url('first-secret'), { headers: { 'private-token': 'header-secret' } })
    expect(await get(url('other-secret'))).toMatchObject({ state: 'unchanged' })
    const files = readdirSync(kept)
    const content = readFileSync(join(kept, files[0] ?? ''), 'utf8')
    expect([files.length, /secret/.test(content)]).toEqual([1, false])
    expect(content).toContain(`"url":"${server.url}/list.json?page=1"`)
  })

  it('is no package, and stays: verify, prune and a rebuilt index leave it alone', async () => {
    const server = await serve({ content: 'abc' })
    const { get, cache, folder: kept } = await desk()
    await get(`${server.url}/list.json`)
    const before = readdirSync(kept)
    const verified = await cache.verify()
    expect([verified.problems, verified.exitCode]).toEqual([[], 0])
    await cache.prune({ olderThanMs: 0, unusedForMs: 0, invalid: true })
    const { adopted, refused, packages } = await cache.rebuildIndex()
    expect([adopted, refused, packages, readdirSync(kept)]).toEqual([[], [], 0, before])
    expect((await get(`${server.url}/list.json`)).state).toBe('unchanged')
  })

  it('need not be there: without a place to keep it, a text is fetched all the same', async () => {
    const server = await serve({ content: 'abc' })
    const file = join(folder(), 'file')
    writeFileSync(file, '')
    const { get, cache, lines } = await desk({ store: join(file, 'store') })
    const url = `${server.url}/list.json`
    expect((await get(url)).text).toBe('abc')
    expect(lines).toEqual([
      expect.stringMatching(/^warn what is fetched cannot be kept for the next time: ENOTDIR/),
    ])
    const dir = await cache.withContext('test', async ({ tmpDir }) => statSync(tmpDir).mode & 0o777)
    expect(dir).toBe(0o700)
  })
})

describe('a plan', () => {
  it('reads what is kept, and keeps nothing', async () => {
    const server = await serve({ content: 'abc' })
    const seen: string[] = []
    const declaring = definePlugin({
      name: 'declaring',
      setup: ({ hooks }) =>
        hooks.declare.tapPromise('declaring', async (_, { fetch }) => {
          const { text, state } = await fetch.kept(`${server.url}/list.json`)
          seen.push(`${text} ${state}`)
        }),
    })
    const { cache, store, folder: kept } = await desk({}, [declaring()])
    await cache.plan()
    await cache.nodes()
    expect(readdirSync(store)).toEqual([])
    await cache.run({ stages: 'fetch' })
    expect(readdirSync(kept).length).toBe(1)
    await server.close()
    await cache.plan()
    expect(seen).toEqual(['abc fetched', 'abc fetched', 'abc fetched', 'abc kept'])
  })
})

describe('a file: URL', () => {
  it('is read again when it changed', async () => {
    const file = join(folder(), 'list.json')
    writeFileSync(file, 'abc')
    const { get } = await desk()
    const states = [await get(`file://${file}`), await get(`file://${file}`)]
    writeFileSync(file, 'abcd')
    states.push(await get(`file://${file}`))
    expect(states.map(({ text, state }) => `${text} ${state}`)).toEqual([
      'abc fetched',
      'abc unchanged',
      'abcd fetched',
    ])
  })
})

it('a fetcher that says "not modified" of nothing is told apart', async () => {
  const lying = definePlugin({
    name: 'fetch-lying',
    setup: ({ hooks }) =>
      hooks.fetch.tapPromise('fetch-lying', async ({ url }) => ({
        url,
        offset: 0,
        notModified: true,
        body: (async function* () {})(),
      })),
  })
  const cache = await createCache({ store: folder(), plugins: [lying()] })
  caches.push(cache)
  const fault = await faultOf(() => cache.withContext('test', ({ fetch }) => fetch.text('lie://host/x')))
  expect([fault.code, fault.plugin, fault.message]).toEqual([
    'E_PLUGIN',
    'fetch-lying',
    'fetch-lying says "not modified" where no copy was named (lie://host/x)',
  ])
})
