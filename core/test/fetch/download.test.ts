import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import fetchHttp from '../../../plugins/fetch-http/src/index.ts'
import { download } from '../../src/fetch/download.ts'
import { Parts } from '../../src/fetch/parts.ts'
import type { ExpectedDigest } from '../../src/model/digest.ts'
import type { Resolved } from '../../src/model/resolved.ts'
import { Client } from '../../src/net/client.ts'
import { PluginHost } from '../../src/plugins/host.ts'
import { KeyedLimiter } from '../../src/run/scheduler.ts'
import type { HttpFault, HttpRoute } from '../../testing/http-script.ts'
import { type HttpServer, startHttpServer } from '../../testing/http-server.ts'
import { faultOf } from '../support/fault.ts'
import { bareScope, keepsNothing } from '../support/host.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const running: HttpServer[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

const BYTES = randomBytes(300_000)
const hex = (algorithm: 'sha256' | 'sha512', bytes: Uint8Array = BYTES) =>
  createHash(algorithm).update(bytes).digest('hex')
const expecting = (value: string, more: Partial<ExpectedDigest> = {}): ExpectedDigest => ({
  algorithm: 'sha256',
  value,
  origin: 'checksum-file',
  from: 'https://upstream.example/SUMS',
  ...more,
})

async function serve(route: HttpRoute): Promise<HttpServer> {
  const server = await startHttpServer({ routes: { '/tool': route } })
  running.push(server)
  return server
}

function resolved(
  urls: Resolved['urls'],
  digests: readonly ExpectedDigest[],
  more: Partial<Resolved> = {},
): Resolved {
  const key = { name: 'tool', version: '1.0', platform: 'linux', arch: 'amd64' }
  return { ...key, urls, digests, request: key, key, source: 's', minimumTrust: 'tofu', ...more }
}

interface Options {
  readonly urls: Resolved['urls']
  readonly digests?: readonly ExpectedDigest[]
  readonly mirrors?: Readonly<Record<string, readonly string[]>>
  readonly more?: Partial<Resolved>
}

/** A download and the folder it came to. */
function fetching({ urls, digests = [expecting(hex('sha256'))], mirrors = {}, more = {} }: Options) {
  const tmpDir = folder()
  const steps: number[] = []
  const client = new Client(
    new PluginHost([fetchHttp()]),
    { mirrors, mirrorsOnly: false },
    new KeyedLimiter(4),
    keepsNothing,
  )
  const scope = bareScope({ tmpDir, progress: ({ done }) => void steps.push(done) })
  const means = { client, parts: new Parts(tmpDir), maxBytes: 1_000_000 }
  const result = download(resolved(urls, digests, more), means, scope).then(({ fetched }) => fetched)
  return { tmpDir, steps, result }
}

const asked = (server: HttpServer) =>
  server.requests.map(
    ({ headers, status }) =>
      `${headers.range ?? 'all'} ${headers['if-range'] === undefined ? '-' : 'if'} ${status}`,
  )

