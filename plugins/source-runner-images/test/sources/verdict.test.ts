import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leftOut } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSourceList } from '../../src/sources/read.ts'
import { type CheckInput, checkSourceList, type EntryVerdict } from '../../src/sources/verdict.ts'
import { corpusMissing, corpusPath, corpusText, serveCorpus } from '../corpus.ts'
import { startUpstream, type Upstream } from '../upstream.ts'
import { document, listOf, olderRow } from './kit.ts'

async function check(upstream: Upstream, list: unknown, input: Omit<CheckInput, 'documents'> = {}) {
  const read = readSourceList(document(list))
  return checkSourceList(read, { ...input, documents: upstream.documents() })
}

function codes({ findings }: EntryVerdict): string {
  return findings.map(({ code }) => code).join(' ')
}

const RUBY = 'https://github.com/oneclick/rubyinstaller2/releases/download'
const PYTHON = 'https://github.com/actions/python-versions/releases/download'
const NODE = 'https://github.com/actions/node-versions/releases/download'
const GO = 'https://github.com/actions/go-versions/releases/download'
const PYPY = 'https://downloads.python.org/pypy'

const GUESSED = 'sha256-unknown size-unknown'
const ruby = (tied: string) =>
  `no-such-url url-without-version version-is-pattern ${tied}installer ${GUESSED}`
const star = (said = '') => `url-is-pattern no-such-url version-is-pattern ${said}installer ${GUESSED}`
const pypy = (said: string) => `no-such-url url-without-version version-is-pattern ${said}${GUESSED}`
const TIED = 'tied-to-other-version '

/** Every entry of the older system's example: what is wrong with it, and what it should be. */
const EXAMPLE: readonly (readonly [entry: string, findings: string, version: string, url: string])[] = [
  ['Ruby 3.1 x64', ruby(TIED), '3.1.7', `${RUBY}/RubyInstaller-3.1.7-1/rubyinstaller-3.1.7-1-x64.7z`],
  ['Ruby 3.2 x64', ruby(TIED), '3.2.8', `${RUBY}/RubyInstaller-3.2.8-1/rubyinstaller-3.2.8-1-x64.7z`],
  ['Ruby 3.3 x64', ruby(''), '3.3.8', `${RUBY}/RubyInstaller-3.3.8-1/rubyinstaller-3.3.8-1-x64.7z`],
  ['Python 3.9.* x64', star(), '3.9.13', `${PYTHON}/3.9.13-11183687820/python-3.9.13-win32-x64.zip`],
  ['Python 3.10.* x64', star(TIED), '3.10.11', `${PYTHON}/3.10.11-11114431484/python-3.10.11-win32-x64.zip`],
  ['Python 3.11.* x64', star(TIED), '3.11.9', `${PYTHON}/3.11.9-9947079978/python-3.11.9-win32-x64.zip`],
  ['Python 3.12.* x64', star(TIED), '3.12.10', `${PYTHON}/3.12.10-14343898437/python-3.12.10-win32-x64.zip`],
  ['Python 3.13.* x64', star(TIED), '3.13.5', `${PYTHON}/3.13.5-15601068749/python-3.13.5-win32-x64.zip`],
  [
    'Python 3.9.* x86',
    star('other-arch '),
    '3.9.13',
    `${PYTHON}/3.9.13-11183687820/python-3.9.13-win32-x86.zip`,
  ],
  [
    'Python 3.10.* x86',
    star(`${TIED}other-arch `),
    '3.10.11',
    `${PYTHON}/3.10.11-11114431484/python-3.10.11-win32-x86.zip`,
  ],
  [
    'Python 3.11.* x86',
    star(`${TIED}other-arch `),
    '3.11.9',
    `${PYTHON}/3.11.9-9947079978/python-3.11.9-win32-x86.zip`,
  ],
  [
    'Python 3.12.* x86',
    star(`${TIED}other-arch `),
    '3.12.10',
    `${PYTHON}/3.12.10-14343898437/python-3.12.10-win32-x86.zip`,
  ],
  [
    'Python 3.13.* x86',
    star(`${TIED}other-arch `),
    '3.13.5',
    `${PYTHON}/3.13.5-15601068749/python-3.13.5-win32-x86.zip`,
  ],
  ['PyPy 2.7 x86', pypy(`${TIED}not-in-report `), '2.7.18', `${PYPY}/pypy2.7-v7.3.20-win64.zip`],
  ['PyPy 3.7 x86', pypy(`${TIED}not-in-report `), '3.7.13', `${PYPY}/pypy3.7-v7.3.9-win64.zip`],
  ['PyPy 3.8 x86', pypy(`${TIED}not-in-report `), '3.8.16', `${PYPY}/pypy3.8-v7.3.11-win64.zip`],
  ['PyPy 3.9 x86', pypy(''), '3.9.19', `${PYPY}/pypy3.9-v7.3.16-win64.zip`],
  ['PyPy 3.10 x86', pypy(TIED), '3.10.16', `${PYPY}/pypy3.10-v7.3.19-win64.zip`],
  ['node 18.* x64', star(TIED), '18.20.8', `${NODE}/18.20.8-14110393767/node-18.20.8-win32-x64.7z`],
  ['node 20.* x64', star(TIED), '20.19.4', `${NODE}/20.19.4-16309772647/node-20.19.4-win32-x64.7z`],
  ['node 22.* x64', star(), '22.17.1', `${NODE}/22.17.1-16309770702/node-22.17.1-win32-x64.7z`],
  ['go 1.22.* x64', star(TIED), '1.22.12', `${GO}/1.22.12-13149489080/go-1.22.12-win32-x64.zip`],
  ['go 1.23.* x64', star(TIED), '1.23.11', `${GO}/1.23.11-16210591255/go-1.23.11-win32-x64.zip`],
  ['go 1.24.* x64', star(), '1.24.5', `${GO}/1.24.5-16210585985/go-1.24.5-win32-x64.zip`],
]

