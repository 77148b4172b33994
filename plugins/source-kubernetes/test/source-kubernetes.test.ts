import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PackageRequest, type PkgcacheError, printable, type Resolution } from '@pkgcache/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startUpstream, type Upstream } from '../../../test/demo/upstream.ts'
import { buildSmallWorld, type World } from '../../../test/world/index.ts'
import { resolveWith, suggestionsOf } from '../../../test/world/source-context.ts'
import sourceKubernetes from '../src/index.ts'
import { PROJECTS } from '../src/projects.ts'

let dir: string
let world: World
let upstream: Upstream

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pkgcache-k8s-'))
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

function request(name: string, version: string, rest: Partial<PackageRequest> = {}): PackageRequest {
  return { name, version, platform: 'linux', arch: 'amd64', ...rest }
}

function resolve(asked: PackageRequest): Promise<Resolution | undefined> {
  return resolveWith(sourceKubernetes(), asked, upstream.url)
}

function refusal(asked: PackageRequest): Promise<PkgcacheError> {
  return resolve(asked).then(
    (answer) => {
      throw new Error(`resolved to ${JSON.stringify(answer)}`)
    },
    (error) => error,
  )
}

const GITHUB = 'https://github.com'
/** Name, version, the URL for amd64, its checksum file, format. */
const NINE = [
  [
    'containerd',
    '2.1.0',
    `${GITHUB}/containerd/containerd/releases/download/v2.1.0/containerd-2.1.0-linux-amd64.tar.gz`,
    'containerd-2.1.0-linux-amd64.tar.gz.sha256sum',
    'tar.gz',
  ],
  [
    'runc',
    '1.3.0',
    `${GITHUB}/opencontainers/runc/releases/download/v1.3.0/runc.amd64`,
    'runc.sha256sum',
    'binary',
  ],
  [
    'cni-plugins',
    '1.7.1',
    `${GITHUB}/containernetworking/plugins/releases/download/v1.7.1/cni-plugins-linux-amd64-v1.7.1.tgz`,
    'cni-plugins-linux-amd64-v1.7.1.tgz.sha256',
    'tar.gz',
  ],
  [
    'kubectl',
    '1.33.1',
    'https://dl.k8s.io/release/v1.33.1/bin/linux/amd64/kubectl',
    'kubectl.sha256',
    'binary',
  ],
  [
    'kubeadm',
    '1.33.1',
    'https://dl.k8s.io/release/v1.33.1/bin/linux/amd64/kubeadm',
    'kubeadm.sha256',
    'binary',
  ],
  [
    'kubelet',
    '1.33.1',
    'https://dl.k8s.io/release/v1.33.1/bin/linux/amd64/kubelet',
    'kubelet.sha256',
    'binary',
  ],
  [
    'helm',
    '3.18.0',
    'https://get.helm.sh/helm-v3.18.0-linux-amd64.tar.gz',
    'helm-v3.18.0-linux-amd64.tar.gz.sha256sum',
    'tar.gz',
  ],
  [
    'crictl',
    '1.33.0',
    `${GITHUB}/kubernetes-sigs/cri-tools/releases/download/v1.33.0/crictl-v1.33.0-linux-amd64.tar.gz`,
    'crictl-v1.33.0-linux-amd64.tar.gz.sha256',
    'tar.gz',
  ],
  [
    'nerdctl',
    '2.1.2',
    `${GITHUB}/containerd/nerdctl/releases/download/v2.1.2/nerdctl-2.1.2-linux-amd64.tar.gz`,
    'SHA256SUMS',
    'tar.gz',
  ],
] as const

/** Beside the checksum file, which is clear-signed itself where no file is named. */
const SIGNED: Readonly<Record<string, string | undefined>> = { runc: '', nerdctl: 'SHA256SUMS.asc' }

/** Where a project that signs at all publishes its signature. */
function signaturesOf(name: string, checksumUrl: string) {
  const file = SIGNED[name]
  if (file === undefined) return {}
  const url = new URL(file, checksumUrl).href
  return { signatures: [{ over: 'checksum-file', checksumUrl, ...(file !== '' && { url }) }] }
}

describe('the nine packages at their upstreams', () => {
  it('are these, and are suggested', () => {
    expect(PROJECTS.map((project) => project.name)).toEqual(NINE.map(([name]) => name))
    expect(suggestionsOf(sourceKubernetes())).toEqual(NINE.map(([name]) => name))
  })

  it.each(NINE)('%s %s', async (name, version, url, checksumFile, format) => {
    const from = `${url.slice(0, url.lastIndexOf('/'))}/${checksumFile}`
    const value = world.artifacts.find((artifact) => artifact.url === url)?.sha256
    const expected = {
      name,
      version,
      platform: 'linux',
      arch: 'amd64',
      urls: [url],
      digests: [{ algorithm: 'sha256', value, origin: 'checksum-file', from }],
      ...signaturesOf(name, from),
      minimumTrust: 'checksum-file',
      format,
      ...(format === 'binary' && { member: name }),
    }
    expect(await resolve(request(name, version))).toEqual(expected)
    expect(await resolve(request(name, `v${version}`))).toEqual(expected)
    expect(upstream.requests).toEqual(Array(2).fill(`GET ${from.replace('https:/', '')}`))
  })

  it.each(NINE)('%s %s for arm64 has another URL and digest', async (name, version, amd64) => {
    const resolution = await resolve(request(name, version, { arch: 'aarch64' }))
    const url = amd64.replace('amd64', 'arm64')
    expect(resolution).toMatchObject({ arch: 'arm64', urls: [url] })
    expect(resolution?.digests.map((digest) => digest.value)).toEqual([
      world.artifacts.find((artifact) => artifact.url === url)?.sha256,
    ])
  })
})

