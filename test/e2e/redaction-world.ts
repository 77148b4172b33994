import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { smallTar } from '@pkgcache/core/testing'

/** One of each kind of place that a secret can come from; none is part of another. */
export const SECRETS = {
  userinfo: 'u$er/inf0 "quoted" & <more>',
  query: 'query+t0ken/with=signs',
  signature: 'sig-9f8e7d6c5b4a',
  option: 'opt10n-tok3n-of-the-plugin',
  header: 'x-api-k3y-value',
  path: 'path-s3gment-from-environment',
  netrc: 'netrc p@ssword "7"',
  proxy: 'pr0xy:p@ss/word',
  told: 'told-by-the-plugin-1n-time',
  mirror: 'm1rror-passw0rd',
} as const

/** An upstream that fails in its own way at each path, and repeats in its answers all that it was sent. */
export interface Upstream {
  readonly port: number
  /** Method, path and headers of every request. */
  readonly seen: readonly string[]
  close(): Promise<void>
}

type Answer = (request: IncomingMessage, response: ServerResponse, said: string) => void

const html: Answer = (_, response, said) =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end(`<html><title>Login ${said}</title>`)

const ANSWERS: Readonly<Record<string, Answer>> = {
  unauthorised: (_, response, said) =>
    void response.writeHead(401, { 'www-authenticate': `Basic realm="${encodeURI(said)}"` }).end(said),
  missing: (_, response, said) => void response.writeHead(404).end(said),
  broken: (_, response, said) =>
    void response.writeHead(500, said.slice(0, 40).replace(/[^ -~]/g, '')).end(said),
  away: ({ url, headers }, response) =>
    void response
      .writeHead(302, {
        location: `http://me:${encodeURIComponent(SECRETS.userinfo)}@localhost:${headers.host?.split(':')[1]}/missing${url?.slice(5)}`,
      })
      .end(),
  circle: ({ url }, response) => void response.writeHead(302, { location: url ?? '' }).end(),
  login: html,
  sums: html,
  lines: (_, response, said) => void response.end(`${said}\n`),
  text: (_, response, said) => void response.end(`#${said}`),
  encoded: (_, response, said) =>
    void response.writeHead(200, { 'content-encoding': said.replace(/[^ -~]/g, '') }).end(),
  cut: (_, response) => {
    response.writeHead(200, { 'content-length': '5000' })
    response.write('x'.repeat(100))
    setTimeout(() => response.destroy(), 50)
  },
  fine: (_, response) => void response.end(smallTar()),
}

/** What was sent, as a careless server writes it into its answers. */
function repeated({ url = '', headers }: IncomingMessage): string {
  const authorization = headers.authorization ?? ''
  const basic = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString()
  const query = new URL(url, 'http://x').searchParams
  return [basic, authorization, headers['x-api-key'], ...query.values(), url].join(' ')
}

export async function startUpstream(): Promise<Upstream> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`)
    const kind = request.url?.split(/[/?]/)[1] ?? ''
    const answer = ANSWERS[kind]
    if (answer) answer(request, response, repeated(request))
    else response.writeHead(404).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The config: it reads its secrets from a file, so that no variable gives them away. */
function configText(port: number): string {
  return `
import { readFileSync } from 'node:fs'
import { definePlugin, defineReporter, defineSource, defineVerifier, fetchChecksum, PkgcacheError } from '@pkgcache/core'

const secrets = JSON.parse(readFileSync(new URL('secrets.json', import.meta.url), 'utf8'))
const query = '?token=' + encodeURIComponent(secrets.query) + '&X-Amz-Signature=' + secrets.signature
const base = 'http://me:' + encodeURIComponent(secrets.userinfo) + '@127.0.0.1:${port}/'
const url = (kind) => base + kind + '/{name}.tar' + query
const entry = (kind, more = {}) => ({ name: kind, version: '1.0.0', url: url(kind), ...more })

