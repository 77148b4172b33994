import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PackageRequest } from '@pkgcache/core'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startUpstream, type Upstream } from '../../../test/demo/upstream.ts'
import { buildSmallWorld, type World } from '../../../test/world/index.ts'
import { resolveWith } from '../../../test/world/source-context.ts'
import sourceUrl from '../src/index.ts'
import { fillTemplate } from '../src/template.ts'

const PIN = 'ab'.repeat(32)
const CNI = 'https://formats.example/cni/v{version}'
let dir: string
let world: World
let upstream: Upstream

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pkgcache-url-'))
  world = await buildSmallWorld(dir)
  upstream = await startUpstream(dir)
})
afterAll(async () => {
  await upstream.close()
  await rm(dir, { recursive: true })
})
beforeEach(() => {
  upstream.requests.length = 0
})

function resolve(rest: Partial<PackageRequest>) {
  const request = { name: 'cni', version: '1.7.1', platform: 'linux', arch: 'amd64', ...rest }
  return resolveWith(sourceUrl(), request, upstream.url)
}

const base = { name: 'cni', version: '1.7.1', platform: 'linux', arch: 'amd64' }
const pinned = { algorithm: 'sha256', value: PIN, origin: 'pinned', from: 'sha256 of cni in the config' }

describe('source-url', () => {
  it('takes a bare URL on first use, asking nobody', async () => {
    expect(await resolve({ url: `${CNI}/{name}.tar.gz` })).toEqual({
      ...base,
      urls: ['https://formats.example/cni/v1.7.1/cni.tar.gz'],
      digests: [],
      minimumTrust: 'tofu',
    })
    expect(upstream.requests).toEqual([])
  })

  it('a pin asks for as much', async () => {
    expect(await resolve({ url: `${CNI}/cni.tgz`, sha256: PIN.toUpperCase() })).toEqual({
      ...base,
      urls: ['https://formats.example/cni/v1.7.1/cni.tgz'],
      digests: [pinned],
      minimumTrust: 'pinned',
    })
  })

  it.each([
    'cni.tar',
    'cni.tar.gz',
    'cni.tgz',
    'cni.tar.bz2',
    'cni.tar.xz',
    'cni.tar.zst',
    'cni.zip',
    'bridge',
  ])('finds %s in a checksum list', async (file) => {
    const url = `https://formats.example/cni/v1.7.1/${file}`
    expect(await resolve({ url: `${CNI}/${file}`, checksumUrl: `${CNI}/SHA256SUMS` })).toEqual({
      ...base,
      urls: [url],
      digests: [
        {
          algorithm: 'sha256',
          value: world.artifacts.find((artifact) => artifact.url === url)?.sha256,
          origin: 'checksum-file',
          from: 'https://formats.example/cni/v1.7.1/SHA256SUMS',
        },
      ],
      minimumTrust: 'checksum-file',
    })
    expect(upstream.requests).toEqual(['GET /formats.example/cni/v1.7.1/SHA256SUMS'])
  })

  it('a pin and a checksum file both hold', async () => {
    const resolution = await resolve({
      url: 'https://dl.k8s.io/release/v1.33.1/bin/{platform}/{arch}/kubectl',
      checksumUrl: 'https://dl.k8s.io/release/v1.33.1/bin/{platform}/{arch}/kubectl.sha256',
      sha256: PIN,
    })
    const published = await readFile(
      join(dir, 'dl.k8s.io/release/v1.33.1/bin/linux/amd64/kubectl.sha256'),
      'utf8',
    )
    expect(resolution?.minimumTrust).toBe('pinned')
    expect(resolution?.digests).toMatchObject([pinned, { value: published, origin: 'checksum-file' }])
  })

  it.each<readonly [Partial<PackageRequest>, unknown]>([
    [
      { signatureUrl: `${CNI}/{name}.tgz.asc` },
      [{ over: 'artifact', url: 'https://formats.example/cni/v1.7.1/cni.tgz.asc' }],
    ],
    [
      { signatureUrl: 'https://a.example/{version}.sig', signatureOver: 'artifact' },
      [{ over: 'artifact', url: 'https://a.example/1.7.1.sig' }],
    ],
    [
      {
        signatureUrl: `${CNI}/SHA256SUMS.asc`,
        signatureOver: 'checksum-file',
        checksumUrl: `${CNI}/SHA256SUMS`,
      },
      [
        {
          over: 'checksum-file',
          checksumUrl: 'https://formats.example/cni/v1.7.1/SHA256SUMS',
          url: 'https://formats.example/cni/v1.7.1/SHA256SUMS.asc',
        },
      ],
    ],
    [
      { signatureOver: 'checksum-file', checksumUrl: `${CNI}/SHA256SUMS` },
      [{ over: 'checksum-file', checksumUrl: 'https://formats.example/cni/v1.7.1/SHA256SUMS' }],
    ],
  ])('says where the signature of %j is, without asking for it', async (rest, signatures) => {
    const resolution = await resolve({ url: `${CNI}/cni.tgz`, ...rest })
    expect(resolution?.signatures).toEqual(signatures)
    expect(resolution?.minimumTrust).toBe(rest.checksumUrl === undefined ? 'tofu' : 'checksum-file')
    expect(upstream.requests.filter((request) => !request.endsWith('/SHA256SUMS'))).toEqual([])
  })

  it('passes the format hint and normalise', async () => {
    expect(await resolve({ url: 'ftp://a.example/x', format: 'tar.gz', normalise: false })).toEqual({
      ...base,
      urls: ['ftp://a.example/x'],
      digests: [],
      minimumTrust: 'tofu',
      format: 'tar.gz',
      normalise: false,
    })
  })

  it('looks an encoded file name up as the list spells it', async () => {
    const sums = 'https://github.com/opencontainers/runc/releases/download/v1.3.0/runc.sha256sum'
    const resolution = await resolve({ url: 'https://a.example/runc%2Eamd64', checksumUrl: sums })
    expect(resolution?.digests).toMatchObject([{ from: sums }])
    await expect(resolve({ url: 'https://a.example/100%', checksumUrl: sums })).rejects.toThrow(
      'no digest for 100%',
    )
  })

  it('leaves requests without a URL to others', async () => {
    expect(await resolve({ sha256: PIN })).toBeUndefined()
  })

  it.each([
    [{ url: `${CNI}/cni.tgz`, checksumUrl: `${CNI}/MD5SUMS` }, 'E_CHECKSUM_FILE', 'no checksum file: '],
    [
      { url: `${CNI}/none.tgz`, checksumUrl: `${CNI}/SHA256SUMS` },
      'E_CHECKSUM_FILE',
      'holds no digest for none.tgz',
    ],
    [{ url: `${CNI}/cni.tgz`, checksumUrl: `${CNI}/bridge` }, 'E_CHECKSUM_FILE', 'is not a checksum file'],
    [{ url: `${CNI}/cni.tgz`, sha256: 'abc' }, 'E_CONFIG', 'sha256 of cni is "abc"'],
    [{ url: 'https://a.example/{os}' }, 'E_CONFIG', 'url of cni has an unknown placeholder {os}'],
    [
      { url: 'https://a.example/x', checksumUrl: '/SHA{name}' },
      'E_CONFIG',
      'checksumUrl of cni is not an absolute URL',
    ],
    [
      { url: `${CNI}/cni.tgz`, signatureUrl: '{name}.asc' },
      'E_CONFIG',
      'signatureUrl of cni is not an absolute URL',
    ],
    [
      { url: `${CNI}/cni.tgz`, signatureUrl: `${CNI}/SHA256SUMS.asc`, signatureOver: 'checksum-file' },
      'E_CONFIG',
      'signatureOver of cni is "checksum-file", and there is no checksumUrl',
    ],
    [
      { url: `${CNI}/cni.tgz`, signatureOver: 'artifact' },
      'E_CONFIG',
      'signatureOver of cni is "artifact", and there is no signatureUrl',
    ],
  ] as const)('refuses %j with %s', async (rest, code, message) => {
    await expect(resolve(rest)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })
})

describe('fillTemplate', () => {
  const values = { name: 'my-tool', version: '1.2.3+k3s1', arch: 'amd64', platform: 'linux' }
  it.each([
    [
      'https://a.example/{name}/v{version}/{name}-{platform}-{arch}.tgz',
      'https://a.example/my-tool/v1.2.3%2Bk3s1/my-tool-linux-amd64.tgz',
    ],
    ['file:///srv/{name}.zip', 'file:///srv/my-tool.zip'],
    ['https://{arch}.a.example/x?v={version}', 'https://amd64.a.example/x?v=1.2.3%2Bk3s1'],
    ['https://a.example/%7Bname%7D', 'https://a.example/%7Bname%7D'],
  ])('%s', (template, url) => {
    expect(fillTemplate(template, values, 'url of x')).toBe(url)
  })

  it.each([
    [
      'https://a.example/{Name}',
      'has an unknown placeholder {Name}',
      'it can have {name} {version} {arch} {platform}',
    ],
    ['https://a.example/{}', 'has an unknown placeholder {}', 'it can have'],
    ['https://a.example/{constructor}', 'has an unknown placeholder {constructor}', 'it can have'],
    ['https://a.example/{{name}}', 'has a lone brace', 'write %7B and %7D'],
    ['https://a.example/{name', 'has a lone brace', 'write %7B and %7D'],
    ['{name}/x.tgz', 'is not an absolute URL', 'https://'],
    ['https://user:hunter2@/{name}', 'is not an absolute URL', 'https://'],
  ])('%s %s', (template, message, hint) => {
    const fill = () => fillTemplate(template, values, 'url of x\u001b[2J')
    expect(fill).toThrow(
      expect.objectContaining({
        code: 'E_CONFIG',
        message: `url of x\\u001b[2J ${message}`,
        hint: expect.stringContaining(hint),
      }),
    )
  })

  it('a value never leaves its path part', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a1./%?#+&;:@\\ \n\u00e9\u{1f600}') }), (version) => {
        // core lets no "." and ".." through as names
        fc.pre(!/^\.{0,2}$/.test(version))
        const url = new URL(
          fillTemplate('https://a.example/a/{version}/b?c#d', { ...values, version }, 'url of x'),
        )
        expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'a', version, 'b'])
        expect([url.host, url.search, url.hash]).toEqual(['a.example', '?c', '#d'])
      }),
    )
  })
})
