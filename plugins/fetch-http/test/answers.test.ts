import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { retryAfterMs } from '../src/faults.ts'
import { validatorOf } from '../src/response.ts'
import { configured, failure, read, textOf, told } from './support.ts'

let server: HttpServer
const fetch = configured()

beforeAll(async () => {
  server = await startHttpServer({
    routes: { '/tool': { content: 'hello world', contentType: 'text/x-tool' } },
  })
})
afterAll(() => server.close())

describe('an answer with the file', () => {
  it('gives size, validator, type and the bytes', async () => {
    const response = await fetch(`${server.url}/tool?token=s3cret`)
    expect(response).toMatchObject({ size: 11, offset: 0, contentType: 'text/x-tool' })
    expect(response.validator).toMatch(/^"[0-9a-f]{16}"$/)
    expect(response.url.href).toBe(`${server.url}/tool?token=s3cret`)
    expect(await textOf(response)).toBe('hello world')
  })

  it('asks for unencoded bytes under its own name, and for no range', async () => {
    await textOf(await fetch(`${server.url}/tool`, { headers: { 'X-Own': 'yes' } }))
    const headers = server.requests.at(-1)?.headers
    expect(headers).toMatchObject({ 'accept-encoding': 'identity', 'user-agent': 'pkgcache', 'x-own': 'yes' })
    expect(headers).not.toHaveProperty('range')
  })

  it('knows the size from HEAD, without a body', async () => {
    const response = await fetch(`${server.url}/tool`, { method: 'HEAD', offset: 3, validator: '"x"' })
    expect(response).toMatchObject({ size: 11, offset: 0 })
    expect(await read(response.body)).toHaveLength(0)
    expect(server.requests.at(-1)).toMatchObject({ method: 'HEAD', bytes: 0 })
    expect(server.requests.at(-1)?.headers).not.toHaveProperty('range')
  })

  it('has no size when upstream sends it chunked, and gets all of it', async () => {
    server.route('/chunked', { content: 'hello world', always: { chunked: true } })
    const response = await fetch(`${server.url}/chunked`)
    expect(response.size).toBeUndefined()
    expect(await textOf(response)).toBe('hello world')
  })

  it('reads an empty file', async () => {
    server.route('/empty', { content: '' })
    const response = await fetch(`${server.url}/empty`)
    expect(response.size).toBe(0)
    expect(await textOf(response)).toBe('')
  })

  it('does not take the bytes sent beyond the announced length', async () => {
    server.route('/longer', { content: 'hello world', always: { extraBytes: 5 } })
    expect(await textOf(await fetch(`${server.url}/longer`))).toBe('hello world')
    expect(await textOf(await fetch(`${server.url}/tool`))).toBe('hello world')
  })
})

