import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configured, failure, textOf, told } from './support.ts'

const DATE = 'Wed, 01 Jan 2025 00:00:00 GMT'
let server: HttpServer
let other: HttpServer
const fetch = configured()

beforeAll(async () => {
  other = await startHttpServer({ routes: { '/list': { content: 'abc', always: { etag: '"v1"' } } } })
  server = await startHttpServer({
    routes: {
      '/strong': { content: 'abc', always: { etag: '"v1"' } },
      '/weak': { content: 'abc', always: { etag: 'W/"v1"' } },
      '/dated': { content: 'abc', lastModified: DATE, always: { etag: '' } },
      '/two': { content: 'abc', always: { etag: '', headers: { etag: '"a", "b"' } } },
      '/always-304': { always: { status: 304 } },
      '/moved': { always: { redirectTo: '/strong' } },
      '/away': { always: { redirectTo: `${other.url}/list` } },
    },
  })
})
afterAll(() => Promise.all([server.close(), other.close()]))

const conditions = (at = server) => {
  const { headers, status } = at.requests.at(-1) ?? { headers: {}, status: 0 }
  return [headers['if-none-match'], headers['if-modified-since'], status]
}

describe('a copy that is there', () => {
  it.each([
    ['/strong', { etag: '"v1"' }, { etag: '"v1"', lastModified: DATE }, ['"v1"', undefined, 304]],
    ['/strong', { etag: 'W/"v1"' }, { etag: '"v1"', lastModified: DATE }, ['W/"v1"', undefined, 304]],
    ['/weak', { etag: 'W/"v1"' }, { etag: 'W/"v1"', lastModified: DATE }, ['W/"v1"', undefined, 304]],
    ['/dated', { lastModified: DATE }, { lastModified: DATE }, [undefined, DATE, 304]],
    ['/moved', { etag: '"v1"' }, { etag: '"v1"', lastModified: DATE }, ['"v1"', undefined, 304]],
  ])('%s %j: nothing is sent', async (path, unless, version, sent) => {
    const response = await fetch(`${server.url}${path}`, { unless })
    const { url, body, ...rest } = response
    expect([rest, await textOf(response)]).toEqual([{ offset: 0, notModified: true, ...version }, ''])
    expect(conditions()).toEqual(sent)
    expect(url.pathname).toBe(path === '/moved' ? '/strong' : path)
  })

  it('is named on the way to another origin, too', async () => {
    const open = configured({ allowPrivateRedirects: true })
    expect(await open(`${server.url}/away`, { unless: { etag: '"v1"' } })).toMatchObject({
      notModified: true,
    })
    expect(conditions(other)).toEqual(['"v1"', undefined, 304])
  })

  it.each([
    ['/strong', { etag: '"v0"' }, ['"v0"', undefined, 200]],
    [
      '/dated',
      { lastModified: 'Tue, 31 Dec 2024 00:00:00 GMT' },
      [undefined, 'Tue, 31 Dec 2024 00:00:00 GMT', 200],
    ],
    ['/strong', { etag: 'v1\r\nx: y' }, [undefined, undefined, 200]],
    ['/dated', { lastModified: '-5' }, [undefined, undefined, 200]],
    ['/strong', {}, [undefined, undefined, 200]],
  ])('%s %j: all is sent where it is another, or none that can be named', async (path, unless, sent) => {
    const response = await fetch(`${server.url}${path}`, { unless })
    expect([response.notModified, await textOf(response), conditions()]).toEqual([undefined, 'abc', sent])
  })

  it('is not named where only the size is asked for', async () => {
    const { size, notModified } = await fetch(`${server.url}/strong`, {
      method: 'HEAD',
      unless: { etag: '"v1"' },
    })
    expect([size, notModified, conditions()]).toEqual([3, undefined, [undefined, undefined, 200]])
  })
})

describe('an answer', () => {
  it.each([
    ['/strong', { etag: '"v1"', lastModified: DATE }],
    ['/weak', { etag: 'W/"v1"', lastModified: DATE }],
    ['/dated', { lastModified: DATE }],
    ['/two', { lastModified: DATE }],
  ])('%s says its version as it was sent', async (path, version) => {
    const { etag, lastModified, body } = await fetch(`${server.url}${path}`)
    for await (const _ of body);
    expect({ etag, lastModified }).toEqual({ etag: undefined, ...version })
  })

  it('of 304 is a fault where no copy was named', async () => {
    const fault = told(await failure(fetch(`${server.url}/always-304`)))
    expect(fault).toEqual({
      code: 'E_HTTP',
      retryable: false,
      message: `GET ${server.url}/always-304 answered 304 Not Modified`,
    })
  })
})