const skipped = leftOut('verdicts on the older example', corpusMissing)

describe.skipIf(skipped)('the older example', () => {
  let upstream: Upstream
  beforeAll(async () => {
    upstream = await startUpstream()
    serveCorpus(upstream, '2025-07-20')
  })
  afterAll(() => upstream?.server.close())

  const report = corpusPath('reports/windows-2025_20250720.1.0.json')
  const toolsets = [corpusPath('toolsets/2025-07-20/windows/toolset-2022.json')]
  const shown = (entries: readonly EntryVerdict[]) =>
    entries.map((entry) => [
      `${entry.row.name} ${entry.row.version} ${entry.row.arch}`,
      codes(entry),
      entry.shouldBe?.version,
      entry.shouldBe?.downloadUrl,
    ])

  it.each([
    ['its toolset and report', { report, toolsets }],
    ['the report alone', { report }],
  ])('gets a verdict on each of its 24 entries by %s', async (_, input) => {
    const { entries } = await check(
      upstream,
      JSON.parse(corpusText('seed/example-cache-sources.json')),
      input,
    )
    expect(shown(entries)).toEqual(EXAMPLE)
    expect(entries.every(({ verdict }) => verdict === 'wrong')).toBe(true)
  })

  it('gets the same without a report, but for what only that can tell', async () => {
    const { entries, faults } = await check(
      upstream,
      JSON.parse(corpusText('seed/example-cache-sources.json')),
    )
    expect(shown(entries)).toEqual(
      EXAMPLE.map(([entry, said, ...rest]) => [entry, said.replace('not-in-report ', ''), ...rest]),
    )
    expect(faults).toEqual([])
  })
})

const MANIFEST = 'https://raw.githubusercontent.com/actions/python-versions/main/versions-manifest.json'
const release = (version: string, arches: readonly string[]) => ({
  version,
  stable: true,
  release_url: 'https://files.internal/',
  files: arches.map((arch) => ({
    filename: `python-${version}-win32-${arch}.zip`,
    arch,
    platform: 'win32',
    download_url: `https://files.internal/${version}/python-${version}-win32-${arch}.zip`,
  })),
})
const onUbuntu = 'https://files.internal/3.12.11/python-3.12.11-linux-24.04-x64.tar.gz'
const UBUNTU = {
  ...release('3.12.11', []),
  files: [
    {
      filename: 'python.tar.gz',
      arch: 'x64',
      platform: 'linux',
      platform_version: '24.04',
      download_url: onUbuntu,
    },
  ],
}
const own = (version: string) => `https://files.internal/${version}/python-${version}-win32-x64.zip`
const row = (fields: Record<string, unknown>) =>
  olderRow({ version: '3.12.10', downloadUrl: own('3.12.10'), sha256: undefined, size: undefined, ...fields })

