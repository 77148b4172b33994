import { codeql, dotnet, nodejs, nodejsArchive, pypy } from '@pkgcache/source-runner-images/resolvers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startUpstream, type Upstream } from '../upstream.ts'
import { gives, queryFor, refusal } from './support.ts'

const PYPY = 'https://downloads.python.org/pypy'
const BUNDLES = 'https://github.com/github/codeql-action/releases/download'
const DEFAULTS = 'https://raw.githubusercontent.com/github/codeql-action/v3/src/defaults.json'
const NODE = 'https://nodejs.org/dist'
const DOTNET = 'https://builds.dotnet.microsoft.com/dotnet'
const METADATA = `${DOTNET}/release-metadata`

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.server.close())
beforeEach(() => void upstream.asked())

describe('pypy', () => {
  const file = (platform: string, arch: string, filename: string) => ({
    filename,
    platform,
    arch,
    download_url: `${PYPY}/${filename}`,
  })
  const release = (python: string, implementation: string, stable = true, windows = 'win64 x64') => ({
    python_version: python,
    pypy_version: implementation,
    stable,
    latest_pypy: true,
    files: [
      file('linux', 'aarch64', `pypy${python}-${implementation}-aarch64.tar.bz2`),
      file('linux', 'i686', `pypy${python}-${implementation}-linux32.tar.bz2`),
      file('linux', 'x64', `pypy${python}-${implementation}-linux64.tar.bz2`),
      file('darwin', 'x64', `pypy${python}-${implementation}-macos_x86_64.tar.bz2`),
      file(
        windows.split(' ')[0] ?? '',
        windows.split(' ')[1] ?? '',
        `pypy${python}-${implementation}-win.zip`,
      ),
    ],
  })
  beforeAll(() =>
    upstream.serve(`${PYPY}/versions.json`, [
      release('3.11', 'nightly', false),
      release('3.10.16', '7.3.19'),
      release('3.10.14', '7.3.17'),
      release('3.9.19', '7.3.16'),
      release('3.9.19', '7.3.15'),
      release('3.6.9', '7.3.3', true, 'win32 x86'),
    ]),
  )
  const at = (python: string, implementation: string, end: string) =>
    `${python} ${PYPY}/pypy${python}-${implementation}-${end} index`

  gives(() => upstream, pypy, 'PyPy', [
    // `arch: x86` of toolsets for Windows is the name of a folder
    ['win32-x86', '3.10', {}, [at('3.10.16', '7.3.19', 'win.zip')]],
    ['win32-x64', '3.9', {}, [at('3.9.19', '7.3.16', 'win.zip')]],
    ['win32-x64', '3.6', {}, [at('3.6.9', '7.3.3', 'win.zip')]],
    ['win32-arm64', '3.10', {}, []],
    ['linux-x64', '3.10', {}, [at('3.10.16', '7.3.19', 'linux64.tar.bz2')]],
    ['linux-arm64', '3.10', {}, [at('3.10.16', '7.3.19', 'aarch64.tar.bz2')]],
    ['darwin-x64', '3.10', {}, [at('3.10.16', '7.3.19', 'macos_x86_64.tar.bz2')]],
    ['darwin-arm64', '3.10', {}, []],
    ['linux-x64', '3.1', {}, []],
    ['linux-x64', '3.11', {}, []],
    ['linux-x64', '3.9', { version: '3.9.19' }, [at('3.9.19', '7.3.16', 'linux64.tar.bz2')]],
    ['linux-x64', '3.9', { version: '3.9.19 [PyPy 7.3.15]' }, [at('3.9.19', '7.3.15', 'linux64.tar.bz2')]],
    ['linux-x64', '3.9', { version: '3.9.19 [PyPy 7.3.14]' }, []],
    ['linux-x64', '3.10', { version: '3.10' }, []],
  ])

  it('takes nightly builds where prereleases count', async () => {
    const query = queryFor('linux-x64', { tool: 'PyPy', spec: '3.11' })
    const [found] = await pypy.resolve(query, upstream.documents(), { prereleases: true })
    expect(found?.url).toBe(`${PYPY}/pypy3.11-nightly-linux64.tar.bz2`)
  })

  it('refuses an index that is another', async () => {
    const index = 'https://pypy.example/versions.json'
    upstream.serve(index, [{ python_version: '3.10.16', pypy_version: '7.3.19', files: [] }])
    const query = queryFor('linux-x64', { tool: 'PyPy', spec: '3.10', index })
    expect(await refusal(pypy.resolve(query, upstream.documents()))).toBe(
      `E_VERSION_INDEX ${index} $[0]: has no "stable"`,
    )
  })
})

