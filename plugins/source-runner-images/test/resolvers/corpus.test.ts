import { leftOut } from '@pkgcache/core/testing'
import {
  codeql,
  dotnet,
  pypy,
  type Resolver,
  rubyBuilder,
  rubyInstaller,
  type ToolQuery,
  template,
  versionsManifest,
} from '@pkgcache/source-runner-images/resolvers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpusMissing, corpusText, serveCorpus, toolCacheQueries } from '../corpus.ts'
import { startUpstream, type Upstream } from '../upstream.ts'
import { queryFor } from './support.ts'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.server.close())

function resolverOf({ tool, platform }: ToolQuery): Resolver {
  const ruby = platform === 'win32' ? rubyInstaller : rubyBuilder
  return { PyPy: pypy, Ruby: ruby, CodeQL: codeql }[tool] ?? versionsManifest
}

async function urlsOf(queries: readonly ToolQuery[]): Promise<string[]> {
  const documents = upstream.documents()
  const found = queries.map(async (query) => {
    const [download] = await resolverOf(query).resolve(query, documents)
    return `${query.tool} ${query.spec} ${query.arch} ${download?.url ?? '-'}`
  })
  return await Promise.all(found)
}

const ACTIONS = 'https://github.com/actions'
const PYPY = 'https://downloads.python.org/pypy'
const INSTALLER = 'https://github.com/oneclick/rubyinstaller2/releases/download'
const BUILDER = 'https://github.com/ruby/ruby-builder/releases/download/toolcache'

function built(tool: string, tag: string, end: string): string {
  return `${ACTIONS}/${tool}-versions/releases/download/${tag}/${tool}-${tag.replace(/-.*/, '')}-${end}`
}

const WINDOWS_2025 = [
  `Ruby 3.1 x64 ${INSTALLER}/RubyInstaller-3.1.7-1/rubyinstaller-3.1.7-1-x64.7z`,
  `Ruby 3.2 x64 ${INSTALLER}/RubyInstaller-3.2.8-1/rubyinstaller-3.2.8-1-x64.7z`,
  `Ruby 3.3 x64 ${INSTALLER}/RubyInstaller-3.3.8-1/rubyinstaller-3.3.8-1-x64.7z`,
  `Python 3.9.* x64 ${built('python', '3.9.13-11183687820', 'win32-x64.zip')}`,
  `Python 3.10.* x64 ${built('python', '3.10.11-11114431484', 'win32-x64.zip')}`,
  `Python 3.11.* x64 ${built('python', '3.11.9-9947079978', 'win32-x64.zip')}`,
  `Python 3.12.* x64 ${built('python', '3.12.10-14343898437', 'win32-x64.zip')}`,
  `Python 3.13.* x64 ${built('python', '3.13.5-15601068749', 'win32-x64.zip')}`,
  `PyPy 3.9 x86 ${PYPY}/pypy3.9-v7.3.16-win64.zip`,
  `PyPy 3.10 x86 ${PYPY}/pypy3.10-v7.3.19-win64.zip`,
  `node 18.* x64 ${built('node', '18.20.8-14110393767', 'win32-x64.7z')}`,
  `node 20.* x64 ${built('node', '20.19.4-16309772647', 'win32-x64.7z')}`,
  `node 22.* x64 ${built('node', '22.17.1-16309770702', 'win32-x64.7z')}`,
  `go 1.22.* x64 ${built('go', '1.22.12-13149489080', 'win32-x64.zip')}`,
  `go 1.23.* x64 ${built('go', '1.23.11-16210591255', 'win32-x64.zip')}`,
  `go 1.24.* x64 ${built('go', '1.24.5-16210585985', 'win32-x64.zip')}`,
]

