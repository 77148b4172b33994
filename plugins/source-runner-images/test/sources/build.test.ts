import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PkgcacheError } from '@pkgcache/core'
import { leftOut } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BuildInput, buildSourceList } from '../../src/sources/build.ts'
import { traced } from '../../src/sources/trace.ts'
import { formatSourceList, writeSourceList } from '../../src/sources/write.ts'
import { corpusMissing, corpusPath, serveCorpus } from '../corpus.ts'
import { startUpstream, type Upstream } from '../upstream.ts'
import { listOf } from './kit.ts'

const REPORT = {
  NodeType: 'HeaderNode',
  Title: 'Windows Server 2025',
  Children: [
    { NodeType: 'ToolVersionNode', ToolName: 'Image Version:', Version: '20250720.1.0' },
    {
      NodeType: 'HeaderNode',
      Title: 'Installed Software',
      Children: [
        {
          NodeType: 'HeaderNode',
          Title: 'Cached Tools',
          Children: [
            {
              NodeType: 'ToolVersionsListNode',
              ToolName: 'Python',
              Versions: ['3.12.9'],
              MajorVersionRegex: '^\\d+',
              ListType: 'List',
            },
          ],
        },
      ],
    },
  ],
}
const INDEX = 'https://raw.githubusercontent.com/actions/python-versions/main/versions-manifest.json'
const file = (version: string, url = `https://files.internal/python-${version}.zip`) => ({
  version,
  stable: true,
  release_url: 'https://files.internal/',
  files: [{ filename: 'python.zip', arch: 'x64', platform: 'win32', download_url: url }],
})
const toolset = (...versions: string[]) => ({
  toolcache: [{ name: 'Python', url: INDEX, platform: 'win32', arch: 'x64', versions }],
})