describe('codeql', () => {
  beforeAll(() => upstream.serve(DEFAULTS, { bundleVersion: 'codeql-bundle-v2.23.1', cliVersion: '2.23.1' }))
  const at = (version: string) =>
    `${version} ${BUNDLES}/codeql-bundle-v${version}/codeql-bundle.tar.gz template`
  gives(() => upstream, codeql, 'CodeQL', [
    ['linux-x64', '*', { version: '2.22.4' }, [at('2.22.4')]],
    ['linux-x64', '*', {}, [at('2.23.1')]],
    ['win32-x64', '2.23.*', {}, [at('2.23.1')]],
    ['win32-x64', '2.22.*', {}, []],
    ['linux-x64', '*', { version: '2.22.4/../..' }, []],
  ])

  it('asks nobody for a version that is known', async () => {
    await codeql.resolve(
      queryFor('linux-x64', { tool: 'CodeQL', spec: '*', version: '2.22.4' }),
      upstream.documents(),
    )
    expect(upstream.asked()).toEqual([])
  })
})

describe('nodejs', () => {
  const ALL = [
    'linux-arm64',
    'linux-x64',
    'osx-arm64-tar',
    'osx-x64-tar',
    'win-x64-msi',
    'win-x64-zip',
    'win-x86-msi',
  ]
  beforeAll(() =>
    upstream.serve(`${NODE}/index.json`, [
      { version: 'v24.4.1', date: '2025-07-15', files: ['src'], lts: false },
      { version: 'v24.4.0', date: '2025-07-09', files: ALL, lts: false },
      { version: 'v22.17.1', date: '2025-07-15', files: [...ALL, 'win-arm64-msi'], lts: 'Jod' },
      { version: 'v2.5.0', date: '2015-08-04', files: ALL, lts: false },
    ]),
  )
  const at = (version: string, end: string, evidence = 'index') =>
    `${version} ${NODE}/v${version}/node-v${version}-${end} ${evidence}`
  gives(() => upstream, nodejs, 'node', [
    ['win32-x64', '22.*', {}, [at('22.17.1', 'x64.msi')]],
    ['win32-arm64', '*', {}, [at('22.17.1', 'arm64.msi')]],
    ['win32-x86', '24', {}, [at('24.4.0', 'x86.msi')]],
    ['linux-x64', '24', {}, [at('24.4.0', 'linux-x64.tar.gz')]],
    ['darwin-arm64', '22', {}, [at('22.17.1', 'darwin-arm64.tar.gz')]],
    ['linux-x86', '22', {}, []],
    ['win32-x64', '2', {}, [at('2.5.0', 'x64.msi')]],
    ['win32-x64', '21', {}, []],
    ['win32-x64', '22.*', { version: '22.17.0' }, [at('22.17.0', 'x64.msi', 'template')]],
    ['win32-x64', '20.19.4', {}, [at('20.19.4', 'x64.msi', 'template')]],
  ])
  describe('as archive', () => {
    gives(() => upstream, nodejsArchive, 'node', [
      ['win32-x64', '22.*', {}, [at('22.17.1', 'win-x64.zip')]],
      ['win32-x86', '22.*', {}, []],
      ['darwin-x64', 'v22', {}, [at('22.17.1', 'darwin-x64.tar.gz')]],
      ['win32-arm64', 'v22.17.1', {}, [at('22.17.1', 'win-arm64.zip', 'template')]],
    ])
  })

  it('refuses versions that do not begin with "v"', async () => {
    const index = 'https://node.example/index.json'
    upstream.serve(index, [{ version: '22.17.1', files: ALL }])
    const query = queryFor('linux-x64', { tool: 'node', spec: '22', index })
    expect(await refusal(nodejs.resolve(query, upstream.documents()))).toBe(
      `E_VERSION_INDEX ${index} $[0].version: does not begin with "v"`,
    )
  })
})

