import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networkFault } from '../src/faults.ts'
import { configured, failure, read, selfSigned, textOf, told } from './support.ts'

const BIG = Buffer.alloc(3_000_000, 'pkgcache')
let server: HttpServer
const fetch = configured({ stallTimeout: 250, connectTimeout: 250 })

beforeAll(async () => {
  server = await startHttpServer({ routes: { '/big': { content: BIG } } })
})
afterAll(() => server.close())

describe('a fault before the answer', () => {
  it('is E_UNREACHABLE where nobody listens', async () => {
    const gone = await startHttpServer()
    await gone.close()
    const error = await failure(fetch(`${gone.url}/x?token=s3cret`))
    expect(told(error)).toEqual({
      code: 'E_UNREACHABLE',
      retryable: true,
      message: `GET ${gone.url}/x: the connection is refused (ECONNREFUSED)`,
    })
    expect(error.hint).toMatch(/port/)
  })

  it('is E_UNREACHABLE when the connection is reset or closed', async () => {
    server.route('/reset', { always: { resetAfter: -1 } })
    expect(told(await failure(fetch(`${server.url}/reset`)))).toEqual({
      code: 'E_UNREACHABLE',
      retryable: true,
      message: `GET ${server.url}/reset: the connection was reset (ECONNRESET)`,
    })
    server.route('/closed', { always: { raw: '' } })
    expect(told(await failure(fetch(`${server.url}/closed`)))).toEqual({
      code: 'E_UNREACHABLE',
      retryable: true,
      message: `GET ${server.url}/closed: the connection was closed before an answer`,
    })
  })

  it('is E_STALLED when no answer comes', async () => {
    server.route('/late', { always: { delayMs: 3_600_000 } })
    expect(told(await failure(fetch(`${server.url}/late`)))).toEqual({
      code: 'E_STALLED',
      retryable: true,
      message: `GET ${server.url}/late: no answer for 250 ms`,
    })
  })

  it('is E_HTTP when the answer is not HTTP', async () => {
    server.route('/ssh', { always: { raw: 'SSH-2.0-OpenSSH_9.2\r\n' } })
    const error = await failure(fetch(`${server.url}/ssh`))
    expect(told(error)).toMatchObject({ code: 'E_HTTP', retryable: false })
    expect(error.message).toContain('breaks the HTTP protocol')
  })

  it('is E_UNREACHABLE when TLS does not come up in time', async () => {
    const silent = await listening(createServer(() => {}))
    const error = await failure(fetch(`https://127.0.0.1:${silent.port}/x`))
    expect(told(error)).toEqual({
      code: 'E_UNREACHABLE',
      retryable: true,
      message: `GET https://127.0.0.1:${silent.port}/x: no connection within the connect timeout`,
    })
    silent.server.close()
  })

  it('names NODE_EXTRA_CA_CERTS for an unknown authority, and does not retry', async () => {
    const pair = selfSigned()
    const secure = await startHttpServer({ tls: pair })
    const error = await failure(fetch(`${secure.url}/x`))
    expect(told(error)).toEqual({
      code: 'E_UNREACHABLE',
      retryable: false,
      message: `GET ${secure.url}/x: the certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)`,
    })
    expect(error.hint).toContain('NODE_EXTRA_CA_CERTS')
    await secure.close()
    pair.remove()
  })

  it('is no TLS where plain http is spoken', async () => {
    const error = await failure(fetch(`${server.url.replace('http:', 'https:')}/x`))
    expect(told(error)).toMatchObject({ code: 'E_UNREACHABLE', retryable: false })
    expect(error.message).toContain('no TLS connection can be made')
  })

  const asked = {
    url: new URL('https://user:pw@host.example/a?token=s3cret'),
    method: 'GET',
    stallTimeout: 30_000,
  } as const
  it.each([
    ['ENOTFOUND', 'E_UNREACHABLE', false, 'the host name is unknown (ENOTFOUND)'],
    ['EAI_AGAIN', 'E_UNREACHABLE', true, 'the host name cannot be looked up for now (EAI_AGAIN)'],
    ['EPIPE', 'E_UNREACHABLE', true, 'the connection was reset (EPIPE)'],
    ['ETIMEDOUT', 'E_UNREACHABLE', true, 'no connection within the connect timeout (ETIMEDOUT)'],
    ['ENETUNREACH', 'E_UNREACHABLE', true, 'the host cannot be reached (ENETUNREACH)'],
    ['CERT_HAS_EXPIRED', 'E_UNREACHABLE', false, 'the certificate is not trusted (CERT_HAS_EXPIRED)'],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'E_UNREACHABLE',
      false,
      'the certificate is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)',
    ],
    [
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'E_UNREACHABLE',
      false,
      'no TLS connection can be made (ERR_SSL_WRONG_VERSION_NUMBER)',
    ],
    ['UND_ERR_HEADERS_OVERFLOW', 'E_HTTP', false, 'the answer breaks the HTTP protocol'],
    ['E_STRANGE', 'E_UNREACHABLE', false, 'the request failed (E_STRANGE)'],
  ])('%s is %s', (system, code, retryable, what) => {
    const cause = Object.assign(new Error('raw text with s3cret'), { code: system })
    const error = networkFault(cause, asked, false)
    expect(told(error)).toEqual({ code, retryable, message: `GET https://host.example/a: ${what}` })
    expect(error.cause).toBe(cause)
  })
})