describe('an answer whose lengths contradict each other', () => {
  const twice = 'Content-Length: 1\r\nContent-Length: 2\r\n\r\n'
  it.each([
    ['two Content-Lengths and a body', `${twice}xx`],
    ['two Content-Lengths', twice],
    ['a length beside chunks', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'],
  ])('%s', async (_, head) => {
    server.route('/lengths', { always: { raw: `HTTP/1.1 200 OK\r\n${head}` } })
    expect(told(await failure(fetch(`${server.url}/lengths`).then(textOf)))).toEqual({
      code: 'E_HTTP',
      retryable: false,
      message: `GET ${server.url}/lengths: the answer breaks the HTTP protocol`,
    })
  })
})

describe('other statuses', () => {
  const cases = [
    { status: 404, code: 'E_NOT_FOUND', retryable: false, text: '404 Not Found', hint: /version/ },
    { status: 410, code: 'E_NOT_FOUND', retryable: false, text: '410 Gone', hint: /mirror/ },
    { status: 401, code: 'E_FORBIDDEN', retryable: false, text: '401 Unauthorized', hint: /credentials/ },
    { status: 403, code: 'E_FORBIDDEN', retryable: false, text: '403 Forbidden', hint: /token/ },
    {
      status: 407,
      code: 'E_FORBIDDEN',
      retryable: false,
      text: '407 Proxy Authentication Required',
      hint: /proxy/,
    },
    { status: 408, code: 'E_HTTP', retryable: true, text: '408 Request Timeout', hint: /browser/ },
    { status: 425, code: 'E_HTTP', retryable: true, text: '425 Too Early', hint: /browser/ },
    { status: 429, code: 'E_HTTP', retryable: true, text: '429 Too Many Requests', hint: /concurrency/ },
    { status: 500, code: 'E_HTTP', retryable: true, text: '500 Internal Server Error', hint: /other side/ },
    { status: 503, code: 'E_HTTP', retryable: true, text: '503 Service Unavailable', hint: /mirror/ },
    { status: 599, code: 'E_HTTP', retryable: true, text: '599', hint: /mirror/ },
    {
      status: 416,
      code: 'E_HTTP',
      retryable: false,
      text: '416 Range Not Satisfiable: the range is refused',
      hint: /anew/,
    },
    { status: 418, code: 'E_HTTP', retryable: false, text: "418 I'm a Teapot", hint: /browser/ },
    { status: 204, code: 'E_HTTP', retryable: false, text: '204 No Content', hint: /browser/ },
    { status: 304, code: 'E_HTTP', retryable: false, text: '304 Not Modified', hint: /browser/ },
  ] as const

  it.each(cases)('$status is $code', async ({ status, code, retryable, text, hint }) => {
    server.route('/status', { always: { status, headers: { 'retry-after': '7' } } })
    const error = await failure(fetch(`${server.url}/status?token=s3cret`))
    expect(told(error)).toEqual({ code, retryable, message: `GET ${server.url}/status answered ${text}` })
    expect(error.hint).toMatch(hint)
    expect(error.retryAfterMs).toBe(retryable ? 7000 : undefined)
  })

  it('speaks of HEAD when HEAD was asked', async () => {
    const error = await failure(fetch(`${server.url}/nowhere`, { method: 'HEAD' }))
    expect(error.message).toBe(`HEAD ${server.url}/nowhere answered 404 Not Found`)
  })

  it('refuses an encoded body', async () => {
    server.route('/gzip', { content: 'hello world', always: { gzip: true } })
    expect(told(await failure(fetch(`${server.url}/gzip`)))).toEqual({
      code: 'E_HTTP',
      retryable: false,
      message: `GET ${server.url}/gzip answered with Content-Encoding gzip, asked was identity`,
    })
  })

  it('accepts an encoding called identity', async () => {
    server.route('/id', { content: 'hello', always: { headers: { 'content-encoding': 'Identity' } } })
    expect(await textOf(await fetch(`${server.url}/id`))).toBe('hello')
  })

  it('leaves a login page with status 200 to the caller, with its type', async () => {
    server.route('/login', { always: { body: '<html>sign in</html>', contentType: 'text/html' } })
    expect(await fetch(`${server.url}/login`)).toMatchObject({ size: 20, contentType: 'text/html' })
  })
})

describe('Retry-After', () => {
  const now = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT')
  it.each([
    ['0', 0],
    [' 5 ', 5000],
    ['3600', 60_000],
    ['Wed, 21 Oct 2015 07:28:30 GMT', 30_000],
    ['Wed, 21 Oct 2015 07:27:00 GMT', 0],
    ['Wed, 21 Oct 2025 07:28:00 GMT', 60_000],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['Wednesday, 21-Oct-15 07:28:30 GMT', 30_000],
    ['Wed Oct 21 07:28:30 2015 GMT', 30_000],
    [undefined, undefined],
  ])('%j is %j ms', (value, ms) => expect(retryAfterMs(value, now)).toBe(ms))
})

describe('the validator for a later resume', () => {
  const date = 'Wed, 21 Oct 2015 07:28:00 GMT'
  it.each([
    ['a strong ETag', { etag: '"abc"', date }, '"abc"'],
    ['no weak ETag', { etag: 'W/"abc"', date }, undefined],
    ['no ETag that came twice', { etag: '"a"\n"b"', date }, undefined],
    ['no Last-Modified that is a number', { date, 'last-modified': '2010' }, undefined],
    ['no unquoted ETag', { etag: 'abc', date }, undefined],
    [
      'a settled Last-Modified',
      { date, 'last-modified': 'Wed, 21 Oct 2015 07:27:00 GMT' },
      'Wed, 21 Oct 2015 07:27:00 GMT',
    ],
    [
      'a Last-Modified beside a weak ETag',
      { etag: 'W/"a"', date, 'last-modified': 'Tue, 20 Oct 2015 07:27:00 GMT' },
      'Tue, 20 Oct 2015 07:27:00 GMT',
    ],
    ['no fresh Last-Modified', { date, 'last-modified': 'Wed, 21 Oct 2015 07:27:01 GMT' }, undefined],
    ['no Last-Modified without a Date', { 'last-modified': 'Wed, 21 Oct 2015 07:27:00 GMT' }, undefined],
    ['no Last-Modified that is no date', { date, 'last-modified': 'yesterday' }, undefined],
  ])('is %s', (_, headers, validator) => expect(validatorOf(headers)).toBe(validator))
})