describe('dotnet', () => {
  const HASH = 'AB'.repeat(64)
  const url = (version: string, end: string) => `${DOTNET}/Sdk/${version}/dotnet-sdk-${version}-${end}`
  const sdk = (version: string, hash = HASH) => ({
    version,
    files: ['win-x64.exe', 'win-x64.zip', 'linux-x64.tar.gz', 'osx-arm64.pkg', 'osx-arm64.tar.gz'].map(
      (end) => ({
        name: `dotnet-sdk-${end}`,
        rid: end.replace(/\..*/, ''),
        url: url(version, end),
        hash,
      }),
    ),
  })
  const release = (version: string, ...sdks: readonly string[]) => ({
    'release-version': version,
    sdk: sdk(sdks[0] ?? ''),
    sdks: sdks.map((number) => sdk(number)),
  })
  beforeAll(() => {
    const channel = (version: string) => ({
      'channel-version': version,
      'releases.json': `${METADATA}/${version}/releases.json`,
    })
    upstream.serve(`${METADATA}/releases-index.json`, {
      'releases-index': ['10.0', '8.0', '7.0', '1.0'].map(channel),
    })
    upstream.serve(`${METADATA}/8.0/releases.json`, {
      releases: [
        release('8.0.18', '8.0.412', '8.0.315', '8.0.118'),
        release('8.0.17', '8.0.411', '8.0.314', '8.0.117'),
        release('8.0.6', '8.0.302', '8.0.301', '8.0.206', '8.0.106'),
        release('8.0.0-rc.2', '8.0.100-rc.2.23502.2'),
        release('8.1.0-preview.1', '8.0.500'),
      ],
    })
    upstream.serve(`${METADATA}/10.0/releases.json`, {
      releases: [release('10.0.0-preview.6', '10.0.100-preview.6.25358.103')],
    })
    upstream.serve(`${METADATA}/1.0/releases.json`, {
      releases: [{ 'release-version': '1.0.16', sdk: sdk('1.1.14', ''), sdks: null }],
    })
  })
  const at = (version: string, end: string, evidence = 'index') =>
    `${version} ${url(version, end)} ${evidence}`

  gives(() => upstream, dotnet, 'dotnet', [
    [
      'win32-x64',
      '8.0',
      {},
      ['8.0.412', '8.0.315', '8.0.206', '8.0.118'].map((version) => at(version, 'win-x64.zip')),
    ],
    ['linux-x64', '8.0.4xx', {}, [at('8.0.412', 'linux-x64.tar.gz')]],
    ['darwin-arm64', '8.0', { version: '8.0.314' }, [at('8.0.314', 'osx-arm64.tar.gz')]],
    ['darwin-arm64', '8.0.411', {}, [at('8.0.411', 'osx-arm64.tar.gz')]],
    ['linux-arm64', '8.0', { version: '8.0.314' }, []],
    // what the index does not know
    ['win32-x64', '8.0', { version: '8.0.413' }, [at('8.0.413', 'win-x64.zip', 'template')]],
    ['linux-x64', '9.0', { version: '9.0.303' }, [at('9.0.303', 'linux-x64.tar.gz', 'template')]],
    // the channel's own file is gone
    ['linux-x64', '7.0', { version: '7.0.410' }, [at('7.0.410', 'linux-x64.tar.gz', 'template')]],
    ['linux-x64', '7.0', {}, []],
    ['linux-x64', '9.0', {}, []],
    ['win32-x64', '10.0', {}, []],
    ['win32-x64', '8.0', { version: '8.0.x' }, []],
  ])
  describe('with prereleases', () => {
    const preview = '10.0.100-preview.6.25358.103'
    gives(() => upstream, dotnet, 'dotnet', [['win32-x64', '10.0', {}, [at(preview, 'win-x64.zip')]]], true)
  })

  it('passes digests on, where there are any', async () => {
    const exact = async (version: string) =>
      await dotnet.resolve(
        queryFor('win32-x64', { tool: 'dotnet', spec: '*', version }),
        upstream.documents(),
      )
    expect(await exact('8.0.412')).toEqual([
      {
        version: '8.0.412',
        url: url('8.0.412', 'win-x64.zip'),
        evidence: 'index',
        sha512: HASH.toLowerCase(),
        from: `${METADATA}/8.0/releases.json`,
      },
    ])
    expect(await exact('8.0.413')).toEqual([
      { version: '8.0.413', url: url('8.0.413', 'win-x64.zip'), evidence: 'template' },
    ])
  })

  it('asks each channel once', async () => {
    const documents = upstream.documents()
    for (const version of ['8.0.412', '8.0.315', '8.0.118'])
      await dotnet.resolve(queryFor('win32-x64', { tool: 'dotnet', spec: '8.0', version }), documents)
    expect(upstream.asked()).toEqual([`${METADATA}/releases-index.json`, `${METADATA}/8.0/releases.json`])
  })

  it('tells of an index that is down', async () => {
    const index = 'https://dotnet.example/index.json'
    const query = queryFor('win32-x64', { tool: 'dotnet', spec: '8.0', version: '8.0.412', index })
    expect(await refusal(dotnet.resolve(query, upstream.documents()))).toBe(`E_NOT_FOUND  ${index}: 404`)
  })
})
