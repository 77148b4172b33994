import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type HttpServer, leftOut, startHttpProxy, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Connections } from '../src/connections.ts'
import { fetchHttp } from '../src/fetch.ts'
import { configured, failure, get, textOf, told } from './support.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))
const HINT =
  'the server may be up to no good; if it is meant, set allowPrivateRedirects of fetch-http, or name a mirror'

function canMakeNetworks(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root makes networks'
  const { status } = spawnSync('ip', ['netns', 'list'])
  return status === 0 ? undefined : 'there is no ip netns'
}

/** A network with public, private and link-local addresses of its own, and names for them. */
class Network {
  readonly name = `pkgcache-${randomBytes(4).toString('hex')}`
  readonly #folder = `/etc/netns/${this.name}`

  constructor() {
    mkdirSync(this.#folder, { recursive: true })
    const hosts = [
      ['203.0.113.10', 'public.test'],
      ['203.0.113.11', 'other.test'],
      ['10.9.9.9', 'intranet.test'],
      ['169.254.169.254', 'metadata.test'],
      ['fd00:1::9', 'local6.test'],
    ]
    const lines = [['127.0.0.1', 'localhost'], ...hosts].map((line) => `${line.join(' ')}\n`)
    writeFileSync(`${this.#folder}/hosts`, lines.join(''))
    execFileSync('ip', ['netns', 'add', this.name])
    this.#ip('link', 'set', 'lo', 'up')
    for (const [address = ''] of hosts) this.#ip('addr', 'add', address, 'dev', 'lo')
  }

  #ip(...args: string[]): void {
    execFileSync('ip', ['-n', this.name, ...args])
  }

  inside(args: readonly string[]): [string, string[]] {
    return ['ip', ['netns', 'exec', this.name, process.execPath, ...args]]
  }

