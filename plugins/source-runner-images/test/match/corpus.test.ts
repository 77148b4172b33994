import { leftOut } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { urlFault } from '../../src/match/url.ts'
import { buildSourceList } from '../../src/sources/build.ts'
import type { SourceRow } from '../../src/sources/types.ts'
import { corpusMissing, corpusPath, serveCorpus } from '../corpus.ts'
import { startUpstream, type Upstream } from '../upstream.ts'

const ACTIONS = 'https://github.com/actions'
const RUBY_INSTALLER = 'https://github.com/oneclick/rubyinstaller2/releases/download'
const RUBY_BUILDER = 'https://github.com/ruby/ruby-builder/releases/download/toolcache'
const PYPY = 'https://downloads.python.org/pypy'

interface Image {
  readonly name: string
  readonly date: '2025-07-20' | '2025-09-29'
  readonly report: string
  readonly toolset: string
  /** Of section `toolcache`: `tool requested → version platform/arch evidence URL`. */
  readonly toolcache: readonly string[]
  /** Of each section: `section status evidence count`. */
  readonly sections: readonly string[]
}

const IMAGES: readonly Image[] = [
  {
    name: 'Windows 2025',
    date: '2025-07-20',
    report: 'reports/windows-2025_20250720.1.0.json',
    toolset: 'toolsets/2025-07-20/windows/toolset-2025.json',
    toolcache: [
      `Ruby 3.1 → 3.1.7 win32/x64 index ${RUBY_INSTALLER}/RubyInstaller-3.1.7-1/rubyinstaller-3.1.7-1-x64.7z`,
      `Ruby 3.2 → 3.2.8 win32/x64 index ${RUBY_INSTALLER}/RubyInstaller-3.2.8-1/rubyinstaller-3.2.8-1-x64.7z`,
      `Ruby 3.3 → 3.3.8 win32/x64 index ${RUBY_INSTALLER}/RubyInstaller-3.3.8-1/rubyinstaller-3.3.8-1-x64.7z`,
      ...[
        ['3.9.*', '3.9.13', '11183687820'],
        ['3.10.*', '3.10.11', '11114431484'],
        ['3.11.*', '3.11.9', '9947079978'],
        ['3.12.*', '3.12.10', '14343898437'],
        ['3.13.*', '3.13.5', '15601068749'],
      ].map(([spec, version, build]) => built('Python', spec, version, build, 'win32-x64.zip')),
      `PyPy 3.9 → 3.9.19 win64/x86 index ${PYPY}/pypy3.9-v7.3.16-win64.zip`,
      `PyPy 3.10 → 3.10.16 win64/x86 index ${PYPY}/pypy3.10-v7.3.19-win64.zip`,
      ...[
        ['18.*', '18.20.8', '14110393767'],
        ['20.*', '20.19.4', '16309772647'],
        ['22.*', '22.17.1', '16309770702'],
      ].map(([spec, version, build]) => built('node', spec, version, build, 'win32-x64.7z')),
      ...[
        ['1.22.*', '1.22.12', '13149489080'],
        ['1.23.*', '1.23.11', '16210591255'],
        ['1.24.*', '1.24.5', '16210585985'],
      ].map(([spec, version, build]) => built('go', spec, version, build, 'win32-x64.zip')),
    ],
    sections: [
      'toolcache matched index 5',
      'toolcache.default matched index 1',
      'toolcache matched manifest 11',
      'toolcache.default matched manifest 2',
      'powershellModules matched template 10',
      'azureModules matched template 1',
      'java.versions matched template 4',
      'android matched toolset 1',
      'visualStudio matched floating 78',
      'docker.components matched template 2',
      'selenium matched template 1',
      'serviceFabric matched toolset 1',
      'serviceFabric not-in-report toolset 1',
      'dotnet.versions matched index 7',
      'choco matched template 4',
      'node.default matched template 1',
      'maven matched template 1',
      'mysql matched template 1',
      'mongodb matched template 1',
      'llvm matched template 1',
      'kotlin matched template 1',
      'openssl matched template 1',
      'pwsh matched template 1',
      'android matched package-manager 11',
      'mingw matched floating 1',
      'windowsFeatures not-downloadable - 10',
      'vsix matched floating 5',
      'pipx matched package-manager 1',
      'npm matched package-manager 2',
      'npm not-in-report package-manager 3',
      'dotnet.tools matched package-manager 1',
      'choco matched package-manager 11',
      'php matched package-manager 1',
      'postgresql matched floating 1',
    ],
  },
  {
    name: 'Ubuntu 24.04',
    date: '2025-09-29',
    report: 'reports/ubuntu-24.04_20250929.60.1.json',
    toolset: 'toolsets/2025-09-29/ubuntu/toolset-2404.json',
    toolcache: [
      ...[
        ['3.9.*', '3.9.23', '15433290661'],
        ['3.10.*', '3.10.18', '15433209320'],
        ['3.11.*', '3.11.13', '15433298024'],
        ['3.12.*', '3.12.11', '15433310049'],
        ['3.13.*', '3.13.7', '16980743123'],
      ].map(([spec, version, build]) => built('Python', spec, version, build, 'linux-24.04-x64.tar.gz')),
      `PyPy 3.9 → 3.9.19 linux/x64 index ${PYPY}/pypy3.9-v7.3.16-linux64.tar.bz2`,
      `PyPy 3.10 → 3.10.16 linux/x64 index ${PYPY}/pypy3.10-v7.3.19-linux64.tar.bz2`,
      `PyPy 3.11 → 3.11.13 linux/x64 index ${PYPY}/pypy3.11-v7.3.20-linux64.tar.bz2`,
      ...[
        ['18.*', '18.20.8', '14110393767'],
        ['20.*', '20.19.5', '17451167955'],
        ['22.*', '22.20.0', '17993202319'],
      ].map(([spec, version, build]) => built('node', spec, version, build, 'linux-x64.tar.gz')),
      ...[
        ['1.22.*', '1.22.12', '13149489080'],
        ['1.23.*', '1.23.12', '16792118003'],
        ['1.24.*', '1.24.7', '17451178159'],
      ].map(([spec, version, build]) => built('go', spec, version, build, 'linux-x64.tar.gz')),
      ...['3.2.9', '3.3.9', '3.4.6'].map(
        (version) =>
          `Ruby ${version.slice(0, 3)}.* → ${version} linux/x64 index ${RUBY_BUILDER}/ruby-${version}-ubuntu-24.04.tar.gz`,
      ),
      'CodeQL * → 2.23.1 linux/x64 template https://github.com/github/codeql-action/releases/download/codeql-bundle-v2.23.1/codeql-bundle.tar.gz',
    ],
    sections: [
      'toolcache matched manifest 11',
      'toolcache matched index 6',
      'toolcache.default not-in-report manifest 1',
      'toolcache matched template 1',
      'java.versions matched template 5',
      'java.maven matched template 1',
      'android matched toolset 1',
      'powershellModules matched template 3',
      'azureModules matched template 1',
      'docker.plugins matched template 2',
      'dotnet.versions matched template 5',
      'dotnet.versions matched index 2',
      'selenium matched template 1',
      'node.default matched template 1',
      'pwsh matched template 1',
      'android matched package-manager 9',
      'apt matched package-manager 72',
      'docker.components not-in-report package-manager 1',
      'docker.components matched package-manager 2',
      'pipx matched package-manager 2',
      'dotnet.tools matched package-manager 1',
      'clang matched package-manager 3',
      'gcc matched package-manager 3',
      'gfortran matched package-manager 3',
      'php matched package-manager 1',
      'rubygems matched package-manager 1',
      'node_modules not-in-report package-manager 5',
      'node_modules matched package-manager 5',
      'postgresql matched package-manager 1',
    ],
  },
]

