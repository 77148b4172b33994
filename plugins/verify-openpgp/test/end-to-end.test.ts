import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config, RunOptions, RunResult } from '@pkgcache/core'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { readKey } from 'openpgp'
import { createCache } from 'pkgcache'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildSmallWorld } from '../../../test/world/index.ts'
import verifyOpenpgp, { type VerifyOpenpgpOptions } from '../src/index.ts'

const RUNC = '/github.com/opencontainers/runc/releases/download/v1.3.0'
const NERDCTL = '/github.com/containerd/nerdctl/releases/download/v2.1.2'
const WRONG = 'AB'.repeat(20)

let world: string
let key: string
let signer: string
let other: string
let server: HttpServer
let store: string

beforeAll(async () => {
  world = mkdtempSync(join(tmpdir(), 'pkgcache-world-'))
  await buildSmallWorld(world)
  key = join(world, 'keys/signer.asc')
  signer = (await readKey({ armoredKey: readFileSync(key, 'utf8') })).getFingerprint()
  const { generateKey } = await import('openpgp')
  other = (await generateKey({ userIDs: [{ name: 'Other' }] })).publicKey
})
afterAll(() => rmSync(world, { recursive: true }))

beforeEach(async () => {
  server = await startHttpServer({ root: world })
  store = mkdtempSync(join(tmpdir(), 'pkgcache-store-'))
})
afterEach(async () => {
  await server.close()
  rmSync(store, { recursive: true })
})

async function run(
  plugin: VerifyOpenpgpOptions | undefined,
  config: Config = {},
  options: RunOptions = {},
): Promise<RunResult> {
  const cache = await createCache({
    store,
    arch: ['amd64', 'arm64'],
    packages: ['runc@1.3.0', 'nerdctl@2.1.2'],
    mirrors: { 'https://': [`${server.url}/`] },
    mirrorsOnly: true,
    plugins: plugin ? [verifyOpenpgp(plugin)] : [],
    ...config,
  })
  try {
    return await cache.run(options)
  } finally {
    await cache.close()
  }
}

function told({ items, exitCode }: RunResult) {
  const lines = items.map((item) =>
    item.state === 'failed'
      ? `${item.key.name} ${item.key.arch} ${item.error.code} ${item.error.message}`
      : `${item.key.name} ${item.key.arch} ${item.state} ${item.record.trust}`,
  )
  return { exitCode, lines }
}

const all = (state: string) =>
  ['runc amd64', 'runc arm64', 'nerdctl amd64', 'nerdctl arm64'].map((item) => `${item} ${state}`)
const paths = () => server.requests.map(({ method, path }) => `${method} ${path}`)
const published = () => readdirSync(store).filter((name) => name.endsWith('.tar.zst'))

