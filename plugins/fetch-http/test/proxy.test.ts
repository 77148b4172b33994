import { setTimeout as sleep } from 'node:timers/promises'
import {
  type HttpProxy,
  type HttpProxyOptions,
  type HttpServer,
  startHttpProxy,
  startHttpServer,
} from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Connections } from '../src/connections.ts'
import { fetchHttp } from '../src/fetch.ts'
import { type ProxyEnvironment, proxyFor } from '../src/proxy.ts'
import { failure, get, selfSigned, textOf, told } from './support.ts'

describe('the proxy of the environment', () => {
  const both = { http_proxy: 'http://plain:3128', https_proxy: 'http://secure:3128' }
  const cases: readonly (readonly [string, ProxyEnvironment, string | undefined])[] = [
    ['http://a.example/x', {}, undefined],
    ['http://a.example/x', both, 'http://plain:3128/'],
    ['https://a.example/x', both, 'http://secure:3128/'],
    ['https://a.example/x', { http_proxy: 'http://plain:3128' }, undefined],
    ['https://a.example/x', { HTTPS_PROXY: 'https://up:8443' }, 'https://up:8443/'],
    ['http://a.example/x', { HTTP_PROXY: 'http://up:1', http_proxy: 'http://low:1' }, 'http://low:1/'],
    ['http://a.example/x', { HTTP_PROXY: 'http://up:1', http_proxy: '' }, undefined],
    ['http://a.example/x', { http_proxy: 'bare:3128' }, 'http://bare:3128/'],
    ['http://a.example/x', { ...both, no_proxy: '*' }, undefined],
    ['http://a.example/x', { ...both, NO_PROXY: 'b.example, A.example' }, undefined],
    ['http://a.example/x', { ...both, NO_PROXY: 'a.example', no_proxy: '' }, 'http://plain:3128/'],
    ['http://a.example/x', { ...both, no_proxy: 'example' }, undefined],
    ['http://a.example/x', { ...both, no_proxy: '.example' }, undefined],
    ['http://a.example/x', { ...both, no_proxy: '*.example' }, undefined],
    ['http://aexample/x', { ...both, no_proxy: 'example' }, 'http://plain:3128/'],
    ['http://a.example/x', { ...both, no_proxy: 'a.example:80' }, undefined],
    ['https://a.example/x', { ...both, no_proxy: 'a.example:80' }, 'http://secure:3128/'],
    ['http://a.example:8080/x', { ...both, no_proxy: 'a.example:80' }, 'http://plain:3128/'],
    ['http://10.1.2.3/x', { ...both, no_proxy: '10.0.0.0/8' }, undefined],
    ['http://11.1.2.3/x', { ...both, no_proxy: '10.0.0.0/8' }, 'http://plain:3128/'],
    ['http://10.1.2.3/x', { ...both, no_proxy: '10.0.0.0/99' }, 'http://plain:3128/'],
    ['http://[fd00::1]/x', { ...both, no_proxy: 'fd00::/8' }, undefined],
    ['http://[::1]/x', { ...both, no_proxy: '::1' }, undefined],
    ['http://[::1]:8080/x', { ...both, no_proxy: '[::1]:8080' }, undefined],
    ['http://[::1]/x', { ...both, no_proxy: '10.0.0.0/8' }, 'http://plain:3128/'],
  ]
  it.each(cases)('for %s with %j is %s', (url, env, proxy) => {
    expect(proxyFor(new URL(url), env)?.href).toBe(proxy)
  })

  it.each(['socks5://user:s3cret@host:1080', 'http://', 'http://host:port'])('refuses %s', async (value) => {
    const connections = new Connections({}, { HTTPS_PROXY: value })
    const error = await failure(
      fetchHttp(connections, get('https://a.example/x'), new AbortController().signal),
    )
    expect(error.code).toBe('E_CONFIG')
    expect(error.message).toMatch(/^HTTPS_PROXY holds .*, which is no http or https proxy$/)
    expect(error.message).not.toContain('s3cret')
  })
})