  remove(): void {
    spawnSync('ip', ['netns', 'del', this.name])
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const skip = leftOut('redirects between real networks', canMakeNetworks())

describe.skipIf(skip)('a redirect to a private place', () => {
  let network: Network
  let upstream: ReturnType<typeof spawn>
  beforeAll(async () => {
    network = new Network()
    upstream = spawn(...network.inside([fixture('redirects.mjs')]), { stdio: ['ignore', 'pipe', 'inherit'] })
    if (upstream.stdout) await once(upstream.stdout, 'data')
  })
  afterAll(async () => {
    upstream.kill()
    await once(upstream, 'exit')
    network.remove()
  })

  function fetchInside(urls: readonly string[], options: object): string[] {
    const args = ['--conditions=@pkgcache/source', '--import', 'jiti/register', fixture('fetch-many.ts')]
    const [program, line] = network.inside([...args, JSON.stringify({ urls, options })])
    return JSON.parse(execFileSync(program, line, { timeout: 60_000, encoding: 'utf8' }))
  }
  const at = (host: string, to?: string): string =>
    `http://${host}:8000/${to === undefined ? '' : `?to=${encodeURIComponent(to)}`}`
  const refused = (from: string, to: string, why: string): string =>
    `E_REDIRECT GET http://${from}:8000/ redirects to http://${to}:8000/, ${why}`
  const name = (place: string, address: string): string =>
    `whose address ${address} is ${/^un(?!iq)/.test(place) ? 'an' : 'a'} ${place} address`

  const P = 'public.test'
  const cases: readonly (readonly [from: string, to: string, outcome: string])[] = [
    [P, 'other.test', '::ffff:203.0.113.11'],
    [P, '203.0.113.11', '::ffff:203.0.113.11'],
    [P, '10.9.9.9', refused(P, '10.9.9.9', 'a private address')],
    [P, '10.591113', refused(P, '10.9.5.9', 'a private address')],
    [P, 'intranet.test', refused(P, 'intranet.test', name('private', '10.9.9.9'))],
    ['203.0.113.10', 'intranet.test', refused('203.0.113.10', 'intranet.test', name('private', '10.9.9.9'))],
    [P, 'local6.test', refused(P, 'local6.test', name('unique-local', 'fd00:1::9'))],
    [P, '[fd00:1::9]', refused(P, '[fd00:1::9]', 'a unique-local address')],
    [P, '[::ffff:10.9.9.9]', refused(P, '[::ffff:a09:909]', 'a private address')],
    [P, '127.0.0.1', refused(P, '127.0.0.1', 'a loopback address')],
    [P, 'localhost', refused(P, 'localhost', 'a loopback address')],
    [P, '0.0.0.0', refused(P, '0.0.0.0', 'an unspecified address')],
    [P, '100.64.0.1', refused(P, '100.64.0.1', 'a carrier-grade NAT address')],
    [P, '169.254.169.254', refused(P, '169.254.169.254', 'a link-local address')],
    [P, 'metadata.test', refused(P, 'metadata.test', name('link-local', '169.254.169.254'))],
    ['10.9.9.9', '127.0.0.1', '::ffff:127.0.0.1'],
    ['intranet.test', '10.9.9.9', '::ffff:10.9.9.9'],
    ['intranet.test', 'local6.test', 'fd00:1::9'],
    ['intranet.test', P, '::ffff:203.0.113.10'],
    ['localhost', 'intranet.test', '::ffff:10.9.9.9'],
    ['10.9.9.9', '169.254.169.254', refused('10.9.9.9', '169.254.169.254', 'a link-local address')],
    [
      'intranet.test',
      'metadata.test',
      refused('intranet.test', 'metadata.test', name('link-local', '169.254.169.254')),
    ],
    ['metadata.test', 'intranet.test', '::ffff:10.9.9.9'],
    ['169.254.169.254', 'metadata.test', '::ffff:169.254.169.254'],
  ]

  it('is refused unless the first URL is as private', () => {
    const outcomes = fetchInside(
      cases.map(([from, to]) => at(from, at(to))),
      {},
    )
    expect(outcomes.map((outcome, index) => [cases[index]?.[0], cases[index]?.[1], outcome])).toEqual(cases)
  }, 90_000)

  it('is judged by the first URL, over any number of steps', () => {
    const urls = [
      at(P, at('other.test', at('10.9.9.9'))),
      at('10.9.9.9', at(P, at('intranet.test'))),
      at(P, `/?to=${encodeURIComponent(at('intranet.test'))}`),
      at('intranet.test', at(P, at('169.254.169.254'))),
    ]
    expect(fetchInside(urls, {})).toEqual([
      refused('other.test', '10.9.9.9', 'a private address'),
      '::ffff:10.9.9.9',
      refused(P, 'intranet.test', name('private', '10.9.9.9')),
      refused(P, '169.254.169.254', 'a link-local address'),
    ])
  }, 90_000)

  it('is followed when it is allowed', () => {
    const urls = ['10.9.9.9', 'intranet.test', '169.254.169.254', 'metadata.test', '[fd00:1::9]', 'localhost']
    expect(
      fetchInside(
        urls.map((to) => at(P, at(to))),
        { allowPrivateRedirects: true },
      ).map((address) => address.replace('::ffff:', '')),
    ).toEqual(['10.9.9.9', '10.9.9.9', '169.254.169.254', '169.254.169.254', 'fd00:1::9', '127.0.0.1'])
  }, 90_000)
})

describe('the names on the way', () => {
  let server: HttpServer
  beforeAll(async () => {
    server = await startHttpServer({ routes: { '/tool': { content: 'reached' } } })
  })
  afterAll(() => server.close())

  /** A DNS whose answers change from query to query. */
  function changing(answers: Readonly<Record<string, readonly string[]>>) {
    const asked: string[] = []
    const lookup = (
      host: string,
      _: unknown,
      done: (error: null, addresses: LookupAddress[]) => void,
    ): void => {
      const turn = asked.filter((name) => name === host).length
      asked.push(host)
      const address = answers[host]?.[turn] ?? answers[host]?.at(-1) ?? '127.0.0.1'
      setImmediate(() => done(null, [{ address, family: 4 }]))
    }
    return { asked, lookup }
  }

  const ask = (connections: Connections, url: string) =>
    fetchHttp(connections, get(url), new AbortController().signal)

  it('are looked up once, by the connection itself: what is judged is what is connected to', async () => {
    const { asked, lookup } = changing({ 'rebinds.test': ['169.254.169.254', '127.0.0.1'] })
    const connections = new Connections({}, {}, { lookup })
    server.route('/away', { always: { redirectTo: `http://rebinds.test:${server.port}/tool` } })
    const error = await failure(ask(connections, `http://origin.test:${server.port}/away`))
    expect(told(error)).toEqual({
      code: 'E_REDIRECT',
      retryable: false,
      message: `GET http://origin.test:${server.port}/away redirects to http://rebinds.test:${server.port}/tool, whose address 169.254.169.254 is a link-local address`,
    })
    expect(error.hint).toBe(HINT)
    expect(asked).toEqual(['origin.test', 'rebinds.test'])
  })

  it('cost one query of the connection, as ever, where nothing is redirected', async () => {
    const { asked, lookup } = changing({})
    const connections = new Connections({}, {}, { lookup })
    expect(await textOf(await ask(connections, `http://origin.test:${server.port}/tool`))).toBe('reached')
    expect(asked).toEqual(['origin.test'])
  })

  it('are not known behind a proxy: addresses in the URL are looked at', async () => {
    const proxy = await startHttpProxy()
    const connections = new Connections({}, { http_proxy: proxy.url }, {})
    const from = `http://localhost:${server.port}`
    server.route('/meta', { always: { redirectTo: 'http://169.254.169.254/latest/' } })
    const error = await failure(ask(connections, `${from}/meta`))
    expect(told(error)).toMatchObject({
      code: 'E_REDIRECT',
      message: `GET ${from}/meta redirects to http://169.254.169.254/latest/, a link-local address`,
    })
    expect(proxy.requests.map(({ target }) => target)).toEqual([`${from}/meta`])
    await proxy.close()
  })

  it('of this machine may lead to this machine', async () => {
    server.route('/home', { always: { redirectTo: `http://localhost:${server.port}/tool` } })
    expect(await textOf(await configured()(`${server.url}/home`))).toBe('reached')
  })
})
