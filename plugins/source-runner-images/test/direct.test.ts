import { type Hooks, type PackageRequest, PkgcacheError, type Resolution } from '@pkgcache/core'
import runnerImages, { type RunnerImagesOptions } from '@pkgcache/source-runner-images'
import { AsyncSeriesBailHook } from 'tapable'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROJECTS } from '../../source-kubernetes/src/projects.ts'
import { DIRECT_NAMES } from '../src/direct-names.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const ACTIONS = 'https://raw.githubusercontent.com/actions'
const BUILDS = 'https://github.com/actions/python-versions/releases/download'
const DOTNET = 'https://builds.dotnet.microsoft.com/dotnet'
const SETUP_RUBY = 'https://raw.githubusercontent.com/ruby/setup-ruby/master'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
  const file = (version: string, end: string, platform: string, arch: string, more: object = {}) => ({
    filename: `python-${version}-${end}`,
    platform,
    arch,
    download_url: `${BUILDS}/${version}-1/python-${version}-${end}`,
    ...more,
  })
  const ubuntu = { platform_version: '24.04', sha256: 'ef'.repeat(32), size: 5 }
  upstream.serve(`${ACTIONS}/python-versions/main/versions-manifest.json`, [
    { version: '3.13.0-rc.1', stable: false, files: [file('3.13.0-rc.1', 'win32-x64.zip', 'win32', 'x64')] },
    {
      version: '3.12.10',
      stable: true,
      files: [
        file('3.12.10', 'win32-x64.zip', 'win32', 'x64'),
        file('3.12.10', 'linux-24.04-x64.tar.gz', 'linux', 'x64', ubuntu),
      ],
    },
  ])
  upstream.serve(`${ACTIONS}/go-versions/main/versions-manifest.json`, [])
  upstream.serve(`${SETUP_RUBY}/ruby-builder-versions.json`, { ruby: ['3.4.6'] })
  upstream.serve(`${DOTNET}/release-metadata/releases-index.json`, {
    'releases-index': [
      { 'channel-version': '8.0', 'releases.json': `${DOTNET}/release-metadata/8.0/releases.json` },
    ],
  })
  upstream.serve(`${DOTNET}/release-metadata/8.0/releases.json`, {
    releases: [
      {
        'release-version': '8.0.18',
        sdks: ['8.0.412', '8.0.118'].map((version) => ({
          version,
          files: [
            {
              name: 'dotnet-sdk-linux-x64.tar.gz',
              url: `${DOTNET}/Sdk/${version}/sdk.tar.gz`,
              hash: 'AB'.repeat(64),
            },
          ],
        })),
      },
    ],
  })
})
afterAll(() => upstream.server.close())

async function resolve(
  request: Pick<PackageRequest, 'name' | 'version'> & Partial<PackageRequest>,
  options: RunnerImagesOptions = {},
): Promise<Resolution | undefined> {
  const hook: Hooks['resolve'] = new AsyncSeriesBailHook(['request', 'ctx'])
  runnerImages(options).setup({ hooks: { resolve: hook } as Hooks, suggest: () => {}, locate: () => {} })
  return await hook.promise({ platform: 'linux', arch: 'amd64', ...request }, upstream.ctx)
}

async function refusal(request: Parameters<typeof resolve>[0]): Promise<readonly (string | undefined)[]> {
  const error = await resolve(request).catch((cause: unknown) => cause)
  if (!(error instanceof PkgcacheError)) throw new Error(`gave ${JSON.stringify(error)}`)
  return [error.code, error.message, error.hint]
}

