import { afterEach, describe, expect, it } from 'vitest'
import fetchHttp from '../../../plugins/fetch-http/src/index.ts'
import { Client } from '../../src/net/client.ts'
import { PluginHost } from '../../src/plugins/host.ts'
import type { FetchHelper } from '../../src/plugins/types.ts'
import { KeyedLimiter } from '../../src/run/scheduler.ts'
import { type HttpServer, type HttpServerOptions, startHttpServer } from '../../testing/http-server.ts'
import { faultOf } from '../support/fault.ts'
import { bareScope, keepsNothing } from '../support/host.ts'

const running: HttpServer[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

async function serve(routes: NonNullable<HttpServerOptions['routes']>): Promise<HttpServer> {
  const server = await startHttpServer({ routes })
  running.push(server)
  return server
}

function helper(
  mirrors: Record<string, readonly string[]> = {},
  mirrorsOnly = false,
  lines: string[] = [],
): FetchHelper {
  const host = new PluginHost([fetchHttp()])
  const client = new Client(host, { mirrors, mirrorsOnly }, new KeyedLimiter(4), keepsNothing)
  return client.helper(bareScope({ log: (level, _, message) => void lines.push(`${level} ${message}`) }))
}

const NOW = { 'retry-after': '0' }

describe('a small text', () => {
  it('is fetched by one request', async () => {
    const server = await serve({ '/sums': { content: 'abc' } })
    expect(await helper().text(`${server.url}/sums`)).toBe('abc')
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /sums'])
  })

  it('is given as the bytes it has, too', async () => {
    const content = Uint8Array.from([0xc3, 0x28, 0x0d, 0x0a, 0xff, 0])
    const server = await serve({ '/sums.sig': { content } })
    expect(Uint8Array.from(await helper().bytes(`${server.url}/sums.sig`))).toEqual(content)
    const fault = await faultOf(() => helper().bytes(`${server.url}/sums.sig`, { maxBytes: 5 }))
    expect(fault.code).toBe('E_TOO_LARGE')
  })

  it.each<readonly [string, number, object, string, number]>([
    ['503 passes', 2, { status: 503, headers: NOW }, 'abc', 3],
    ['429 passes', 1, { status: 429, headers: NOW }, 'abc', 2],
    ['a reset passes', 1, { resetAfter: -1 }, 'abc', 2],
    ['a truncated body passes', 1, { endAfter: 1 }, 'abc', 2],
    ['503 for ever', 9, { status: 503, headers: NOW }, 'E_HTTP', 3],
    ['404 is not asked again', 9, { status: 404 }, 'E_NOT_FOUND', 1],
    ['410 is not asked again', 9, { status: 410 }, 'E_NOT_FOUND', 1],
    ['403 is not asked again', 9, { status: 403 }, 'E_FORBIDDEN', 1],
    ['400 is not asked again', 9, { status: 400 }, 'E_HTTP', 1],
  ])('%s', async (_, times, fault, expected, requests) => {
    const script = Array.from({ length: times }, () => fault)
    const server = await serve({ '/sums': { content: 'abc', script } })
    const end = await helper()
      .text(`${server.url}/sums`)
      .catch((error) => error.code)
    expect([end, server.requests.length]).toEqual([expected, requests])
  })

  it('says that and when it is asked for again', async () => {
    const server = await serve({
      '/sums': { content: 'abc', script: [{ status: 503, headers: { 'retry-after': '1' } }] },
    })
    const lines: string[] = []
    await helper({}, false, lines).text(`${server.url}/sums`)
    expect(lines).toEqual([`warn GET ${server.url}/sums answered 503 Service Unavailable; again in 1000 ms`])
  })

  it('that is too large is refused', async () => {
    const server = await serve({ '/sums': { content: 'abcdef' } })
    expect(await helper().text(`${server.url}/sums`, { maxBytes: 6 })).toBe('abcdef')
    const fault = await faultOf(() => helper().text(`${server.url}/sums`, { maxBytes: 5 }))
    expect([fault.code, fault.message]).toEqual(['E_TOO_LARGE', `${server.url}/sums is larger than 5 bytes`])
  })
})

describe('a size', () => {
  it('is asked for without the bytes', async () => {
    const server = await serve({
      '/tool': { content: 'abcdef' },
      '/stream': { content: 'abc', always: { chunked: true } },
    })
    expect(await helper().size(`${server.url}/tool`)).toBe(6)
    expect(await helper().size(`${server.url}/stream`)).toBeUndefined()
    expect(server.requests.map(({ method, bytes }) => [method, bytes])).toEqual([
      ['HEAD', 0],
      ['HEAD', 0],
    ])
  })
})

describe('mirrors', () => {
  it('are asked in order, each only when the ones before failed', async () => {
    const down = await serve({})
    const good = await serve({ '/x/sums': { content: 'from good' } })
    const origin = await serve({ '/sums': { content: 'from origin' } })
    const lines: string[] = []
    const rules = { [`${origin.url}/`]: [`${down.url}/`, `${good.url}/x/`] }
    expect(await helper(rules, false, lines).text(`${origin.url}/sums`)).toBe('from good')
    expect([down, good, origin].map(({ requests }) => requests.length)).toEqual([1, 1, 0])
    expect(lines).toEqual([`warn GET ${down.url}/sums answered 404 Not Found; trying the next URL`])
  })

  it('that all fail are named, the most telling fault first', async () => {
    const busy = await serve({ '/sums': { content: '', always: { status: 503, headers: NOW } } })
    const origin = await serve({})
    const fault = await faultOf(() =>
      helper({ [`${origin.url}/`]: [`${busy.url}/`] }).text(`${origin.url}/sums`),
    )
    expect(fault.code).toBe('E_NOT_FOUND')
    expect(fault.hint).toContain(
      `asked in order: ${busy.url}/sums (E_HTTP), ${origin.url}/sums (E_NOT_FOUND)`,
    )
    expect([busy, origin].map(({ requests }) => requests.length)).toEqual([3, 1])
  })

  it('alone are asked with mirrorsOnly', async () => {
    const mirror = await serve({})
    const origin = await serve({ '/sums': { content: 'abc' } })
    const rules = { [`${origin.url}/`]: [`${mirror.url}/`] }
    expect((await faultOf(() => helper(rules, true).text(`${origin.url}/sums`))).code).toBe('E_NOT_FOUND')
    expect([mirror, origin].map(({ requests }) => requests.length)).toEqual([1, 0])
  })

  it('never see the headers meant for the origin', async () => {
    const mirror = await serve({})
    const origin = await serve({ '/sums': { content: 'abc' } })
    const headers = { authorization: 'Bearer secret', 'x-acme': '1' }
    await helper({ [`${origin.url}/`]: [`${mirror.url}/`] }).text(`${origin.url}/sums`, { headers })
    const seen = [mirror, origin].map(({ requests }) => [
      requests[0]?.headers.authorization,
      requests[0]?.headers['x-acme'],
    ])
    expect(seen).toEqual([
      [undefined, undefined],
      ['Bearer secret', '1'],
    ])
  })
})

describe('a URL that nobody fetches', () => {
  it.each([
    ['ftp://x/y', 'no fetcher plugin takes ftp: URLs (ftp://x/y)'],
    ['no url', '"no url" is not a URL'],
  ])('%s', async (url, message) => {
    const fault = await faultOf(() => helper().text(url))
    expect([fault.code, fault.message]).toEqual(['E_SCHEME', message])
  })
})

describe('requests to one host', () => {
  it('are no more at once than the cap', async () => {
    const cap = 2
    let ended = 0
    const atOnce: number[] = []
    const server = await startHttpServer({
      routes: { '/x': { content: 'abc', always: { delayMs: 20 } } },
      log: () => {
        atOnce.push(server.requests.length - ended)
        ended++
      },
    })
    running.push(server)
    const host = new PluginHost([fetchHttp()])
    const client = new Client(host, { mirrors: {}, mirrorsOnly: false }, new KeyedLimiter(cap), keepsNothing)
    await Promise.all(Array.from({ length: 8 }, () => client.helper(bareScope()).text(`${server.url}/x`)))
    expect([atOnce.length, Math.max(...atOnce)]).toEqual([8, cap])
  })
})
