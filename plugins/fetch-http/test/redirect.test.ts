import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Connections } from '../src/connections.ts'
import { fetchHttp } from '../src/fetch.ts'
import { configured, failure, get, selfSigned, textOf, told } from './support.ts'

let server: HttpServer
let other: HttpServer
const fetch = configured()

beforeAll(async () => {
  server = await startHttpServer({
    routes: { '/a/tool': { content: 'hello' }, '/tool': { content: 'hello' } },
  })
  other = await startHttpServer({ routes: { '/tool': { content: 'from the other' } } })
})
afterAll(async () => {
  await server.close()
  await other.close()
})

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('follows %i with a relative Location', async (status) => {
    server.route('/a/moved', { always: { status, redirectTo: 'tool?x=1#part' } })
    const response = await fetch(`${server.url}/a/moved`)
    expect(response.url.href).toBe(`${server.url}/a/tool?x=1`)
    expect(await textOf(response)).toBe('hello')
  })

  it('stays with HEAD', async () => {
    server.route('/seen', { always: { status: 303, redirectTo: '/tool' } })
    expect(await fetch(`${server.url}/seen`, { method: 'HEAD' })).toMatchObject({ size: 5 })
    expect(server.requests.at(-1)?.method).toBe('HEAD')
  })

  it('follows ten, and not eleven', async () => {
    for (let n = 1; n <= 11; n++)
      server.route(`/hop${n}`, { always: { redirectTo: n === 1 ? '/tool' : `/hop${n - 1}` } })
    expect(await textOf(await fetch(`${server.url}/hop10`))).toBe('hello')
    expect(told(await failure(fetch(`${server.url}/hop11`)))).toEqual({
      code: 'E_REDIRECT',
      retryable: false,
      message: `GET ${server.url}/hop1 redirects to ${server.url}/tool after 10 redirects`,
    })
  })

  const broken = [
    ['a circle', '/loop?token=s3cret', 'redirects to SERVER/loop, where it came from'],
    ['no URL', 'http://[', 'redirects to something that is no URL'],
    [
      'another scheme',
      'ftp://user:pass@host.example/x',
      'redirects to ftp://host.example/x, which is not http',
    ],
    ['a file', 'file:///etc/passwd', 'redirects to file:///etc/passwd, which is not http'],
  ] as const
  it.each(broken)('refuses %s', async (_, redirectTo, message) => {
    server.route('/loop', { always: { redirectTo } })
    expect(told(await failure(fetch(`${server.url}/loop?token=s3cret`)))).toEqual({
      code: 'E_REDIRECT',
      retryable: false,
      message: `GET ${server.url}/loop ${message.replace('SERVER', server.url)}`,
    })
  })

  it('refuses one without a Location', async () => {
    server.route('/nowhere', { always: { status: 302 } })
    const error = await failure(fetch(`${server.url}/nowhere`))
    expect(told(error)).toMatchObject({
      code: 'E_REDIRECT',
      message: `GET ${server.url}/nowhere redirects without a Location`,
    })
  })

  it('refuses one to two places', async () => {
    const raw = 'HTTP/1.1 302 Found\r\nlocation: /tool\r\nlocation: /a/tool\r\ncontent-length: 0\r\n\r\n'
    server.route('/both', { always: { raw } })
    expect(told(await failure(fetch(`${server.url}/both`)))).toMatchObject({
      code: 'E_REDIRECT',
      message: `GET ${server.url}/both redirects to two places`,
    })
  })

  it('reads a Location in UTF-8, and takes one that came twice the same', async () => {
    server.route('/t%C3%B6%C3%B6l', { content: 'hello' })
    const location = Buffer.from('/tööl').toString('latin1')
    const raw = `HTTP/1.1 302 Found\r\nlocation: ${location}\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`
    const own = createServer((socket) => void socket.end(Buffer.from(raw, 'latin1')))
    await once(own.listen(0, '127.0.0.1'), 'listening')
    const { port } = own.address() as AddressInfo
    const away = await failure(fetch(`http://127.0.0.1:${port}/x`))
    expect(away.message).toBe(
      `GET http://127.0.0.1:${port}/t%C3%B6%C3%B6l redirects to http://127.0.0.1:${port}/t%C3%B6%C3%B6l, where it came from`,
    )
    own.close()
  })

  it('sees a circle although the fragments differ', async () => {
    server.route('/part', { always: { redirectTo: '/part#again' } })
    expect(told(await failure(fetch(`${server.url}/part#first`)))).toMatchObject({
      code: 'E_REDIRECT',
      message: `GET ${server.url}/part redirects to ${server.url}/part, where it came from`,
    })
  })

  it('closes the connection of a redirect with an endless body and goes on', async () => {
    server.route('/chatty', {
      always: { redirectTo: '/tool', body: 'x'.repeat(500_000), stallAfter: 400_000 },
    })
    expect(await textOf(await fetch(`${server.url}/chatty`))).toBe('hello')
  })
})