describe('runc and nerdctl, signed as upstream signs them', () => {
  it('are published as signed, and then there is nothing to ask', async () => {
    const plugin = { keys: [key], signers: { runc: [signer], nerdctl: [signer] } }
    const first = await run(plugin, {}, { require: 'signed' })
    expect(told(first)).toEqual({ exitCode: 0, lines: all('published signed') })
    expect(paths().sort()).toEqual(
      [
        ...Array(4).fill(`GET ${RUNC}/runc.sha256sum`),
        `GET ${RUNC}/runc.amd64`,
        `GET ${RUNC}/runc.arm64`,
        ...Array(4).fill(`GET ${NERDCTL}/SHA256SUMS`),
        ...Array(2).fill(`GET ${NERDCTL}/SHA256SUMS.asc`),
        `GET ${NERDCTL}/nerdctl-2.1.2-linux-amd64.tar.gz`,
        `GET ${NERDCTL}/nerdctl-2.1.2-linux-arm64.tar.gz`,
      ].sort(),
    )
    const evidence = first.items.flatMap((item) => (item.state === 'failed' ? [] : item.record.evidence))
    expect(
      evidence
        .filter(({ trust }) => trust === 'signed')
        .map(({ verifier, summary, from }) => [verifier, summary, from]),
    ).toEqual(
      [
        `${RUNC}/runc.sha256sum`,
        `${RUNC}/runc.sha256sum`,
        `${NERDCTL}/SHA256SUMS.asc`,
        `${NERDCTL}/SHA256SUMS.asc`,
      ].map((path) => [
        'verify-openpgp',
        `sha256 of the download stands in a list signed by ${signer.toUpperCase()}`,
        `https:/${path}`,
      ]),
    )
    const asked = server.requests.length
    expect(told(await run(plugin, {}, { require: 'signed' }))).toEqual({
      exitCode: 0,
      lines: all('cached signed'),
    })
    expect(server.requests).toHaveLength(asked)
  })

  it('by everybody’s pins', async () => {
    const result = await run(
      { keys: [key], signers: { '*': [signer] } },
      { packages: ['runc@1.3.0', 'helm@3.18.0'] },
    )
    expect(told(result)).toEqual({
      exitCode: 0,
      lines: [
        'runc amd64 published signed',
        'runc arm64 published signed',
        'helm amd64 published checksum-file',
        'helm arm64 published checksum-file',
      ],
    })
  })

  it('are not published under a wrong pin', async () => {
    const otherPin = (await readKey({ armoredKey: other })).getFingerprint()
    const plugin = { keys: [key, other], signers: { runc: [otherPin], nerdctl: [otherPin] } }
    const is = (url: string) => `https:/${url} is signed by ${signer.toUpperCase()}, which is not pinned`
    expect(told(await run(plugin))).toEqual({
      exitCode: 3,
      lines: [
        ...['amd64', 'arm64'].map((arch) => `runc ${arch} E_SIGNATURE ${is(`${RUNC}/runc.sha256sum`)}`),
        ...['amd64', 'arm64'].map((arch) => `nerdctl ${arch} E_SIGNATURE ${is(`${NERDCTL}/SHA256SUMS.asc`)}`),
      ],
    })
    expect(published()).toEqual([])
    expect(readdirSync(join(store, '.pkgcache/records'))).toEqual([])
  })

  it.each<readonly [string, () => VerifyOpenpgpOptions, string]>([
    [
      'a pin without its key',
      () => ({ keys: [key], signers: { runc: [WRONG] } }),
      `none of \`keys\` is ${WRONG}, which is pinned`,
    ],
    [
      'a key file that is missing',
      () => ({ keys: ['/nonexistent'], signers: { runc: [WRONG] } }),
      'key file /nonexistent does not exist',
    ],
  ])('nor with %s', async (_, plugin, message) => {
    expect(told(await run(plugin(), { packages: ['runc@1.3.0'], arch: 'amd64' }))).toEqual({
      exitCode: 3,
      lines: [`runc amd64 E_SIGNATURE ${message}`],
    })
    expect(published()).toEqual([])
  })

  it('nor when upstream’s signature is gone, while others go on', async () => {
    server.route(`${NERDCTL}/SHA256SUMS.asc`, { always: { status: 404 } })
    const result = await run(
      { keys: [key], signers: { runc: [signer], nerdctl: [signer] } },
      { arch: 'amd64' },
    )
    expect(told(result)).toMatchObject({
      exitCode: 3,
      lines: [
        'runc amd64 published signed',
        expect.stringMatching(/^nerdctl amd64 E_SIGNATURE no signature: /),
      ],
    })
    expect(published()).toEqual(['runc-1.3.0-amd64.tar.zst'])
  })

  it('an upstream that is down for a moment is asked again, one that stays down is no matter of trust', async () => {
    server.route(`${NERDCTL}/SHA256SUMS.asc`, { script: [{ status: 503, headers: { 'retry-after': '0' } }] })
    const plugin = { keys: [key], signers: { nerdctl: [signer] } }
    const config = { arch: 'amd64', packages: ['nerdctl@2.1.2'] }
    expect(told(await run(plugin, config))).toEqual({
      exitCode: 0,
      lines: ['nerdctl amd64 published signed'],
    })
    rmSync(store, { recursive: true })
    server.route(`${NERDCTL}/SHA256SUMS.asc`, { always: { status: 503, headers: { 'retry-after': '0' } } })
    expect(told(await run(plugin, config))).toMatchObject({
      exitCode: 1,
      lines: [expect.stringMatching(/^nerdctl amd64 E_HTTP /)],
    })
    expect(published()).toEqual([])
  })

  it('a list that was swapped with its digests is refused', async () => {
    const swapped = readFileSync(join(world, `${RUNC}/runc.sha256sum`), 'utf8')
    const bytes = Buffer.from('another runc')
    const { createHash } = await import('node:crypto')
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    server.route(`${RUNC}/runc.amd64`, { content: bytes })
    server.route(`${RUNC}/runc.sha256sum`, {
      content: swapped.replace(/^\w+ {2}runc\.amd64$/m, `${sha256}  runc.amd64`),
    })
    const config = { arch: 'amd64', packages: ['runc@1.3.0'] }
    expect(told(await run({ keys: [key], signers: { runc: [signer] } }, config))).toEqual({
      exitCode: 3,
      lines: [`runc amd64 E_SIGNATURE https:/${RUNC}/runc.sha256sum has a signature over something else`],
    })
    // the checksum file alone would have let it pass
    expect(told(await run(undefined, config))).toEqual({
      exitCode: 0,
      lines: ['runc amd64 published checksum-file'],
    })
  })

  it('what was cached without the check is fetched and checked once it is asked for', async () => {
    const config = { arch: 'amd64', packages: ['runc@1.3.0'] }
    expect(told(await run(undefined, config)).lines).toEqual(['runc amd64 published checksum-file'])
    const asked = server.requests.length
    const right = await run({ keys: [key], signers: { runc: [signer] } }, config)
    expect(told(right)).toEqual({ exitCode: 0, lines: ['runc amd64 published signed'] })
    expect(paths().slice(asked).sort()).toEqual([
      `GET ${RUNC}/runc.amd64`,
      `GET ${RUNC}/runc.sha256sum`,
      `GET ${RUNC}/runc.sha256sum`,
    ])
  })

  it('without signers nothing more is asked than before, and --require signed says what is missing', async () => {
    const config = { arch: 'amd64', packages: ['nerdctl@2.1.2'] }
    expect(told(await run(undefined, config, { require: 'signed' }))).toEqual({
      exitCode: 3,
      lines: ['nerdctl amd64 E_TRUST trust is "checksum-file" where at least "signed" is required'],
    })
    expect(paths()).toEqual([`GET ${NERDCTL}/SHA256SUMS`, `GET ${NERDCTL}/nerdctl-2.1.2-linux-amd64.tar.gz`])
  })
})