describe('Windows binaries', () => {
  it('keep their extension as a member', async () => {
    const folder = 'dl.k8s.io/release/v1.33.1/bin/windows/amd64'
    await mkdir(join(dir, folder), { recursive: true })
    await writeFile(join(dir, folder, 'kubectl.exe.sha256'), 'ab'.repeat(32))
    expect(await resolve(request('kubectl', '1.33.1', { platform: 'windows' }))).toMatchObject({
      platform: 'win32',
      urls: [`https://${folder}/kubectl.exe`],
      member: 'kubectl.exe',
    })
  })
})

describe('what the user adds', () => {
  it('a pin is checked beside the published digest', async () => {
    const pin = 'AB'.repeat(32)
    const resolution = await resolve(request('runc', '1.3.0', { sha256: pin }))
    expect(resolution?.digests).toMatchObject([
      {
        algorithm: 'sha256',
        value: pin.toLowerCase(),
        origin: 'pinned',
        from: 'sha256 of runc in the config',
      },
      { algorithm: 'sha256', origin: 'checksum-file' },
    ])
  })

  it('a pin that is no SHA-256 is refused', async () => {
    const error = await refusal(request('runc', '1.3.0', { sha256: 'abc' }))
    expect(error).toMatchObject({ code: 'E_CONFIG', message: 'sha256 of runc is "abc"' })
    expect(upstream.requests).toEqual([])
  })

  it('normalise: false passes', async () => {
    expect(await resolve(request('helm', '3.18.0', { normalise: false }))).toMatchObject({ normalise: false })
  })
})

describe('not its own', () => {
  it.each([
    ['another name', request('containerdd', '2.1.0')],
    ['a name of Object.prototype', request('constructor', '2.1.0')],
    ['a request with a URL', request('containerd', '2.1.0', { url: 'https://formats.example/x' })],
  ])('%s', async (_, asked) => {
    expect(await resolve(asked)).toBeUndefined()
    expect(upstream.requests).toEqual([])
  })
})

describe('refused', () => {
  it.each([
    '2.1',
    '2',
    'latest',
    '^2.1.0',
    '2.1.0.1',
    '02.1.0',
    'vv2.1.0',
    '2.1.0-',
    '2.1.0+build',
    '2.1.0/../x',
    '',
    '\u001b[31m',
  ])('version %j without asking upstream', async (version) => {
    const error = await refusal(request('containerd', version))
    expect(error.code).toBe('E_UNKNOWN_VERSION')
    expect(error.message).toBe(`${JSON.stringify(printable(version))} is not a version of containerd`)
    expect(error.hint).toContain('https://github.com/containerd/containerd/releases')
    expect(upstream.requests).toEqual([])
  })

  it('a release that is not there, with the URL and the cause', async () => {
    const error = await refusal(request('containerd', 'v9.9.9'))
    const url = `${GITHUB}/containerd/containerd/releases/download/v9.9.9/containerd-9.9.9-linux-amd64.tar.gz.sha256sum`
    expect(error).toMatchObject({
      code: 'E_UNKNOWN_VERSION',
      message: `there is no release of containerd 9.9.9 for linux/amd64: ${url} does not exist`,
      hint: `check the version v9.9.9 and the arch at ${GITHUB}/containerd/containerd/releases`,
      cause: { code: 'E_CHECKSUM_FILE', cause: { code: 'E_NOT_FOUND' } },
    })
  })

  it('a release whose list lacks the arch', async () => {
    const error = await refusal(request('runc', '1.3.0', { arch: 's390x' }))
    expect(error).toMatchObject({ code: 'E_CHECKSUM_FILE', hint: 'it names runc.amd64, runc.arm64' })
    expect(error.message).toContain('holds no digest for runc.s390x')
  })

  it.each([
    ['linux', 'sparc', 'kubeadm is not published for linux/sparc'],
    ['linux', 'toString', 'kubeadm is not published for linux/toString'],
    ['darwin', 'arm64', 'kubeadm is not published for darwin/arm64'],
    ['linux', '\u001b[31m', 'kubeadm is not published for linux/\\u001b[31m'],
  ])('%s/%s, listing what is published', async (platform, arch, message) => {
    expect(await refusal(request('kubeadm', '1.33.1', { platform, arch }))).toMatchObject({
      code: 'E_UNKNOWN_ARCH',
      message,
      hint: 'published for linux: amd64 arm arm64 ppc64le s390x; win32: amd64',
    })
    expect(upstream.requests).toEqual([])
  })

  it('an upstream that is down stays what it is', async () => {
    const gone = await startUpstream(dir)
    await gone.close()
    await expect(resolveWith(sourceKubernetes(), request('helm', '3.18.0'), gone.url)).rejects.toMatchObject({
      code: 'E_UNREACHABLE',
    })
  })
})