const acme = defineSource({
  name: 'source-acme',
  schema: { type: 'object', properties: { token: { type: 'string' } } },
  async resolve(request, ctx, { token }) {
    if (!request.name.startsWith('acme-')) return undefined
    ctx.secret(secrets.told)
    const kind = request.name.slice(5)
    for (const level of ['debug', 'info', 'warn', 'error'])
      ctx.logger[level]('token ' + token + ', told ' + secrets.told + ', page ' + url(kind))
    if (kind === 'throws') {
      const deep = Object.assign(new Error('refused ' + token), { request: { headers: { token } } })
      throw new PkgcacheError('E_HTTP', 'cannot log in with ' + token, {
        hint: 'check ' + secrets.told, cause: new TypeError('sent ' + token, { cause: deep }),
      })
    }
    if (kind === 'crashes') throw new Error('unforeseen ' + token + ' at ' + url(kind))
    const headers = { authorization: 'Bearer ' + token, 'x-api-key': secrets.header }
    const address = 'http://127.0.0.1:${port}/' + kind + '/' + request.name + '.tar' + query
    const digests = kind === 'sums' || kind === 'lines' ? [await fetchChecksum(ctx, address, 'x.tar', { headers })] : []
    return { ...request, urls: [address], digests, headers }
  },
})
const chatty = defineVerifier({
  name: 'verify-chatty',
  async verify() {
    return { ok: true, summary: 'asked with ' + secrets.option, trust: 'tofu', from: url('fine') }
  },
})
const leaky = defineReporter({
  name: 'report-leaky',
  render({ result }) {
    const known = [secrets.option, secrets.userinfo, secrets.query, JSON.stringify(result)]
    return { format: 'leaky', fileName: 'leaky.txt', content: known.join(' ') }
  },
})
const late = definePlugin({
  name: 'late',
  setup(api) {
    api.hooks.done.tapPromise('late', async () => { throw new Error('at the end ' + secrets.option) })
  },
})

export default {
  store: './store',
  arch: 'amd64',
  packages: [
    ...['unauthorised', 'missing', 'broken', 'away', 'circle', 'login', 'text', 'encoded', 'cut', 'fine'].map((kind) => entry(kind)),
    entry('wrong-pin', { url: url('fine'), sha256: '0'.repeat(64) }),
    entry('html-sums', { url: url('fine'), checksumUrl: url('sums') }),
    entry('odd-sums', { url: url('fine'), checksumUrl: url('lines') }),
    entry('closed', { url: base.replace('${port}', '1') + 'x' + query }),
    entry('no-url', { url: 'http://me:' + secrets.userinfo + '@host:port/' }),
    { name: 'in-path', version: '1.0.0', url: 'http://127.0.0.1:${port}/fine/' + process.env.ACME_TOKEN + '/in-path.tar' },
    { name: 'by-netrc', version: '1.0.0', url: 'http://localhost:${port}/login/x.tar' },
    { name: 'by-mirror', version: '1.0.0', url: 'https://mirrored.example/x.tar' },
    ...['login', 'missing', 'sums', 'lines', 'throws', 'crashes', 'fine'].map((kind) => ({ name: 'acme-' + kind, version: '1.0.0' })),
  ],
  mirrors: { 'https://mirrored.example/': ['http://key:' + secrets.mirror + '@127.0.0.1:${port}/login/'] },
  mirrorsOnly: true,
  plugins: [acme({ token: secrets.option }), chatty(), leaky(), late()],
}
`
}

export interface SecretProject {
  readonly dir: string
  readonly store: string
  /** Of the command: the variables that hold secrets, too. */
  readonly env: Record<string, string>
  remove(): Promise<void>
}

export async function secretProject(upstream: Upstream): Promise<SecretProject> {
  const dir = await mkdtemp(join(tmpdir(), 'pkgcache-secrets-'))
  const { path, proxy: _, netrc, ...rest } = SECRETS
  await writeFile(join(dir, 'secrets.json'), JSON.stringify(rest))
  await writeFile(join(dir, 'pkgcache.config.mjs'), configText(upstream.port))
  const quoted = `"${netrc.replaceAll('"', '\\"')}"`
  await writeFile(join(dir, 'netrc'), `machine localhost login me password ${quoted}\n`)
  await chmod(join(dir, 'netrc'), 0o600)
  return {
    dir,
    store: join(dir, 'store'),
    env: { PKGCACHE_HOME: join(dir, 'home'), NETRC: join(dir, 'netrc'), ACME_TOKEN: path },
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

/** Every form in which a secret may be written. */
export function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const entities = secret.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
  const named = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
  const url = new URL('http://x/')
  url.password = secret
  const query = `${new URLSearchParams({ x: secret })}`.slice(2)
  const base64 = ['', 'me:', 'key:', 'Bearer '].map((before) =>
    Buffer.from(before + secret)
      .toString('base64')
      .replace(/=+$/, ''),
  )
  const percent = [encodeURIComponent(secret), encodeURI(secret), url.password, query]
  return [
    ...new Set([
      secret,
      json,
      entities,
      named,
      ...percent,
      ...percent.map((text) => text.toLowerCase()),
      ...base64,
    ]),
  ]
}