describe('a fault within the body', () => {
  const cases = [
    [
      'a connection closed short of Content-Length',
      { endAfter: 70_000 },
      'E_TRUNCATED',
      'the body ended before its announced end',
    ],
    [
      'the same with Connection: close',
      { endAfter: 70_000, headers: { connection: 'close' } },
      'E_TRUNCATED',
      'the body ended before its announced end',
    ],
    [
      'a chunked body without its last chunk',
      { endAfter: 70_000, chunked: true },
      'E_TRUNCATED',
      'the body ended before its announced end',
    ],
    [
      'the same with Connection: close',
      { endAfter: 70_000, chunked: true, headers: { connection: 'close' } },
      'E_TRUNCATED',
      'the body ended before its announced end',
    ],
    ['a reset', { resetAfter: 70_000 }, 'E_UNREACHABLE', 'the connection was reset (ECONNRESET)'],
    [
      'a chunked body that is reset',
      { resetAfter: 70_000, chunked: true },
      'E_UNREACHABLE',
      'the connection was reset (ECONNRESET)',
    ],
    ['a stall', { stallAfter: 70_000 }, 'E_STALLED', 'no byte for 250 ms'],
  ] as const
  it.each(cases)('%s is %s', async (_, fault, code, what) => {
    server.route('/broken', { content: BIG, always: fault })
    const response = await fetch(`${server.url}/broken`)
    let received = 0
    const reading = (async () => {
      for await (const chunk of response.body) received += chunk.length
    })()
    expect(told(await failure(reading))).toEqual({
      code,
      retryable: true,
      message: `GET ${server.url}/broken: ${what}`,
    })
    expect(received).toBe(70_000)
  })

  it('is E_HTTP when a chunk size is none', async () => {
    server.route('/chunk', {
      always: { raw: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n' },
    })
    const error = await failure(textOf(await fetch(`${server.url}/chunk`)))
    expect(told(error)).toEqual({
      code: 'E_HTTP',
      retryable: true,
      message: `GET ${server.url}/chunk: the answer breaks the HTTP protocol`,
    })
  })

  it('is a cut in a chunked body that is reset after Connection: close', async () => {
    const fault = { resetAfter: 70_000, chunked: true, headers: { connection: 'close' } }
    server.route('/broken', { content: BIG, always: fault })
    const error = await failure(textOf(await fetch(`${server.url}/broken`)))
    expect(told(error)).toMatchObject({ code: 'E_TRUNCATED', retryable: true })
  })

  it('does not break the connection of the next request', async () => {
    expect((await read((await fetch(`${server.url}/big`)).body)).equals(BIG)).toBe(true)
  })
})

describe('a reader', () => {
  it('that is slow gets every byte, and no stall is counted while it rests', async () => {
    const response = await fetch(`${server.url}/big`)
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body) {
      if (chunks.length === 0) await new Promise((resolve) => setTimeout(resolve, 800))
      chunks.push(chunk)
    }
    expect(Buffer.concat(chunks).equals(BIG)).toBe(true)
  })

  const leaving = [
    ['after the first chunk', async (body: AsyncIterable<Uint8Array>) => void (await first(body))],
    [
      'before the first chunk',
      async (body: AsyncIterable<Uint8Array>) => void (await body[Symbol.asyncIterator]().return?.()),
    ],
  ] as const
  it.each(leaving)('that leaves %s closes the connection', async (_, leave) => {
    const log = new EventEmitter()
    const own = await startHttpServer({
      routes: { '/e': { content: BIG, always: { stallAfter: 100 } } },
      log: (entry) => log.emit('entry', entry),
    })
    const ended = once(log, 'entry')
    await leave((await configured()(`${own.url}/e`)).body)
    expect(await ended).toMatchObject([{ path: '/e', status: 200, bytes: 100 }])
    await own.close()
  })

  it('that comes back after leaving finds nothing', async () => {
    const { body } = await fetch(`${server.url}/big`)
    await first(body)
    expect(await read(body)).toHaveLength(0)
  })
})

async function first(body: AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> {
  for await (const chunk of body) return chunk
  return undefined
}

describe('cancelling', () => {
  it('ends the wait for an answer', async () => {
    server.route('/wait', { always: { delayMs: 3_600_000 } })
    const controller = new AbortController()
    const waiting = failure(configured()(`${server.url}/wait`, {}, controller.signal))
    setTimeout(() => controller.abort(), 50)
    expect(told(await waiting)).toEqual({ code: 'E_ABORTED', retryable: false, message: 'cancelled' })
  })

  it('ends the body', async () => {
    server.route('/stall', { content: BIG, always: { stallAfter: 1000 } })
    const controller = new AbortController()
    const response = await configured()(`${server.url}/stall`, {}, controller.signal)
    const reading = failure(textOf(response))
    setTimeout(() => controller.abort(), 50)
    expect((await reading).code).toBe('E_ABORTED')
  })

  it('ends the wait for a connection', async () => {
    const silent = await listening(createServer(() => {}))
    const controller = new AbortController()
    const waiting = failure(configured()(`https://127.0.0.1:${silent.port}/x`, {}, controller.signal))
    setTimeout(() => controller.abort(), 50)
    expect((await waiting).code).toBe('E_ABORTED')
    silent.server.close()
  })

  it('beforehand sends nothing', async () => {
    const before = server.requests.length
    expect((await failure(fetch(`${server.url}/big`, {}, AbortSignal.abort()))).code).toBe('E_ABORTED')
    expect(server.requests).toHaveLength(before)
  })
})

async function listening(server: Server): Promise<{ server: Server; port: number }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}
