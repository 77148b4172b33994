import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { HttpFault } from '../../testing/http-script.ts'
import { type HttpServer, type HttpServerOptions, startHttpServer } from '../../testing/http-server.ts'

const running: HttpServer[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

async function start(options: HttpServerOptions): Promise<HttpServer> {
  const server = await startHttpServer(options)
  running.push(server)
  return server
}

interface Got {
  readonly status: number | undefined
  readonly headers: Record<string, unknown>
  readonly body: Buffer
  /** How it ended: `end`, or the error's code. */
  readonly end: string
}

/** One request by Node's own client, whatever comes of it. */
function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let answer: IncomingMessage | undefined
    const done = (end: string): void =>
      resolve({
        status: answer?.statusCode,
        headers: answer?.headers ?? {},
        body: Buffer.concat(chunks),
        end,
      })
    // A reset is told to the request, an early end to the answer; the first of them counts.
    const failed = (error: NodeJS.ErrnoException): void => done(error.code ?? error.message)
    const asked = request(url, { headers, method, agent: false }, (begun) => {
      answer = begun
      begun.on('data', (chunk: Buffer) => chunks.push(chunk))
      begun.on('end', () => done('end'))
      begun.on('error', failed)
    })
    asked.on('error', failed)
    asked.end()
  })
}

describe('a folder', () => {
  it('is served with HEAD, ranges and validators, and nothing beside it', async () => {
    const root = mkdtempSync(join(tmpdir(), 'pkgcache-www-'))
    writeFileSync(join(root, 'a b'), '0123456789')
    const server = await start({ root })
    const whole = await get(`${server.url}/a%20b?x=1`)
    expect([whole.status, whole.body.toString(), whole.headers['content-length']]).toEqual([
      200,
      '0123456789',
      '10',
    ])
    const head = await get(`${server.url}/a%20b`, {}, 'HEAD')
    expect([head.status, head.body.length, head.headers['content-length']]).toEqual([200, 0, '10'])
    const etag = String(whole.headers.etag)
    const part = await get(`${server.url}/a%20b`, { range: 'bytes=4-', 'if-range': etag })
    expect([part.status, part.body.toString(), part.headers['content-range']]).toEqual([
      206,
      '456789',
      'bytes 4-9/10',
    ])
    const window = await get(`${server.url}/a%20b`, { range: 'bytes=4-5' })
    expect(window.body.toString()).toBe('45')
    const dated = await get(`${server.url}/a%20b`, {
      range: 'bytes=8-',
      'if-range': String(whole.headers['last-modified']),
    })
    expect(dated.body.toString()).toBe('89')
    expect((await get(`${server.url}/a%20b`, { range: 'bytes=4-', 'if-range': '"old"' })).status).toBe(200)
    const beyond = await get(`${server.url}/a%20b`, { range: 'bytes=10-' })
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */10'])
    for (const path of ['/none', '/', '/..%2f..%2fetc%2fpasswd', '/%00', '/%zz']) {
      expect((await get(`${server.url}${path}`)).status).toBe(404)
    }
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/a%20b?x=1', status: 200, bytes: 10 })
    rmSync(root, { recursive: true })
  })
})