/** A row of a tool that actions build: `-win32-x64.zip` goes with win32/x64. */
function built(tool: string, spec = '', version = '', build = '', end = ''): string {
  const [platform = ''] = end.split('-')
  const name = tool.toLowerCase()
  const url = `${ACTIONS}/${name}-versions/releases/download/${version}-${build}/${name}-${version}-${end}`
  return `${tool} ${spec} → ${version} ${platform}/x64 manifest ${url}`
}

const shown = ({ tool, requested, version, platform, arch, urlEvidence, downloadUrl }: SourceRow) =>
  `${tool} ${requested} → ${version} ${platform}/${arch} ${urlEvidence} ${downloadUrl}`

/** `section status evidence count`, in the order in which they come. */
function tally(rows: readonly SourceRow[]): string[] {
  const counts = new Map<string, number>()
  for (const { section, status, urlEvidence = '-' } of rows) {
    const kind = `${section} ${status} ${urlEvidence}`
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].map(([kind, count]) => `${kind} ${count}`)
}

const SUITE = 'the toolsets of the corpus matched with its reports'

describe.skipIf(leftOut(SUITE, corpusMissing))(SUITE, () => {
  let upstream: Upstream
  beforeAll(async () => {
    upstream = await startUpstream()
  })
  afterAll(() => upstream.server.close())

  it.each(IMAGES)('$name', async ({ date, report, toolset, toolcache, sections }) => {
    serveCorpus(upstream, date)
    const documents = upstream.documents()
    const input = { report: corpusPath(report), toolsets: [corpusPath(toolset)], documents }
    const { list, faults } = await buildSourceList(input)
    expect(faults).toEqual([])
    const rows = [...list.sources, ...list.unresolved].filter(({ status }) => status !== 'report-only')
    const cached = rows.filter(({ section }) => section === 'toolcache')
    expect(cached.map(shown)).toEqual(toolcache)
    expect(new Set(cached.map(({ status }) => status))).toEqual(new Set(['matched']))
    expect(list.sources.filter(({ downloadUrl = '' }) => urlFault(downloadUrl) !== undefined)).toEqual([])
    expect(tally(rows)).toEqual(sections)
  })
})
