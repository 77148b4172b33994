import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type HttpServer, leftOut, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { Connections } from '../src/connections.ts'
import { fetchHttp } from '../src/fetch.ts'
import { Netrc, parseNetrc } from '../src/netrc.ts'
import { configured, get, selfSigned, type Told, textOf } from './support.ts'

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`

let dir: string
let server: HttpServer
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pkgcache-netrc-'))
  server = await startHttpServer({ routes: { '/tool': { content: 'hello' } } })
})
afterAll(async () => {
  await server.close()
  await rm(dir, { recursive: true })
})
afterEach(() => vi.unstubAllEnvs())

/** Files that curl understands, and the credentials it sends to 127.0.0.1. */
const UNDERSTOOD = [
  ['one line', 'machine 127.0.0.1 login me password s3cret', 'me:s3cret'],
  ['many lines', 'machine 127.0.0.1\n  login me\n\tpassword s3cret\n', 'me:s3cret'],
  ['CRLF', 'machine 127.0.0.1\r\nlogin me\r\npassword s3cret\r\n', 'me:s3cret'],
  ['a value on the next line', 'machine\n127.0.0.1\nlogin\nme\npassword\ns3cret', 'me:s3cret'],
  ['the password first', 'machine 127.0.0.1 password s3cret login me', 'me:s3cret'],
  ['an account', 'machine 127.0.0.1 login me account x password s3cret', 'me:s3cret'],
  [
    'another machine before',
    'machine a login x password y\nmachine 127.0.0.1 login me password s3cret',
    'me:s3cret',
  ],
  [
    'the first of two',
    'machine 127.0.0.1 login me password s3cret\nmachine 127.0.0.1 login b password c',
    'me:s3cret',
  ],
  ['quotes', 'machine 127.0.0.1 login "a b" password "s3 \\"c\\" \\\\ \\t#"', 'a b:s3 "c" \\ \t#'],
  ['a quote within a word', 'machine 127.0.0.1 login me password a"b', 'me:a"b'],
  ['comments', '# login x\n  # password y\nmachine 127.0.0.1 login me password s3cret # mine', 'me:s3cret'],
  ['a password with a hash', 'machine 127.0.0.1 login me password s3#cret', 'me:s3#cret'],
  [
    'a macro',
    'machine 127.0.0.1 login me password s3cret\nmacdef init\ncd /pub\nlogin wrong\n\n',
    'me:s3cret',
  ],
  ['a keyword as a value', 'machine 127.0.0.1 login password password login', 'password:login'],
] as const

describe('a netrc file', () => {
  it.each(UNDERSTOOD)('with %s is read', (_, text, pair) => {
    const entries = parseNetrc(text)
    const entry = 'why' in entries ? undefined : entries.find(({ machine }) => machine === '127.0.0.1')
    expect(`${entry?.login}:${entry?.password}`).toBe(pair)
  })

  const run = promisify(execFile)
  const here = run('curl', ['--version']).then(
    () => undefined,
    () => 'there is no curl',
  )
  it.each(UNDERSTOOD)('with %s is read by curl in the same way', async (name, text, pair) => {
    if (leftOut(`netrc as curl reads it: ${name}`, await here)) return
    await writeFile(join(dir, 'curl'), text)
    const { stdout } = await run('curl', ['-s', '--netrc-file', join(dir, 'curl'), `${server.url}/tool`])
    expect(stdout).toBe('hello')
    expect(server.requests.at(-1)?.headers.authorization).toBe(basic(pair))
  })

  it.each([
    ['a quote that is not closed', 'machine a\nlogin "me', { line: 2, why: 'a quote is not closed' }],
    ['no value', 'machine a login me password', { line: 1, why: 'nothing follows password' }],
    ['a login before any machine', '\nlogin me', { line: 2, why: 'login stands before any machine' }],
    [
      'another word',
      'machine a login me passwd s3cret',
      { line: 1, why: 'a word is none of default, machine, login, password, account, macdef' },
    ],
  ])('with %s is a fault', (_, text, fault) => expect(parseNetrc(text)).toEqual(fault))

  it('skips a macro at its end, and begins anew after the empty line', () => {
    expect(parseNetrc('macdef x\npassword "\n\nmachine A login me password p')).toEqual([
      { machine: 'a', login: 'me', password: 'p' },
    ])
  })
})

describe('credentials for a request', () => {
  const text = 'machine 127.0.0.1 login me password s3cret-pass\ndefault login any password other-pass'

  async function ask(
    netrc: string | undefined,
    headers: Record<string, string> = {},
    address = server.url,
    options = {},
  ): Promise<Told & { authorization: string | undefined }> {
    if (netrc !== undefined) await writeFile(join(dir, 'netrc'), netrc)
    vi.stubEnv('NETRC', join(dir, netrc === undefined ? 'missing' : 'netrc'))
    const said: Told = { warnings: [], secrets: [] }
    await textOf(await configured(options, said)(`${address}/tool`, { headers }))
    return { ...said, authorization: server.requests.at(-1)?.headers.authorization }
  }

  it('are those of the machine, and core is told of them', async () => {
    expect(await ask(text)).toEqual({
      warnings: [],
      secrets: ['s3cret-pass', 'other-pass', 's3cret-pass', basic('me:s3cret-pass').slice(6)],
      authorization: basic('me:s3cret-pass'),
    })
  })

  it('are read from the home folder without NETRC', async () => {
    vi.stubEnv('NETRC', '')
    vi.stubEnv('HOME', dir)
    await writeFile(join(dir, '.netrc'), text)
    const fetch = configured()
    await textOf(await fetch(`${server.url}/tool`))
    expect(server.requests.at(-1)?.headers.authorization).toBe(basic('me:s3cret-pass'))
    await rm(join(dir, '.netrc'))
    const said: Told = { warnings: [], secrets: [] }
    await textOf(await configured({}, said)(`${server.url}/tool`))
    expect(server.requests.at(-1)?.headers).not.toHaveProperty('authorization')
    expect(said.warnings).toEqual([])
  })

  it.each([
    ['the URL has some', text, {}, (url: string) => url.replace('//', '//u:p@'), {}, basic('u:p')],
    ['the URL has a user', text, {}, (url: string) => url.replace('//', '//u@'), {}, basic('u:')],
    ['a header has some', text, { Authorization: 'Bearer t' }, (url: string) => url, {}, 'Bearer t'],
    ['another header has some', text, { 'Private-Token': 't' }, (url: string) => url, {}, undefined],
    ['a cookie does', text, { Cookie: 'a=b' }, (url: string) => url, {}, undefined],
    ['only default would do for http', text.split('\n')[1], {}, (url: string) => url, {}, undefined],
    ['there is no password', 'machine 127.0.0.1 login me', {}, (url: string) => url, {}, undefined],
    ['it is turned off', text, {}, (url: string) => url, { netrc: false }, undefined],
  ] as const)('are not those of the file when %s', async (_, netrc, headers, address, options, sent) => {
    expect((await ask(netrc, headers, address(server.url), options)).authorization).toBe(sent)
  })

  it('go along beside a header that says nothing', async () => {
    expect((await ask(text, { 'X-Trace': '1' })).authorization).toBe(basic('me:s3cret-pass'))
  })

  it.each([
    ['line 2: a quote is not closed', 'machine 127.0.0.1 login me\npassword "s3cret-pass'],
    ['line 1: a word is none of', 's3cret-pass machine 127.0.0.1'],
  ])('are none of a broken file, which is told: %s', async (fault, netrc) => {
    const { warnings, authorization } = await ask(netrc)
    expect(authorization).toBeUndefined()
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(`${join(dir, 'netrc')} ${fault}`)
    expect(warnings[0]).toMatch(/; no credentials are taken from it$/)
    expect(warnings[0]).not.toContain('s3cret-pass')
  })

  it('are none of a file that is not there', async () => {
    expect((await ask(undefined)).warnings).toEqual([
      `${join(dir, 'missing')} cannot be read (ENOENT); no credentials are taken from it`,
    ])
  })

  it('stay on their origin: neither they nor those of the other machine go on', async () => {
    const other = await startHttpServer({ routes: { '/tool': { content: 'other' } } })
    server.route('/away', { always: { redirectTo: `${other.url.replace('127.0.0.1', 'localhost')}/tool` } })
    server.route('/near', { always: { redirectTo: '/tool' } })
    await writeFile(join(dir, 'netrc'), `${text}\nmachine localhost login you password yours-too`)
    vi.stubEnv('NETRC', join(dir, 'netrc'))
    const fetch = configured()
    expect(await textOf(await fetch(`${server.url}/away`))).toBe('other')
    expect(server.requests.at(-1)?.headers.authorization).toBe(basic('me:s3cret-pass'))
    expect(other.requests.at(-1)?.headers).not.toHaveProperty('authorization')
    await textOf(await fetch(`${server.url}/near`))
    expect(server.requests.at(-1)?.headers.authorization).toBe(basic('me:s3cret-pass'))
    await other.close()
  })

  it('are those of default for https', async () => {
    const pair = selfSigned()
    const secure = await startHttpServer({ tls: pair, routes: { '/tool': { content: 'safe' } } })
    await writeFile(join(dir, 'netrc'), 'default login any password other-pass')
    const netrc = new Netrc({ NETRC: join(dir, 'netrc') })
    const said: string[] = []
    const ctx = { logger: {}, secret: (text: string) => void said.push(text) }
    const authorization = await netrc.authorization(new URL(secure.url), ctx as never)
    expect(authorization).toBe(basic('any:other-pass'))
    const request = { ...get(`${secure.url}/tool`), headers: { authorization: authorization ?? '' } }
    const connections = new Connections({}, {}, { ca: pair.cert })
    await textOf(await fetchHttp(connections, request, new AbortController().signal))
    expect(secure.requests.at(-1)?.headers.authorization).toBe(authorization)
    await secure.close()
    pair.remove()
  })
})