describe('a download', () => {
  it('has all digests asked for, and SHA-256 always', async () => {
    const server = await serve({ content: BYTES })
    const digests = [expecting(hex('sha512'), { algorithm: 'sha512' })]
    const { result, steps, tmpDir } = fetching({ urls: [`${server.url}/tool`], digests })
    const { file, resolved: _, ...fetched } = await result
    expect(fetched).toEqual({
      size: 300_000,
      digests: { sha256: hex('sha256'), sha512: hex('sha512') },
      url: `${server.url}/tool`,
      servedBy: `${server.url}/tool`,
    })
    expect(readFileSync(file).equals(BYTES)).toBe(true)
    expect(readdirSync(tmpDir)).toEqual([basename(file), `${basename(file)}.journal`])
    expect(steps.at(-1)).toBe(300_000)
  })

  it('names itself without credentials', async () => {
    const server = await serve({ content: BYTES })
    const url = `${server.url.replace('//', '//user:password@')}/tool?token=abc`
    const { url: shown, servedBy } = await fetching({ urls: [url] }).result
    expect([shown, servedBy]).toEqual([`${server.url}/tool`, `${server.url}/tool`])
  })

  it.each<readonly [string, HttpFault[], string[]]>([
    ['goes on after a reset', [{ resetAfter: 100_000 }], ['all - 200', 'bytes=N- if 206']],
    [
      'goes on after two',
      [{ resetAfter: 100_000 }, { resetAfter: 50_000 }],
      ['all - 200', 'bytes=N- if 206', 'bytes=N- if 206'],
    ],
    ['goes on after an early end', [{ endAfter: 100_000 }], ['all - 200', 'bytes=N- if 206']],
    [
      'begins anew where nothing says that it is the same file',
      [{ resetAfter: 100_000, etag: '', headers: { 'last-modified': '' } }],
      ['all - 200', 'all - 200'],
    ],
    [
      'begins anew where ranges are ignored',
      [{ resetAfter: 100_000 }, { ignoreRange: true }],
      ['all - 200', 'bytes=N- if 200'],
    ],
    [
      'begins anew where the range is refused',
      [{ resetAfter: 100_000 }, { status: 416 }],
      ['all - 200', 'bytes=N- if 416', 'all - 200'],
    ],
    [
      'keeps what is there where upstream is busy for a while',
      [{ resetAfter: 100_000 }, { status: 503, headers: { 'retry-after': '0' } }],
      ['all - 200', 'bytes=N- if 503', 'bytes=N- if 206'],
    ],
    [
      'asks three times for what is busy',
      [
        { status: 503, headers: { 'retry-after': '0' } },
        { status: 429, headers: { 'retry-after': '0' } },
      ],
      ['all - 503', 'all - 429', 'all - 200'],
    ],
  ])('%s', async (_, script, requests) => {
    const server = await serve({ content: BYTES, script })
    const { file, size, digests } = await fetching({ urls: [`${server.url}/tool`] }).result
    expect([size, digests.sha256, readFileSync(file).equals(BYTES)]).toEqual([300_000, hex('sha256'), true])
    expect(asked(server).map((line) => line.replace(/=[1-9]\d*-/, '=N-'))).toEqual(requests)
  })

  it('begins anew when the file changed meanwhile', async () => {
    const server = await serve({ content: BYTES, script: [{ resetAfter: 100_000, etag: '"of-before"' }] })
    const { digests } = await fetching({ urls: [`${server.url}/tool`] }).result
    expect(digests.sha256).toBe(hex('sha256'))
    expect(server.requests.map(({ status }) => status)).toEqual([200, 200])
    expect(server.requests[1]?.headers['if-range']).toBe('"of-before"')
  })

  it('costs no byte twice', async () => {
    const server = await serve({ content: BYTES, script: [{ resetAfter: 100_000 }] })
    const { steps, result } = fetching({ urls: [`${server.url}/tool`] })
    await result
    const from = Number(/=(\d+)-/.exec(server.requests[1]?.headers.range ?? '')?.[1])
    expect(from).toBe(steps[0])
    expect(from).toBeGreaterThan(0)
  })
})