describe('what goes along', () => {
  const headers = {
    Authorization: 'Bearer t0ken',
    Cookie: 'a=b',
    'Private-Token': 'x',
    Accept: 'application/x-tar',
  }

  it('is everything on the same origin', async () => {
    server.route('/same', { always: { redirectTo: '/tool' } })
    await textOf(await fetch(`${server.url}/same`, { headers }))
    expect(server.requests.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer t0ken',
      cookie: 'a=b',
      'private-token': 'x',
      accept: 'application/x-tar',
    })
  })

  it('is nothing personal to another origin, nor back again', async () => {
    server.route('/away', { always: { redirectTo: `${other.url}/back` } })
    other.route('/back', { always: { redirectTo: `${server.url}/tool` } })
    await textOf(await fetch(`${server.url}/away`, { headers }))
    for (const seen of [other.requests.at(-1), server.requests.at(-1)]) {
      expect(seen?.headers).toMatchObject({ accept: 'application/x-tar', 'user-agent': 'pkgcache' })
      expect(seen?.headers).not.toHaveProperty('authorization')
      expect(seen?.headers).not.toHaveProperty('cookie')
      expect(seen?.headers).not.toHaveProperty('private-token')
    }
  })

  it('is Basic authorization made of the URL, which nobody gets to see', async () => {
    const address = server.url.replace('//', '//us%20er:p%40ss@')
    const response = await fetch(`${address}/tool`)
    expect(response.url.href).toBe(`${server.url}/tool`)
    await textOf(response)
    const basic = `Basic ${Buffer.from('us er:p@ss').toString('base64')}`
    expect(server.requests.at(-1)?.headers.authorization).toBe(basic)
    const error = await failure(fetch(`${address}/missing`))
    expect(`${error.message}${error.hint}`).not.toMatch(/p%40ss|p@ss/)
  })

  it('is an Authorization header given rather than the one in the URL', async () => {
    await textOf(
      await fetch(`${server.url.replace('//', '//u:p@')}/tool`, { headers: { Authorization: 'Bearer t' } }),
    )
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer t')
  })

  it('is no credential that a Location brings', async () => {
    server.route('/bait', { always: { redirectTo: `${other.url.replace('//', '//u:p@')}/tool` } })
    const response = await fetch(`${server.url}/bait`)
    expect(response.url.href).toBe(`${other.url}/tool`)
    await textOf(response)
    expect(other.requests.at(-1)?.headers).not.toHaveProperty('authorization')
  })
})

describe('https', () => {
  it('follows http → https, and refuses https → http', async () => {
    const pair = selfSigned()
    const secure = await startHttpServer({ tls: pair, routes: { '/tool': { content: 'safe' } } })
    try {
      const connections = new Connections({}, {}, { ca: pair.cert })
      const ask = (url: string) => fetchHttp(connections, get(url), new AbortController().signal)
      server.route('/up', { always: { redirectTo: `${secure.url}/tool` } })
      expect(await textOf(await ask(`${server.url}/up`))).toBe('safe')
      secure.route('/down', { always: { redirectTo: `${server.url}/tool` } })
      const before = server.requests.length
      const error = await failure(ask(`${secure.url}/down`))
      expect(told(error)).toMatchObject({
        code: 'E_REDIRECT',
        message: `GET ${secure.url}/down redirects to ${server.url}/tool, from https to http`,
      })
      expect(server.requests).toHaveLength(before)
    } finally {
      await secure.close()
      pair.remove()
    }
  })
})