const UBUNTU_2404 = [
  `Python 3.9.* x64 ${built('python', '3.9.23-15433290661', 'linux-24.04-x64.tar.gz')}`,
  `Python 3.10.* x64 ${built('python', '3.10.18-15433209320', 'linux-24.04-x64.tar.gz')}`,
  `Python 3.11.* x64 ${built('python', '3.11.13-15433298024', 'linux-24.04-x64.tar.gz')}`,
  `Python 3.12.* x64 ${built('python', '3.12.11-15433310049', 'linux-24.04-x64.tar.gz')}`,
  `Python 3.13.* x64 ${built('python', '3.13.7-16980743123', 'linux-24.04-x64.tar.gz')}`,
  `PyPy 3.9 x64 ${PYPY}/pypy3.9-v7.3.16-linux64.tar.bz2`,
  `PyPy 3.10 x64 ${PYPY}/pypy3.10-v7.3.19-linux64.tar.bz2`,
  `PyPy 3.11 x64 ${PYPY}/pypy3.11-v7.3.20-linux64.tar.bz2`,
  `node 18.* x64 ${built('node', '18.20.8-14110393767', 'linux-x64.tar.gz')}`,
  `node 20.* x64 ${built('node', '20.19.5-17451167955', 'linux-x64.tar.gz')}`,
  `node 22.* x64 ${built('node', '22.20.0-17993202319', 'linux-x64.tar.gz')}`,
  `go 1.22.* x64 ${built('go', '1.22.12-13149489080', 'linux-x64.tar.gz')}`,
  `go 1.23.* x64 ${built('go', '1.23.12-16792118003', 'linux-x64.tar.gz')}`,
  `go 1.24.* x64 ${built('go', '1.24.7-17451178159', 'linux-x64.tar.gz')}`,
  `Ruby 3.2.* x64 ${BUILDER}/ruby-3.2.9-ubuntu-24.04.tar.gz`,
  `Ruby 3.3.* x64 ${BUILDER}/ruby-3.3.9-ubuntu-24.04.tar.gz`,
  `Ruby 3.4.* x64 ${BUILDER}/ruby-3.4.6-ubuntu-24.04.tar.gz`,
  `CodeQL * x64 https://github.com/github/codeql-action/releases/download/codeql-bundle-v2.23.1/codeql-bundle.tar.gz`,
]

/** The toolsets beside those two, and how many files each asks for. */
const OTHERS = [
  ['windows/toolset-2019', 25],
  ['windows/toolset-2022', 24],
  ['ubuntu/toolset-2204', 18],
  ['ubuntu/toolset-2404', 15],
  ['macos/toolset-13', 34],
  ['macos/toolset-14', 28],
  ['macos/toolset-15', 28],
] as const