describe('packages with a url', () => {
  const folder = 'https://github.com/containerd/nerdctl/releases/download/v{version}'
  const tool = {
    name: 'my-nerdctl',
    version: '2.1.2',
    url: `${folder}/nerdctl-{version}-linux-{arch}.tar.gz`,
  }
  const sums = { checksumUrl: `${folder}/SHA256SUMS` }

  it.each<readonly [string, Record<string, string>, number, RegExp]>([
    [
      'by a signed list',
      { ...sums, signatureUrl: `${folder}/SHA256SUMS.asc`, signatureOver: 'checksum-file' },
      0,
      /^my-nerdctl amd64 published signed$/,
    ],
    [
      'by a signature of something else',
      { signatureUrl: `${folder}/SHA256SUMS.asc` },
      3,
      /E_SIGNATURE https:.*\/SHA256SUMS\.asc has a signature over something else$/,
    ],
    [
      'by a list that is not signed itself',
      { ...sums, signatureOver: 'checksum-file' },
      3,
      /E_SIGNATURE https:.*\/SHA256SUMS is not clear-signed$/,
    ],
    [
      'without saying where the signature is',
      sums,
      3,
      /E_SIGNATURE source-url names no signature of my-nerdctl$/,
    ],
  ])('%s', async (_, more, exitCode, line) => {
    const config: Config = { arch: 'amd64', packages: [{ ...tool, ...more }] }
    const plugin = { keys: [key], signers: { 'my-nerdctl': [signer] } }
    expect(told(await run(plugin, config))).toEqual({ exitCode, lines: [expect.stringMatching(line)] })
    expect(published()).toHaveLength(exitCode === 0 ? 1 : 0)
  })
})