describe('wrong bytes', () => {
  const other = '0'.repeat(64)

  it('are refused, both digests named, nothing left', async () => {
    const server = await serve({ content: BYTES, always: { flipByteAt: 5 } })
    const { result, tmpDir } = fetching({ urls: [`${server.url}/tool`] })
    const fault = await faultOf(() => result)
    const flipped = Buffer.from(BYTES)
    flipped.writeUInt8(flipped.readUInt8(5) ^ 0xff, 5)
    expect([fault.code, fault.exitCode, fault.item]).toEqual(['E_DIGEST', 3, 'tool@1.0 linux/amd64'])
    expect(fault.message).toBe(
      `${server.url}/tool has sha256 ${hex('sha256', flipped)}, but https://upstream.example/SUMS says ${hex('sha256')}`,
    )
    expect(readdirSync(tmpDir)).toEqual([])
    expect(server.requests.length).toBe(1)
  })

  it('of one expectation among several are enough', async () => {
    const server = await serve({ content: BYTES })
    const digests = [
      expecting(hex('sha256')),
      expecting(other, { origin: 'pinned', from: 'sha256 of tool in the config' }),
    ]
    const fault = await faultOf(() => fetching({ urls: [`${server.url}/tool`], digests }).result)
    expect(fault.message).toBe(
      `${server.url}/tool has sha256 ${hex('sha256')}, but sha256 of tool in the config says ${other}`,
    )
  })

  it.each<readonly [string, HttpRoute]>([
    ['404', { content: BYTES, always: { status: 404 } }],
    ['other bytes', { content: BYTES, always: { flipByteAt: 5 } }],
    ['a login page', { content: BYTES, always: { status: 200, body: '<html>log in</html>' } }],
  ])('of a mirror (%s) are fetched from the origin', async (_, route) => {
    const mirror = await serve(route)
    const origin = await serve({ content: BYTES })
    const { result, tmpDir } = fetching({
      urls: [`${origin.url}/tool`],
      mirrors: { [`${origin.url}/`]: [`${mirror.url}/`] },
    })
    const { url, servedBy, digests } = await result
    expect([url, servedBy, digests.sha256]).toEqual([
      `${origin.url}/tool`,
      `${origin.url}/tool`,
      hex('sha256'),
    ])
    expect([mirror, origin].map(({ requests }) => requests.length)).toEqual([1, 1])
    expect(readdirSync(tmpDir).length).toBe(2)
  })

  it('of a mirror are told before what the origin lacks', async () => {
    const mirror = await serve({ content: BYTES, always: { flipByteAt: 5 } })
    const origin = await serve({ always: { status: 404 } })
    const { result, tmpDir } = fetching({
      urls: [`${origin.url}/tool`],
      mirrors: { [`${origin.url}/`]: [`${mirror.url}/`] },
    })
    expect((await faultOf(() => result)).code).toBe('E_DIGEST')
    expect(readdirSync(tmpDir)).toEqual([])
  })
})

describe('a download with several URLs', () => {
  it('takes the next one when one fails', async () => {
    const [none, good] = [await serve({ always: { status: 404 } }), await serve({ content: BYTES })]
    const { url } = await fetching({ urls: [`${none.url}/tool`, `${good.url}/tool`] }).result
    expect(url).toBe(`${good.url}/tool`)
  })

  it('tells the first fault when all fail, but a wrong digest before all', async () => {
    const [none, denied] = [
      await serve({ always: { status: 404 } }),
      await serve({ always: { status: 403 } }),
    ]
    const bad = await serve({ content: BYTES, always: { flipByteAt: 1 } })
    const urls = (...servers: HttpServer[]) =>
      servers.map(({ url }) => `${url}/tool`) as unknown as Resolved['urls']
    const code = async (...servers: HttpServer[]) =>
      (await faultOf(() => fetching({ urls: urls(...servers) }).result)).code
    expect(await code(none, denied)).toBe('E_NOT_FOUND')
    expect(await code(denied, none)).toBe('E_FORBIDDEN')
    expect(await code(none, bad)).toBe('E_DIGEST')
  })
})

describe('a download whose length is not the announced one', () => {
  it.each([
    ['longer than the source says', 299_999, 'E_TOO_LARGE', 'sent 300000 bytes where 299999 were announced'],
    ['shorter than the source says', 300_001, 'E_TRUNCATED', 'ended after 300000 of 300001 bytes'],
  ])('%s', async (_, size, code, message) => {
    const server = await serve({ content: BYTES, always: { chunked: true } })
    const fault = await faultOf(
      () => fetching({ urls: [`${server.url}/tool`], digests: [], more: { size } }).result,
    )
    expect([fault.code, fault.message]).toEqual([code, `${server.url}/tool ${message}`])
  })
})

describe('headers of a source', () => {
  it('go to the origin, not to its mirror', async () => {
    const mirror = await serve({ always: { status: 404 } })
    const origin = await serve({ content: BYTES })
    const more = { headers: { authorization: 'Bearer abc' } }
    await fetching({
      urls: [`${origin.url}/tool`],
      mirrors: { [`${origin.url}/`]: [`${mirror.url}/`] },
      more,
    }).result
    expect([mirror, origin].map(({ requests }) => requests[0]?.headers.authorization)).toEqual([
      undefined,
      'Bearer abc',
    ])
  })
})
