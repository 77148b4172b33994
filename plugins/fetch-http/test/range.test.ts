import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configured, failure, textOf, told } from './support.ts'

const CONTENT = '0123456789abcdef'
const MODIFIED = 'Wed, 01 Jan 2025 00:00:00 GMT'
let server: HttpServer
let etag: string
const fetch = configured()

beforeAll(async () => {
  server = await startHttpServer({ routes: { '/tool': { content: CONTENT } } })
  etag = (await fetch(`${server.url}/tool`, { method: 'HEAD' })).validator ?? ''
})
afterAll(() => server.close())

describe('a resume', () => {
  it('goes on from the offset', async () => {
    const response = await fetch(`${server.url}/tool`, { offset: 10, validator: etag })
    expect(response).toMatchObject({ offset: 10, size: 16, validator: etag })
    expect(await textOf(response)).toBe('abcdef')
    expect(server.requests.at(-1)).toMatchObject({ status: 206, bytes: 6 })
    expect(server.requests.at(-1)?.headers).toMatchObject({ range: 'bytes=10-', 'if-range': etag })
  })

  it('goes on by Last-Modified, and keeps it when the part does not repeat it', async () => {
    server.route('/dated', { content: CONTENT, always: { etag: '', headers: { 'last-modified': '' } } })
    const response = await fetch(`${server.url}/dated`, { offset: 10, validator: MODIFIED })
    expect(response).toMatchObject({ offset: 10, size: 16, validator: MODIFIED })
    expect(await textOf(response)).toBe('abcdef')
  })

  const anew = [
    ['the file changed', { etag: '"other"' }, '"other"'],
    ['the range is ignored', { ignoreRange: true }, undefined],
  ] as const
  it.each(anew)('starts anew when %s', async (_, fault, validator) => {
    server.route('/anew', { content: CONTENT, always: fault })
    const response = await fetch(`${server.url}/anew`, { offset: 10, validator: etag })
    expect(response).toMatchObject({ offset: 0, size: 16, validator: validator ?? etag })
    expect(await textOf(response)).toBe(CONTENT)
  })

  it('starts anew without a validator: two versions could be joined', async () => {
    const response = await fetch(`${server.url}/tool`, { offset: 10 })
    expect(response.offset).toBe(0)
    expect(server.requests.at(-1)?.headers).not.toHaveProperty('range')
    expect(await textOf(response)).toBe(CONTENT)
  })

  it('keeps its range over a redirect', async () => {
    server.route('/moved', { always: { redirectTo: '/tool' } })
    const response = await fetch(`${server.url}/moved`, { offset: 12, validator: etag })
    expect(await textOf(response)).toBe('cdef')
  })

  const wrong = [
    [
      'another start',
      { contentRange: 'bytes 9-15/16' },
      'sent Content-Range "bytes 9-15/16" where the bytes from 10 on were asked',
    ],
    [
      'an end before the start',
      { contentRange: 'bytes 10-9/16' },
      'sent Content-Range "bytes 10-9/16" where the bytes from 10 on were asked',
    ],
    [
      'an end beyond the size',
      { contentRange: 'bytes 10-16/16' },
      'sent Content-Range "bytes 10-16/16" where the bytes from 10 on were asked',
    ],
    [
      'no numbers',
      { contentRange: 'bytes */16' },
      'sent Content-Range "bytes */16" where the bytes from 10 on were asked',
    ],
    [
      'another unit',
      { contentRange: 'lines 10-15/16' },
      'sent Content-Range "lines 10-15/16" where the bytes from 10 on were asked',
    ],
    [
      'no Content-Range',
      { headers: { 'content-range': '' } },
      'sent no Content-Range where the bytes from 10 on were asked',
    ],
    ['another ETag', { headers: { etag: '"new"' } }, 'sent a part of another version of the file'],
    ['a weak ETag', { headers: { etag: 'W/"new"' } }, 'sent a part of another version of the file'],
  ] as const
  it.each(wrong)('refuses a part with %s', async (_, fault, message) => {
    server.route('/wrong', { content: CONTENT, always: fault })
    const error = await failure(fetch(`${server.url}/wrong`, { offset: 10, validator: etag }))
    expect(told(error)).toEqual({
      code: 'E_HTTP',
      retryable: false,
      message: `GET ${server.url}/wrong ${message}`,
    })
  })

  it('refuses a part nobody asked for', async () => {
    server.route('/part', {
      always: { status: 206, body: '0123', headers: { 'content-range': 'bytes 0-3/16' } },
    })
    expect(told(await failure(fetch(`${server.url}/part`)))).toEqual({
      code: 'E_HTTP',
      retryable: false,
      message: `GET ${server.url}/part sent Content-Range "bytes 0-3/16" where no part was asked`,
    })
  })

  it('is complete when the range is refused with the very size that is there', async () => {
    const response = await fetch(`${server.url}/tool`, { offset: 16, validator: etag })
    expect(server.requests.at(-1)?.status).toBe(416)
    expect(response).toMatchObject({ offset: 16, size: 16, validator: etag })
    expect(await textOf(response)).toBe('')
  })

  const refused = [
    ['another size', { headers: { 'content-range': 'bytes */17', etag: 'ETAG' } }],
    ['no size', { headers: { etag: 'ETAG' } }],
    ['another version', { headers: { 'content-range': 'bytes */16', etag: '"new"' } }],
  ] as const
  it.each(refused)('is refused when 416 comes with %s', async (_, { headers }) => {
    const sent = { ...headers, etag: headers.etag.replace('ETAG', etag) }
    server.route('/refused', { always: { status: 416, headers: sent } })
    expect(told(await failure(fetch(`${server.url}/refused`, { offset: 16, validator: etag })))).toEqual({
      code: 'E_HTTP',
      retryable: false,
      message: `GET ${server.url}/refused answered 416 Range Not Satisfiable: the range is refused`,
    })
  })

  it('is refused when 416 comes without a range asked', async () => {
    server.route('/refused', { always: { status: 416, headers: { 'content-range': 'bytes */0' } } })
    expect(told(await failure(fetch(`${server.url}/refused`)))).toMatchObject({ code: 'E_HTTP' })
  })

  it.each(['W/"abc"', 'abc', 'yesterday', '"a" "b"'])(
    'asks for no range with the validator %s',
    async (validator) => {
      const response = await fetch(`${server.url}/tool`, { offset: 10, validator })
      expect(response.offset).toBe(0)
      expect(server.requests.at(-1)?.headers).not.toHaveProperty('range')
      expect(server.requests.at(-1)?.headers).not.toHaveProperty('if-range')
      expect(await textOf(response)).toBe(CONTENT)
    },
  )

  it('takes no encoded part', async () => {
    const headers = { 'content-range': 'bytes 10-15/16', 'content-encoding': 'gzip', etag }
    server.route('/encoded', { always: { status: 206, body: 'abcdef', headers } })
    const error = await failure(fetch(`${server.url}/encoded`, { offset: 10, validator: etag }))
    expect(told(error)).toEqual({
      code: 'E_HTTP',
      retryable: false,
      message: `GET ${server.url}/encoded answered with Content-Encoding gzip, asked was identity`,
    })
  })

  it('takes no answer of several parts, even with a Content-Range that would fit', async () => {
    const headers = {
      'content-range': 'bytes 10-15/16',
      'content-type': 'multipart/byteranges; boundary=x',
      etag,
    }
    server.route('/parts', { always: { status: 206, body: '--x\r\n', headers } })
    const error = await failure(fetch(`${server.url}/parts`, { offset: 10, validator: etag }))
    expect(told(error)).toEqual({
      code: 'E_HTTP',
      retryable: false,
      message: `GET ${server.url}/parts sent several parts in one where the bytes from 10 on were asked`,
    })
  })

  it('asks again for what a server left out of the part', async () => {
    const headers = { 'content-range': 'bytes 10-12/16', etag }
    server.route('/less', { always: { status: 206, body: 'abc', headers } })
    const response = await fetch(`${server.url}/less`, { offset: 10, validator: etag })
    expect(response).toMatchObject({ offset: 10, size: 16 })
    expect(told(await failure(textOf(response)))).toMatchObject({ code: 'E_TRUNCATED', retryable: true })
  })

  it('holds a chunked part of unknown whole size to its range', async () => {
    const headers = { 'content-range': 'bytes 10-15/*', etag }
    server.route('/chunked', { always: { status: 206, body: 'abc', headers, chunked: true } })
    const response = await fetch(`${server.url}/chunked`, { offset: 10, validator: etag })
    expect(told(await failure(textOf(response)))).toEqual({
      code: 'E_TRUNCATED',
      retryable: true,
      message: `GET ${server.url}/chunked ended after 3 of 6 bytes`,
    })
  })

  it('takes a part of unknown whole size to its own end', async () => {
    server.route('/star', { content: CONTENT, always: { contentRange: 'bytes 10-15/*' } })
    const response = await fetch(`${server.url}/star`, { offset: 10, validator: etag })
    expect(response.size).toBeUndefined()
    expect(await textOf(response)).toBe('abcdef')
  })

  it('notices a part that ends before the file does', async () => {
    const headers = { 'content-range': 'bytes 10-12/16', etag }
    server.route('/shorter', { always: { status: 206, body: 'abc', headers } })
    const response = await fetch(`${server.url}/shorter`, { offset: 10, validator: etag })
    expect(told(await failure(textOf(response)))).toEqual({
      code: 'E_TRUNCATED',
      retryable: true,
      message: `GET ${server.url}/shorter ended after 3 of 6 bytes`,
    })
  })

  it('stops a part that is longer than its Content-Range', async () => {
    const headers = { 'content-range': 'bytes 10-15/16', etag }
    server.route('/longer', { always: { status: 206, body: 'abcdef++', headers } })
    const response = await fetch(`${server.url}/longer`, { offset: 10, validator: etag })
    expect(told(await failure(textOf(response)))).toEqual({
      code: 'E_TOO_LARGE',
      retryable: false,
      message: `GET ${server.url}/longer sent more than the announced 6 bytes`,
    })
  })
})