describe.skipIf(leftOut('resolvers on real indexes', corpusMissing))('on real indexes', () => {
  it('gives every row of toolset-2025 the file that the image has', async () => {
    serveCorpus(upstream, '2025-07-20')
    expect(await urlsOf(toolCacheQueries('2025-07-20/windows/toolset-2025'))).toEqual(WINDOWS_2025)
  })

  it('gives every row of toolset-2404 the file that the image has', async () => {
    serveCorpus(upstream, '2025-09-29')
    const queries = toolCacheQueries('2025-09-29/ubuntu/toolset-2404').map((query) =>
      query.tool === 'CodeQL' ? { ...query, version: '2.23.1' } : query,
    )
    expect(await urlsOf(queries)).toEqual(UBUNTU_2404)
  })

  it.each(OTHERS)('gives every row of %s a file that an index lists', async (toolset, count) => {
    serveCorpus(upstream, '2025-07-20')
    const queries = toolCacheQueries(`2025-07-20/${toolset}`).filter(({ tool }) => tool !== 'CodeQL')
    expect(queries).toHaveLength(count)
    const urls = (await urlsOf(queries)).map((line) => line.replace(/^.* /, ''))
    const listed = [
      ...['python', 'node', 'go'].map((tool) => `manifests/${tool}-versions-manifest_2025-07-20.json`),
      'indexes/pypy-versions_2025-07-20.json',
      'indexes/ruby-windows-versions_2025-07-20.json',
    ].map(corpusText)
    const rubies =
      /^https:\/\/github\.com\/ruby\/ruby-builder\/releases\/download\/toolcache\/ruby-3\.\d\.\d+-(?:ubuntu-2[24]\.04|macos-latest|macos-13-arm64)\.tar\.gz$/
    expect(
      urls.filter((url) => !rubies.test(url) && !listed.some((text) => text.includes(`"${url}"`))),
    ).toEqual([])
  })

  it('gives the SDKs that the image of July lists, each with its digest', async () => {
    serveCorpus(upstream, '2025-07-20')
    const documents = upstream.documents()
    const sdks = async (spec: string) =>
      (await dotnet.resolve(queryFor('win32-x64', { tool: 'dotnet', spec }), documents)).map(
        ({ version, sha512 }) => `${version} ${sha512?.length}`,
      )
    expect(await sdks('8.0')).toEqual(['8.0.412 128', '8.0.315 128', '8.0.206 128', '8.0.118 128'])
    expect(await sdks('9.0')).toEqual(['9.0.303 128', '9.0.205 128', '9.0.108 128'])
    const query = queryFor('linux-x64', { tool: 'dotnet', spec: '8.0', version: '8.0.412' })
    expect(await dotnet.resolve(query, documents)).toEqual([
      {
        version: '8.0.412',
        url: 'https://builds.dotnet.microsoft.com/dotnet/Sdk/8.0.412/dotnet-sdk-8.0.412-linux-x64.tar.gz',
        evidence: 'index',
        sha512:
          '48062e12222224845cb3f922d991c78c064a1dd056e4b1c892b606e24a27c1f5413dc42221cdcf4225dcb61e3ee025d2a77159006687009130335ac515f59304',
        from: 'https://builds.dotnet.microsoft.com/dotnet/release-metadata/8.0/releases.json',
      },
    ])
  })

  it('has a template of PyPy that agrees with its index', async () => {
    const releases = JSON.parse(corpusText('indexes/pypy-versions_2025-07-20.json')) as Release[]
    const finals = releases.filter(({ stable, pypy_version }) => stable && /^7\.3\.\d+$/.test(pypy_version))
    const wrong: string[] = []
    for (const [machine, platform, arch] of PYPY_MACHINES) {
      for (const { python_version, pypy_version, files } of finals) {
        const version = `${python_version.replace(/\.\d+$/, '')}-v${pypy_version}`
        const listed = files.find((file) => file.platform === platform && file.arch === arch)?.download_url
        const query = queryFor(machine, { tool: 'PyPy', spec: version })
        const [found] = await template('PyPy').resolve(query, upstream.documents())
        if (listed !== undefined && found?.url !== listed) wrong.push(`${listed} is not ${found?.url}`)
      }
    }
    expect(wrong).toEqual([])
    expect(finals.length).toBeGreaterThan(50)
  })

  it('has a template of RubyInstaller that agrees with the index', async () => {
    const index = JSON.parse(corpusText('indexes/ruby-windows-versions_2025-07-20.json')) as Record<
      string,
      Record<string, string>
    >
    const wrong: string[] = []
    let seen = 0
    for (const [machine, arch] of [
      ['win32-x64', 'x64'],
      ['win32-arm64', 'arm64'],
    ] as const) {
      for (const listed of Object.values(index).flatMap((urls) => urls[arch] ?? [])) {
        const version = /\/RubyInstaller-(\d+\.\d+\.\d+-\d+)\//.exec(listed)?.[1]
        if (version === undefined) continue
        const [found] = await template('Ruby').resolve(
          queryFor(machine, { tool: 'Ruby', spec: version }),
          upstream.documents(),
        )
        seen += 1
        if (found?.url !== listed) wrong.push(`${listed} is not ${found?.url}`)
      }
    }
    expect(wrong).toEqual([])
    expect(seen).toBeGreaterThan(40)
  })
})

interface Release {
  readonly python_version: string
  readonly pypy_version: string
  readonly stable: boolean
  readonly files: readonly {
    readonly platform: string
    readonly arch: string
    readonly download_url: string
  }[]
}

const PYPY_MACHINES = [
  ['win32-x64', 'win64', 'x64'],
  ['win32-x64', 'win32', 'x86'],
  ['linux-x64', 'linux', 'x64'],
  ['linux-x86', 'linux', 'i686'],
  ['linux-arm64', 'linux', 'aarch64'],
  ['darwin-x64', 'darwin', 'x64'],
  ['darwin-arm64', 'darwin', 'arm64'],
] as const