describe('sources build', () => {
  let upstream: Upstream
  let dir: string
  beforeAll(async () => {
    upstream = await startUpstream()
    const served = {
      'https://lists.internal/report.json': REPORT,
      'https://lists.internal/no-report.json': { NodeType: 'HeaderNode' },
      'https://lists.internal/broken.json': '{"NodeType":',
      'https://lists.internal/toolset.json': toolset('3.12.*', '3.13.*'),
      [INDEX]: [file('3.13.5', 'https://files.example/python-3.13.5.zip'), file('3.12.10'), file('3.12.9')],
    }
    for (const [url, content] of Object.entries(served)) upstream.serve(url, content)
    dir = await mkdtemp(join(tmpdir(), 'pkgcache-build-'))
    await writeFile(join(dir, 'other.json'), JSON.stringify(toolset('3.12.10')))
    await writeFile(join(dir, 'broken.json'), '{"toolcache": [}')
  })
  afterAll(async () => {
    await upstream.server.close()
    await rm(dir, { recursive: true, force: true })
  })

  const build = (input: Partial<BuildInput> = {}) =>
    buildSourceList({
      report: 'https://lists.internal/report.json',
      toolsets: ['https://lists.internal/toolset.json'],
      documents: upstream.documents(dir),
      generatedAt: new Date('2025-07-21T00:00:00Z'),
      ...input,
    })
  const told = (faults: readonly PkgcacheError[]) =>
    faults.map(({ code, item, message }) => `${code} ${item} ${message}`)
  const refusal = async (input: Partial<BuildInput>) => {
    const error: unknown = await build(input).catch((thrown: unknown) => thrown)
    return error instanceof PkgcacheError ? [...told([error]), ...error.faults] : [`gave ${error}`]
  }

  it('takes a toolset that is named twice once', async () => {
    const once = await build()
    const [place = ''] = once.list.metadata.toolsetFiles.map(({ path }) => path)
    expect(await build({ toolsets: [place, place] })).toEqual(once)
  })

  it('lists each row with its URL and a trace, and a URL that is none as a fault', async () => {
    const { list, faults, unread } = await build()
    const place = 'https://lists.internal/toolset.json'
    const common = { section: 'toolcache', name: 'Python', tool: 'Python', platform: 'win32', arch: 'x64' }
    expect(list).toEqual({
      metadata: {
        generatedAt: '2025-07-21T00:00:00.000Z',
        upstreamReport: {
          url: 'https://lists.internal/report.json',
          version: '20250720.1.0',
          fetchedAt: '2025-07-20T00:00:00.000Z',
        },
        toolsetFiles: [{ path: place, lastModified: '2025-07-20T00:00:00.000Z' }],
      },
      sources: [
        traced({
          ...common,
          requested: '3.12.*',
          status: 'matched',
          reportName: 'Python',
          version: '3.12.9',
          downloadUrl: 'https://files.internal/python-3.12.9.zip',
          urlEvidence: 'manifest',
          matchedFrom: { upstream: true, toolset: place, path: '$.toolcache[0].versions[0]' },
        }),
      ],
      unresolved: [
        traced({
          ...common,
          requested: '3.13.*',
          status: 'version-mismatch',
          reportName: 'Python',
          version: '3.12.9',
          reason: 'x',
          matchedFrom: { upstream: false, toolset: place, path: '$.toolcache[0].versions[1]' },
        }),
      ].map((row) => ({
        ...row,
        version: expect.any(String),
        reason: expect.stringContaining('its URL leads to a host that stands for any other'),
        generated: expect.any(String),
      })),
    })
    expect(told(faults)).toEqual([
      `E_VERSION_INDEX ${place} $.toolcache[0].versions[1]: "https://files.example/python-3.13.5.zip" leads to a host that stands for any other`,
    ])
    expect(unread).toEqual([])
    expect(formatSourceList(list)).not.toMatch(/https?:[^"]*[*{]|\.example\//)
  })

  it('is the same text each time', async () => {
    const [one, other] = [await build(), await build()]
    expect(formatSourceList(one.list)).toBe(formatSourceList(other.list))
  })

  it('leaves out a broken toolset, and names it', async () => {
    const { list, faults, unread } = await build({ toolsets: ['broken.json', 'other.json', 'gone.json'] })
    expect(list.sources.map(({ requested, version }) => [requested, version])).toEqual([
      ['3.12.10', '3.12.10'],
    ])
    expect(list.metadata.toolsetFiles.map(({ path }) => path)).toEqual(['other.json'])
    expect(told(faults)).toEqual([
      'E_TOOLSET broken.json is no JSON: line 1, column 16: {"toolcache": [}',
      'E_TOOLSET gone.json cannot be read: ENOENT',
    ])
    expect(unread).toEqual(['broken.json', 'gone.json'])
  })

  it.each([
    [
      'a report that is none',
      { report: 'https://lists.internal/broken.json' },
      [
        'E_SOFTWARE_REPORT https://lists.internal/broken.json is no JSON: it ends in the middle, at line 1, column 13',
      ],
    ],
    [
      'a report that is not there',
      { report: 'https://lists.internal/gone.json' },
      ['E_NOT_FOUND https://lists.internal/gone.json https://lists.internal/gone.json: 404'],
    ],
    [
      'toolsets that are all broken',
      { toolsets: ['gone.json', 'broken.json'] },
      [
        'E_TOOLSET gone.json cannot be read: ENOENT (and 1 more)',
        'broken.json: is no JSON: line 1, column 16: {"toolcache": [}',
      ],
    ],
  ])('is refused for %s', async (_, input, expected) => {
    expect(await refusal(input)).toEqual(expected)
  })
})

describe('a list on disk', () => {
  it('is indented, ends with a line break, and leaves nothing else there', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pkgcache-write-'))
    try {
      const list = { metadata: listOf([]).metadata, sources: [], unresolved: [] }
      await writeSourceList(join(dir, 'list.json'), list)
      await writeSourceList(join(dir, 'list.json'), list)
      expect(await readFile(join(dir, 'list.json'), 'utf8')).toBe(`${JSON.stringify(list, undefined, 2)}\n`)
      expect(await readdir(dir)).toEqual(['list.json'])
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })

  it('that cannot be written is told with its path', async () => {
    const list = { metadata: listOf([]).metadata, sources: [], unresolved: [] }
    await expect(writeSourceList('/nonexistent/list.json', list)).rejects.toMatchObject({
      code: 'E_SOURCE_LIST',
      item: '/nonexistent/list.json',
      message: 'cannot be written: ENOENT',
    })
  })
})

describe.skipIf(leftOut('a source list of Windows 2025', corpusMissing))(
  'a source list of Windows 2025',
  () => {
    it('has every row of the tool cache, and no URL that stands for several or for none', async () => {
      const upstream = await startUpstream()
      serveCorpus(upstream, '2025-07-20')
      try {
        const { list } = await buildSourceList({
          report: corpusPath('reports/windows-2025_20250720.1.0.json'),
          toolsets: [corpusPath('toolsets/2025-07-20/windows/toolset-2025.json')],
          documents: upstream.documents(),
        })
        const cached = list.sources.filter(({ section }) => section === 'toolcache')
        expect(cached.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 'matched'))
        const urls = formatSourceList(list).match(/(?<="downloadUrl": ")[^"]*/g) ?? []
        expect(urls.length).toBeGreaterThan(16)
        expect(urls.filter((url) => /[*{}\s]|\bexample\b|\.invalid/.test(url))).toEqual([])
      } finally {
        await upstream.server.close()
      }
    })
  },
)