describe('entries', () => {
  let upstream: Upstream
  let dir: string
  beforeAll(async () => {
    upstream = await startUpstream()
    upstream.serve(MANIFEST, [release('3.12.10', ['x64', 'x86']), release('3.12.9', ['x64']), UBUNTU])
    dir = await mkdtemp(join(tmpdir(), 'pkgcache-verdict-'))
    await writeFile(
      join(dir, 'toolset.json'),
      JSON.stringify({
        toolcache: [{ name: 'Python', platform: 'win32', arch: 'x64', versions: ['3.12.*'] }],
      }),
    )
  })
  afterAll(async () => {
    await upstream.server.close()
    await rm(dir, { recursive: true, force: true })
  })

  const MIRROR = 'https://mirror.internal/python-3.12.10-win32-x64.zip'
  it.each([
    ['as it should be', {}, 'ok', '', own('3.12.10')],
    [
      'an older version that is there',
      { version: '3.12.9', downloadUrl: own('3.12.9') },
      'ok',
      '',
      own('3.12.9'),
    ],
    [
      'a version that is not',
      { version: '3.12.8', downloadUrl: own('3.12.8') },
      'wrong',
      'no-such-version',
      undefined,
    ],
    [
      'what is asked for with it',
      { version: '3.12.8', requested: '3.12.*', downloadUrl: own('3.12.8') },
      'wrong',
      'no-such-version',
      own('3.12.10'),
    ],
    ['a copy elsewhere', { downloadUrl: MIRROR }, 'ok', 'copy', own('3.12.10')],
    [
      'another file',
      { downloadUrl: 'https://mirror.internal/python.zip' },
      'wrong',
      'url-without-version other-url',
      own('3.12.10'),
    ],
    ['a file of another version', { downloadUrl: own('3.12.9') }, 'wrong', 'other-url', own('3.12.10')],
    [
      'another platform',
      { downloadUrl: own('3.12.10').replace('win32', 'linux') },
      'wrong',
      'other-platform other-url',
      own('3.12.10'),
    ],
    [
      'another arch',
      { downloadUrl: own('3.12.10').replace('x64', 'arm64') },
      'wrong',
      'other-arch other-url',
      own('3.12.10'),
    ],
    [
      'an installer',
      { downloadUrl: 'https://www.python.org/ftp/python/3.12.10/python-3.12.10-amd64.exe' },
      'wrong',
      'installer other-url',
      own('3.12.10'),
    ],
    [
      'the wrong project by a part of its name',
      { name: 'mongodb', version: '7.0.22', downloadUrl: 'https://go.dev/dl/go1.24.5.windows-amd64.zip' },
      'wrong',
      'part-of-name',
      undefined,
    ],
    [
      'a placeholder',
      { downloadUrl: 'https://example.com/downloads/Python-3.12.10.zip' },
      'wrong',
      'placeholder-url other-url',
      own('3.12.10'),
    ],
    [
      'unknown by its own words',
      { sha256: 'unknown', size: 0 },
      'ok',
      'sha256-unknown size-unknown',
      own('3.12.10'),
    ],
    [
      'a build for one release of Linux',
      { version: '3.12.11', platform: 'linux', downloadUrl: onUbuntu },
      'ok',
      '',
      onUbuntu,
    ],
    [
      'a Linux whose release only the toolset tells',
      {
        version: '3.12.*',
        platform: 'linux',
        downloadUrl: 'https://files.internal/python-3.12.11.tgz',
        matchedFrom: { upstream: false, toolset: 'C:\\sets\\toolset-2404.json' },
      },
      'wrong',
      'version-is-pattern',
      onUbuntu,
    ],
    [
      'a Linux whose release nothing tells',
      { version: '3.12.11', platform: 'linux', downloadUrl: 'https://files.internal/python-3.12.11.tgz' },
      'unknown',
      '',
      undefined,
    ],
    [
      'a package of a package manager',
      {
        section: 'choco',
        name: '7zip.install',
        version: '24.09',
        downloadUrl: 'https://www.7-zip.org/a/7z2409-x64.exe',
      },
      'unknown',
      '',
      undefined,
    ],
    [
      'a row of another section',
      { section: 'java.versions', downloadUrl: 'https://files.internal/17.zip' },
      'unknown',
      '',
      undefined,
    ],
  ])('%s', async (_, fields, verdict, said, url) => {
    const { entries, faults } = await check(upstream, listOf([JSON.parse(JSON.stringify(row(fields)))]))
    expect(entries.map((entry) => [entry.verdict, codes(entry), entry.shouldBe?.downloadUrl])).toEqual([
      [verdict, said, url],
    ])
    expect(faults).toEqual([])
  })

  it('a version that fits is left alone where no report says which is meant', async () => {
    const list = listOf([row({ requested: '3.12.*', version: '3.12.9', downloadUrl: own('3.12.9') })])
    const { entries } = await check(upstream, JSON.parse(JSON.stringify(list)), {
      toolsets: [join(dir, 'toolset.json')],
    })
    expect(entries.map((entry) => [entry.verdict, entry.shouldBe?.version])).toEqual([['ok', '3.12.9']])
  })

  it('of an index that is down are not known, which is told once', async () => {
    const other = await startUpstream()
    try {
      const list = listOf([row({}), row({ version: '3.12.9', downloadUrl: own('3.12.9') })])
      const { entries, faults } = await check(other, JSON.parse(JSON.stringify(list)))
      expect(entries.map(({ verdict, shouldBe, reason }) => [verdict, shouldBe, reason])).toEqual([
        ['unknown', undefined, `versions-manifest could not be asked: ${MANIFEST}: 404`],
        ['unknown', undefined, `versions-manifest could not be asked: ${MANIFEST}: 404`],
      ])
      expect(faults.map(({ code, message }) => `${code} ${message}`)).toEqual([
        `E_NOT_FOUND ${MANIFEST}: 404`,
      ])
    } finally {
      await other.server.close()
    }
  })

  it('a toolset that cannot be read is told, and the entries are checked by themselves', async () => {
    const list = JSON.parse(JSON.stringify(listOf([row({})])))
    const { entries, faults } = await check(upstream, list, { toolsets: ['/nonexistent/t.json'] })
    expect(entries.map(({ verdict }) => verdict)).toEqual(['ok'])
    expect(faults.map(({ code, item, message }) => `${code} ${item} ${message}`)).toEqual([
      'E_TOOLSET /nonexistent/t.json cannot be read: ENOENT',
    ])
  })
})