describe('through a proxy', () => {
  const pair = selfSigned()
  let plain: HttpServer
  let secure: HttpServer

  beforeAll(async () => {
    plain = await startHttpServer({ routes: { '/tool': { content: 'plain' } } })
    secure = await startHttpServer({ tls: pair, routes: { '/tool': { content: 'secure' } } })
  })
  afterAll(async () => {
    await plain.close()
    await secure.close()
    pair.remove()
  })

  async function withProxy(
    options: HttpProxyOptions,
    use: (
      proxy: HttpProxy,
      ask: (url: string, address?: string) => ReturnType<typeof fetchHttp>,
    ) => Promise<void>,
  ): Promise<void> {
    const proxy = await startHttpProxy(options)
    const ask = (url: string, address = proxy.url): ReturnType<typeof fetchHttp> => {
      const connections = new Connections(
        {},
        { http_proxy: address, https_proxy: address },
        { ca: pair.cert },
      )
      return fetchHttp(connections, get(url), new AbortController().signal)
    }
    await use(proxy, ask).finally(() => proxy.close())
  }

  it('sends plain http in absolute form and https through a tunnel', async () => {
    await withProxy({}, async (proxy, ask) => {
      expect(await textOf(await ask(`${plain.url}/tool?a=1`))).toBe('plain')
      expect(await textOf(await ask(`${secure.url}/tool`))).toBe('secure')
      expect(proxy.requests).toEqual([
        { method: 'GET', target: `${plain.url}/tool?a=1`, authorization: undefined },
        { method: 'CONNECT', target: `127.0.0.1:${secure.port}`, authorization: undefined },
      ])
    })
  })

  it('uses one tunnel for one request after the other', async () => {
    await withProxy({}, async (proxy) => {
      const connections = new Connections({}, { https_proxy: proxy.url }, { ca: pair.cert })
      for (let n = 0; n < 3; n++) {
        // A connection is free again one turn of the event loop after its answer has ended.
        await sleep(20)
        await textOf(await fetchHttp(connections, get(`${secure.url}/tool`), new AbortController().signal))
      }
      expect(proxy.requests).toHaveLength(1)
    })
  })

  it('sends the proxy its credentials, and upstream none', async () => {
    await withProxy({ credentials: { user: 'me', password: 'p@ss' } }, async (proxy, ask) => {
      const address = proxy.url.replace('//', '//me:p%40ss@')
      for (const server of [plain, secure]) {
        await textOf(await ask(`${server.url}/tool`, address))
        expect(server.requests.at(-1)?.headers).not.toHaveProperty('proxy-authorization')
      }
      const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`
      expect(proxy.requests.map((request) => request.authorization)).toEqual([basic, basic])
    })
  })

  it.each([
    ['http', () => `${plain.url}/tool`],
    ['https', () => `${secure.url}/tool`],
  ])('says that the proxy wants credentials for %s', async (_, url) => {
    await withProxy({ credentials: { user: 'me', password: 's3cret' } }, async (proxy, ask) => {
      const error = await failure(ask(url(), proxy.url.replace('//', '//me:wr0ng@')))
      expect(told(error)).toEqual({
        code: 'E_FORBIDDEN',
        retryable: false,
        message: `GET ${url()}: the proxy ${proxy.url}/ answered 407 Proxy Authentication Required`,
      })
      expect(error.hint).toContain('HTTPS_PROXY')
    })
  })

  it.each([
    [403, 'E_FORBIDDEN', false, '403 Forbidden'],
    [502, 'E_UNREACHABLE', true, '502 Bad Gateway'],
  ])('says that the proxy answers CONNECT with %i', async (connectStatus, code, retryable, text) => {
    await withProxy({ connectStatus }, async (proxy, ask) => {
      expect(told(await failure(ask(`${secure.url}/tool`)))).toEqual({
        code,
        retryable,
        message: `GET ${secure.url}/tool: the proxy ${proxy.url}/ answered ${text}`,
      })
    })
  })

  it('names the proxy that cannot be reached', async () => {
    const gone = await startHttpProxy()
    await gone.close()
    await withProxy({}, async (_, ask) => {
      for (const url of [`${plain.url}/tool`, `${secure.url}/tool`]) {
        expect(told(await failure(ask(url, gone.url.replace('//', '//me:s3cret@'))))).toEqual({
          code: 'E_UNREACHABLE',
          retryable: true,
          message: `GET ${url} through the proxy ${gone.url}/: the connection is refused (ECONNREFUSED)`,
        })
      }
    })
  })
})
