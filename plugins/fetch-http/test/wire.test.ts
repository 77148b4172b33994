import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Connections } from '../src/connections.ts'
import { fetchHttp } from '../src/fetch.ts'
import { configured, failure, get, selfSigned, textOf } from './support.ts'

let server: HttpServer
const fetch = configured()

beforeAll(async () => {
  server = await startHttpServer()
})
afterAll(() => server.close())

/** Code and message, or the text of the body. */
async function outcome(url: string): Promise<string> {
  const whole = fetch(url).then(textOf)
  return whole.catch(async () => {
    const { code, message } = await failure(whole)
    return `${code} ${message.replace(`GET ${url}`, '')}`
  })
}

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = 'transfer-encoding: chunked\r\n'

describe('an answer on the wire', () => {
  const cases = [
    ['is whole without a length, at the end of the connection', `${OK}\r\nhello`, 'hello'],
    ['is whole in HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nhello', 'hello'],
    [
      'may have other answers before it',
      `HTTP/1.1 103 Early Hints\r\n\r\n${OK}content-length: 5\r\n\r\nhello`,
      'hello',
    ],
    [
      'has one length',
      `${OK}content-length: 5\r\ncontent-length: 5\r\n\r\nhello`,
      'E_HTTP : the answer breaks the HTTP protocol',
    ],
    [
      'has not two lengths that differ',
      `${OK}content-length: 5\r\ncontent-length: 4\r\n\r\nhello`,
      'E_HTTP : the answer breaks the HTTP protocol',
    ],
    [
      'has no length beside chunks',
      `${OK}content-length: 5\r\n${CHUNKED}\r\n5\r\nhello\r\n0\r\n\r\n`,
      'E_HTTP : the answer breaks the HTTP protocol',
    ],
    [
      'has no negative length',
      `${OK}content-length: -5\r\n\r\nhello`,
      'E_HTTP : the answer breaks the HTTP protocol',
    ],
    [
      'has no list of lengths',
      `${OK}content-length: 5, 5\r\n\r\nhello`,
      'E_HTTP : the answer breaks the HTTP protocol',
    ],
    [
      'has a length that can be',
      `${OK}content-length: 99999999999999999999\r\n\r\nhello`,
      'E_HTTP : the answer breaks the HTTP protocol',
    ],
    [
      'is no shorter than its length',
      `${OK}content-length: 9\r\n\r\nhello`,
      'E_TRUNCATED : the body ended before its announced end',
    ],
    [
      'is not compressed on the way',
      `${OK}transfer-encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
      'E_HTTP  answered with Transfer-Encoding gzip, chunked, asked was identity',
    ],
    [
      'is not encoded twice',
      `${OK}content-encoding: identity\r\ncontent-encoding: br\r\ncontent-length: 5\r\n\r\nhello`,
      'E_HTTP  answered with Content-Encoding identity, br, asked was identity',
    ],
    [
      'is no part called whole',
      `${OK}content-range: bytes 10-14/15\r\ncontent-length: 5\r\n\r\nhello`,
      'E_HTTP  answered 200 OK with Content-Range "bytes 10-14/15"',
    ],
    [
      'is no beginning called whole',
      `${OK}content-range: bytes 0-4/15\r\ncontent-length: 5\r\n\r\nhello`,
      'E_HTTP  answered 200 OK with Content-Range "bytes 0-4/15"',
    ],
    [
      'is whole as its own only part',
      `${OK}content-range: bytes 0-4/5\r\ncontent-length: 5\r\n\r\nhello`,
      'hello',
    ],
    [
      'has no length that its range denies',
      `${OK}content-range: bytes 0-4/5\r\ncontent-length: 4\r\n\r\nhell`,
      'E_HTTP  answered 200 OK with Content-Range "bytes 0-4/5"',
    ],
    [
      'has a status that HTTP knows',
      'HTTP/1.1 000 What\r\n\r\n',
      'E_HTTP : the answer breaks the HTTP protocol (ERR_ASSERTION)',
    ],
  ] as const
  it.each(cases)('%s', async (_, raw, expected) => {
    server.route('/raw', { always: { raw } })
    expect(await outcome(`${server.url}/raw`)).toBe(expected)
  })

  it('without a length says no size, and a cut cannot be seen: that is left to the digest', async () => {
    server.route('/raw', { always: { raw: `${OK}\r\nhel` } })
    const response = await fetch(`${server.url}/raw`)
    expect(response.size).toBeUndefined()
    expect(await textOf(response)).toBe('hel')
  })
})

describe('over TLS, an answer without a length', () => {
  const pair = selfSigned()
  afterAll(() => pair.remove())

  /** An https server whose answer ends with TLS's own goodbye, or with the connection cut beneath it. */
  async function answer(goodbye: boolean): Promise<string> {
    const secure = createTlsServer(pair, (socket) => {
      socket.once('data', () => {
        socket.write(`${OK}\r\nhello`)
        if (goodbye) socket.end()
      })
    })
    await once(secure.listen(0, '127.0.0.1'), 'listening')
    const upstream = (secure.address() as AddressInfo).port
    // in between: cuts the connection shortly after the answer
    const cutter = createServer((client) => {
      const server = connect(upstream, '127.0.0.1')
      client.pipe(server)
      server.on('data', (chunk) => client.write(chunk))
      server.on('end', () => client.end())
      if (!goodbye) setTimeout(() => client.end(), 300)
      client.on('error', () => server.destroy())
      client.on('close', () => server.destroy())
    })
    await once(cutter.listen(0, '127.0.0.1'), 'listening')
    const url = `https://127.0.0.1:${(cutter.address() as AddressInfo).port}/x`
    const connections = new Connections({}, {}, { ca: pair.cert })
    const whole = fetchHttp(connections, get(url), new AbortController().signal).then(textOf)
    const said = await whole.catch(async () => (await failure(whole)).code)
    secure.close()
    cutter.close()
    return said
  }

  it('is whole when TLS says goodbye', async () => expect(await answer(true)).toBe('hello'))
  // Node tells nobody of the missing close_notify: here, too, the digest has to decide
  it('looks whole when the connection is cut beneath TLS', async () =>
    expect(await answer(false)).toBe('hello'))
})