describe('packages that a config names', () => {
  it('takes Python as a toolset would ask for it', async () => {
    const request = { name: 'Python', version: '3.12.*', platform: 'win32', arch: 'x64', normalise: false }
    expect(await resolve(request)).toEqual({
      name: 'Python',
      version: '3.12.10',
      platform: 'win32',
      arch: 'x64',
      urls: [`${BUILDS}/3.12.10-1/python-3.12.10-win32-x64.zip`],
      digests: [],
      minimumTrust: 'tofu',
      normalise: false,
    })
  })

  it('passes on what an index and the config know of the bytes', async () => {
    const sha256 = '12'.repeat(32)
    const request = { name: 'python', version: 'v3.12.10', extra: { platformVersion: '24.04' }, sha256 }
    expect(await resolve(request)).toEqual({
      name: 'python',
      version: '3.12.10',
      platform: 'linux',
      arch: 'amd64',
      urls: [`${BUILDS}/3.12.10-1/python-3.12.10-linux-24.04-x64.tar.gz`],
      digests: [
        { algorithm: 'sha256', value: sha256, origin: 'pinned', from: 'sha256 of python in the config' },
        {
          algorithm: 'sha256',
          value: 'ef'.repeat(32),
          origin: 'checksum-file',
          from: `${ACTIONS}/python-versions/main/versions-manifest.json`,
        },
      ],
      minimumTrust: 'tofu',
      size: 5,
    })
    const sdk = await resolve({ name: 'dotnet', version: '8.0' })
    expect(sdk?.version).toBe('8.0.412')
    expect(sdk?.digests).toEqual([
      {
        algorithm: 'sha512',
        value: 'ab'.repeat(64),
        origin: 'checksum-file',
        from: `${DOTNET}/release-metadata/8.0/releases.json`,
      },
    ])
  })

  /** Name, version, platform, arch, URL. */
  const CASES = [
    ['node', '22.17.1', 'win32', 'amd64', 'https://nodejs.org/dist/v22.17.1/node-v22.17.1-win-x64.zip'],
    [
      'node',
      'v22.17.1',
      'darwin',
      'aarch64',
      'https://nodejs.org/dist/v22.17.1/node-v22.17.1-darwin-arm64.tar.gz',
    ],
    ['go', '1.24.5', 'linux', 'x86_64', 'https://go.dev/dl/go1.24.5.linux-amd64.tar.gz'],
    [
      'cmake',
      '3.31.6',
      'windows',
      'x64',
      'https://github.com/Kitware/CMake/releases/download/v3.31.6/cmake-3.31.6-windows-x86_64.zip',
    ],
    [
      'jq',
      '1.7.1',
      'macos',
      'arm64',
      'https://github.com/jqlang/jq/releases/download/jq-1.7.1/jq-macos-arm64',
    ],
    ['7-zip', '25.00', 'win32', 'ia32', 'https://www.7-zip.org/a/7z2500.exe'],
    [
      'codeql',
      '2.22.1',
      'linux',
      'amd64',
      'https://github.com/github/codeql-action/releases/download/codeql-bundle-v2.22.1/codeql-bundle.tar.gz',
    ],
    [
      'java',
      '21.0.7+6',
      'linux',
      'amd64',
      'https://github.com/adoptium/temurin21-binaries/releases/download/jdk-21.0.7%2B6/OpenJDK21U-jdk_x64_linux_hotspot_21.0.7_6.tar.gz',
    ],
  ] as const
  it.each(CASES)('%s %s for %s/%s', async (name, version, platform, arch, url) => {
    expect((await resolve({ name, version, platform, arch }))?.urls).toEqual([url])
  })

  it('calls a program for Windows by its name', async () => {
    const found = await resolve({ name: 'jq', version: '1.7.1', platform: 'win32', arch: 'x64' })
    expect([found?.urls[0], found?.member]).toEqual([
      'https://github.com/jqlang/jq/releases/download/jq-1.7.1/jq-windows-amd64.exe',
      'jq.exe',
    ])
  })

  it('takes prereleases where the options say so', async () => {
    const request = { name: 'python', version: '3.13.*', platform: 'win32', arch: 'x64' }
    expect((await resolve(request, { prereleases: true }))?.version).toBe('3.13.0-rc.1')
    expect((await refusal(request))[0]).toBe('E_UNKNOWN_VERSION')
  })

  it.each([
    ['a url', { name: 'node', version: '22.17.1', url: 'https://acme.example/node.zip' }],
    ['another name', { name: 'node-exporter', version: '1.9.1' }],
    ['a name of objects', { name: 'constructor', version: '1.0.0' }],
    ['what source-kubernetes has', { name: 'kubectl', version: '1.33.1' }],
  ])('leaves %s to others, and asks nobody', async (_, request) => {
    upstream.asked()
    expect(await resolve(request)).toBeUndefined()
    expect(upstream.asked()).toEqual([])
  })

  const REFUSED = [
    [
      { name: 'python', version: '3.12.*' },
      'E_UNKNOWN_VERSION',
      'there is no file of python 3.12.* for linux/amd64',
      "its builds are each for one release of Ubuntu: say which, as in platformVersion: '24.04'",
    ],
    [
      { name: 'ruby', version: '3.4' },
      'E_UNKNOWN_VERSION',
      'there is no file of ruby 3.4 for linux/amd64',
      "its builds are each for one release of Ubuntu: say which, as in platformVersion: '24.04'",
    ],
    [
      { name: 'cmake', version: '3.*' },
      'E_UNKNOWN_VERSION',
      'there is no file of cmake 3.* for linux/amd64',
      'check version and arch at https://github.com/Kitware/CMake/releases',
    ],
    [
      { name: 'jq', version: '1.7.1', arch: 's390x' },
      'E_UNKNOWN_ARCH',
      'jq 1.7.1 for linux/s390x: no tool is built for that',
      'platforms are win32, linux and darwin, archs x64, x86 and arm64, and their other names',
    ],
    [
      { name: 'python', version: '3.12.10', extra: { platformVersion: 24.04 } },
      'E_CONFIG',
      'platformVersion of python is no text',
      "write it in quotes: '24.04'",
    ],
  ] as const
  it.each(REFUSED)('refuses %j', async (request, code, message, hint) => {
    expect(await refusal(request)).toEqual([code, message, hint])
  })

  it('suggests its names, none of which source-kubernetes has', () => {
    const names: string[] = []
    const hook: Hooks['resolve'] = new AsyncSeriesBailHook(['request', 'ctx'])
    runnerImages().setup({
      hooks: { resolve: hook } as Hooks,
      suggest: (more) => names.push(...more),
      locate: () => {},
    })
    expect(names).toEqual([...DIRECT_NAMES])
    expect(PROJECTS.map(({ name }) => name).filter((name) => names.includes(name))).toEqual([])
  })
})