describe('a script', () => {
  it('fails request by request, then answers as it should', async () => {
    const script = [{ status: 503, headers: { 'retry-after': '1' } }, { status: 404 }]
    const server = await start({ routes: { '/x': { content: 'fine', script } } })
    const got = [await get(`${server.url}/x`), await get(`${server.url}/x`), await get(`${server.url}/x`)]
    expect(got.map((answer) => answer.status)).toEqual([503, 404, 200])
    expect(got[0]?.headers['retry-after']).toBe('1')
    server.route('/x', { content: 'other', always: { status: 403 } })
    expect((await get(`${server.url}/x`)).status).toBe(403)
  })

  const content = '0123456789'
  const cases: readonly (readonly [
    string,
    HttpFault,
    { status?: number; body: string; end: string },
    object,
  ])[] = [
    ['a redirect', { redirectTo: '/y' }, { status: 302, body: '', end: 'end' }, { location: '/y' }],
    [
      'a login page',
      { body: '<html>', contentType: 'text/html' },
      { status: 200, body: '<html>', end: 'end' },
      { 'content-type': 'text/html' },
    ],
    ['a delay', { delayMs: 20 }, { status: 200, body: content, end: 'end' }, {}],
    ['a reset before the answer', { resetAfter: -1 }, { body: '', end: 'ECONNRESET' }, {}],
    [
      'a reset within the body',
      { resetAfter: 4 },
      { status: 200, body: '0123', end: 'ECONNRESET' },
      { 'content-length': '10' },
    ],
    [
      'a short body',
      { endAfter: 4 },
      { status: 200, body: '0123', end: 'ECONNRESET' },
      { 'content-length': '10' },
    ],
    [
      'a truncated chunked body',
      { endAfter: 4, chunked: true },
      { status: 200, body: '0123', end: 'ECONNRESET' },
      { 'transfer-encoding': 'chunked' },
    ],
    [
      'a chunked body',
      { chunked: true },
      { status: 200, body: content, end: 'end' },
      { 'transfer-encoding': 'chunked' },
    ],
    ['another ETag', { etag: '"new"' }, { status: 200, body: content, end: 'end' }, { etag: '"new"' }],
    [
      'a flipped byte',
      { flipByteAt: 2 },
      { status: 200, body: '01\ufffd3456789', end: 'end' },
      { 'content-length': '10' },
    ],
    ['a trickle', { trickle: 3, trickleMs: 1 }, { status: 200, body: content, end: 'end' }, {}],
    [
      'another version',
      { content: 'other', etag: '"two"' },
      { status: 200, body: 'other', end: 'end' },
      { 'content-length': '5', etag: '"two"' },
    ],
    ['no HTTP in bytes', { raw: Uint8Array.of(22, 3, 1, 0) }, { body: '', end: 'HPE_INVALID_CONSTANT' }, {}],
    ['no HTTP', { raw: 'SSH-2.0\r\n' }, { body: '', end: 'HPE_INVALID_CONSTANT' }, {}],
  ]
  it.each(cases)('can hold %s', async (_, fault, expected, headers) => {
    const server = await start({ routes: { '/x': { content, always: fault } } })
    const { status, body, end, ...got } = await get(`${server.url}/x`)
    expect({ status, body: body.toString(), end }).toEqual({ status: undefined, ...expected })
    expect(got.headers).toMatchObject(headers)
  })

  it('can ignore or mis-state a range, flip a byte of a part, and gzip', async () => {
    const server = await start({ routes: { '/x': { content } } })
    const range = { range: 'bytes=4-' }
    server.route('/x', { content, always: { ignoreRange: true } })
    expect((await get(`${server.url}/x`, range)).status).toBe(200)
    server.route('/x', { content, always: { contentRange: 'bytes 5-9/10' } })
    expect((await get(`${server.url}/x`, range)).headers['content-range']).toBe('bytes 5-9/10')
    server.route('/x', { content, always: { flipByteAt: 4 } })
    expect((await get(`${server.url}/x`, range)).body[0]).toBe(0x34 ^ 0xff)
    server.route('/x', { content, always: { gzip: true } })
    const zipped = await get(`${server.url}/x`)
    expect([zipped.headers['content-encoding'], gunzipSync(zipped.body).toString()]).toEqual([
      'gzip',
      content,
    ])
  })

  it('can stall, and close() ends it', async () => {
    const server = await start({ routes: { '/x': { content, always: { stallAfter: 3 } } } })
    const waiting = get(`${server.url}/x`)
    while (server.requests[0]?.bytes !== 3) await new Promise((resolve) => setTimeout(resolve, 5))
    await server.close()
    running.length = 0
    expect(await waiting).toMatchObject({ end: 'ECONNRESET' })
  })
})
