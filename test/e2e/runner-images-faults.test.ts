import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HttpRoute, type HttpServer, leftOut, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BIN, missingProgram, runProgram } from './kit.ts'
import { buildToolWorld, type ToolWorld } from './tool-world.ts'

const NODE_MANIFEST = '/raw.githubusercontent.com/actions/node-versions/main/versions-manifest.json'

/** The files that a config goes by, as their JSON text; a case changes some. */
interface Files {
  readonly report: string
  readonly toolset: string
}

interface Case {
  readonly what: string
  /** Texts in place of the sound ones. */
  readonly files?: (sound: Files) => Partial<Files>
  /** What upstream answers for node's manifest. */
  readonly manifest?: HttpRoute
  /** Options in place of report and toolset. */
  readonly options?: string
  /** Of the command; default: none. */
  readonly args?: readonly string[]
  readonly exit: number
  /** `code item: message` of each error on stderr, in their order. */
  readonly says: readonly (string | RegExp)[]
  /** What is cached all the same, of the four tools that the toolset asks for. */
  readonly cached: readonly string[]
}

const ALL = ['go@1.23.11', 'go@1.24.5', 'node@20.19.4', 'node@22.17.1']
const GO = ALL.slice(0, 2)

const changed = (text: string, change: (document: never) => unknown) =>
  JSON.stringify(change(JSON.parse(text) as never))

interface Toolset {
  readonly toolcache: readonly { readonly versions: readonly string[] }[]
}

interface Header {
  readonly Children: readonly unknown[]
}

const withDotnet = (toolset: string) =>
  changed(toolset, (set: Toolset) => ({ ...set, dotnet: { versions: ['8.0'] } }))

const manifestWith = (download_url: string): HttpRoute => ({
  content: JSON.stringify([
    { version: '22.17.1', stable: true, files: [{ platform: 'linux', arch: 'x64', download_url }] },
  ]),
})

const FILES = ['20.19.3', '20.19.4', '22.17.1'].map(
  (version) =>
    `https://github.com/actions/node-versions/releases/download/${version}-1/node-${version}-linux-x64.tar.gz`,
)

/** An older list, which has no names but the tools'. */
const listOf = (rows: readonly (readonly [name: string, url: string | undefined])[]) =>
  JSON.stringify({
    metadata: {
      generatedAt: '2025-07-20T00:00:00Z',
      upstreamReport: { url: '', version: '', fetchedAt: '' },
      toolsetFiles: [],
    },
    sources: rows.map(([name, downloadUrl]) => ({
      ...{ name, downloadUrl, version: '1.0.0', platform: 'win32', arch: 'x64' },
      matchedFrom: { upstream: true, toolset: '' },
    })),
  })

const CASES: readonly Case[] = [
  {
    what: 'a toolset that ends in the middle',
    files: ({ toolset }) => ({ toolset: toolset.slice(0, 40) }),
    exit: 1,
    says: [/^E_TOOLSET toolset\.json: is no JSON: it ends in the middle, at line \d+, column \d+$/],
    cached: [],
  },
  {
    what: 'a toolset that was edited by hand',
    files: ({ toolset }) => ({ toolset: toolset.replace('"toolcache":', '"toolcache"') }),
    exit: 1,
    says: [/^E_TOOLSET toolset\.json: is no JSON: line 2, column \d+: "toolcache"/],
    cached: [],
  },
  {
    what: 'a toolset that is none',
    files: () => ({ toolset: '{"name": "left-pad"}' }),
    exit: 1,
    says: ['E_TOOLSET toolset.json: $: is no toolset: none of its keys is a section (name)'],
    cached: [],
  },
  {
    what: 'a toolset that is not there',
    options: "report: 'report.json', toolset: ['away.json', 'toolset.json']",
    exit: 1,
    says: ['E_TOOLSET away.json: cannot be read: ENOENT'],
    cached: ALL,
  },
  {
    what: 'a section that is not known',
    files: ({ toolset }) => ({ toolset: changed(toolset, (set: Toolset) => ({ ...set, fortran: {} })) }),
    exit: 1,
    says: ['E_TOOLSET toolset.json: $.fortran: is a section that is not known; nothing of it is looked for'],
    cached: ALL,
  },
  {
    what: 'a version that nothing fits',
    files: ({ toolset }) => ({
      toolset: changed(toolset, ({ toolcache: [node, ...rest] }: Toolset) => ({
        toolcache: [{ ...node, versions: ['99.*', '22.*'] }, ...rest],
      })),
    }),
    exit: 1,
    says: [
      'E_TOOLSET toolset.json: $.toolcache[0].versions[0]: node: versions-manifest has no 99.* for linux/x64',
    ],
    cached: [...GO, 'node@22.17.1'],
  },
  {
    what: 'a row of another shape',
    files: ({ toolset }) => ({
      toolset: changed(toolset, ({ toolcache: [node, ...rest] }: Toolset) => ({
        toolcache: [{ ...node, versions: [{ is: 'none' }, '22.*'] }, 7, ...rest],
      })),
    }),
    exit: 1,
    says: [
      'E_TOOLSET toolset.json: $.toolcache[0].versions[0]: is an object, not a text',
      'E_TOOLSET toolset.json: $.toolcache[1]: has no name',
    ],
    cached: [...GO, 'node@22.17.1'],
  },
  {
    what: 'a report that ends in the middle',
    files: ({ report }) => ({ report: report.slice(0, 300) }),
    exit: 1,
    says: [/^E_SOFTWARE_REPORT report\.json: is no JSON: it ends in the middle, at line \d+, column \d+$/],
    cached: ALL,
  },
  {
    what: 'a report that is none',
    files: () => ({ report: '{"packages": []}' }),
    exit: 1,
    says: [/^E_SOFTWARE_REPORT report\.json: is no software report/],
    cached: ALL,
  },
  {
    what: 'nodes and tables that are not known',
    files: ({ report }) => ({
      report: changed(report, (root: Header) => ({
        ...root,
        Children: [
          ...root.Children,
          { NodeType: 'PieChartNode', Title: 'Sizes' },
          { NodeType: 'TableNode', Headers: 'Moon|Phase', Rows: ['Luna|full'] },
        ],
      })),
    }),
    exit: 1,
    says: [
      /^E_SOFTWARE_REPORT report\.json: \$\.Children\[2\]/,
      /^E_SOFTWARE_REPORT report\.json: \$\.Children\[3\]/,
    ],
    cached: ALL,
  },
  {
    what: 'a manifest that is not there',
    manifest: { always: { status: 404 } },
    exit: 1,
    says: [/^E_NOT_FOUND toolset\.json: \$\.toolcache\[0\]\.versions\[0\]: .*node-versions.* answered 404/],
    cached: GO,
  },
  {
    what: 'a manifest that is a web page',
    manifest: { content: '<!doctype html><title>Sign in</title>' },
    exit: 1,
    says: [
      /^E_VERSION_INDEX toolset\.json: \$\.toolcache\[0\]\.versions\[0\]: https:\S+node-versions\S+: is no JSON: line 1, column 1/,
    ],
    cached: GO,
  },
  {
    what: 'a manifest of another shape',
    manifest: { content: '{"releases": []}' },
    exit: 1,
    says: [/^E_VERSION_INDEX toolset\.json: \$\.toolcache\[0\]\.versions\[0\]: https:\S+node-versions.*\$/],
    cached: GO,
  },
  ...['https://downloads.acme.dev/node-*.zip', 'file:///etc/passwd'].map(
    (url): Case => ({
      what: `a manifest that leads to ${url}`,
      manifest: manifestWith(url),
      exit: 1,
      says: [/^E_VERSION_INDEX toolset\.json: \$\.toolcache\[0\]\.versions\[\d\]: /],
      cached: GO,
    }),
  ),
  {
    what: 'a manifest that leads to a placeholder',
    manifest: manifestWith('https://example.com/node.zip'),
    exit: 1,
    says: [
      'E_TOOLSET toolset.json: $.toolcache[0].versions[0]: node: versions-manifest has no 20.* for linux/x64',
      'E_VERSION_INDEX toolset.json: $.toolcache[0].versions[1]: "https://example.com/node.zip" leads to a host that stands for any other',
    ],
    cached: GO,
  },
  {
    what: 'a manifest whose version would lead out of the store',
    manifest: {
      content: JSON.stringify([
        {
          version: '22.17.1/../../../../escaped',
          stable: true,
          files: [{ platform: 'linux', arch: 'x64', download_url: 'https://github.com/x/node.tar.gz' }],
        },
      ]),
    },
    exit: 1,
    says: [/^E_VERSION_INDEX toolset\.json: /],
    cached: GO,
  },
  {
    what: 'an index that is not there',
    files: ({ toolset }) => ({ toolset: withDotnet(toolset) }),
    exit: 1,
    says: [/^E_NOT_FOUND toolset\.json: \$\.dotnet\.versions\[0\]: .*releases-index\.json answered 404/],
    cached: ALL,
  },
  {
    what: 'nothing in sections that do not count',
    files: ({ toolset }) => ({ toolset: withDotnet(toolset) }),
    args: ['--only', 'toolcache'],
    exit: 0,
    says: [],
    cached: ALL,
  },
  {
    what: 'a source list of another shape',
    files: () => ({ toolset: '{"cache_sources": []}' }),
    options: "sources: 'toolset.json'",
    exit: 1,
    says: [/^E_SOURCE_LIST toolset\.json: \$/],
    cached: [],
  },
  {
    what: 'a source list with two files under one name and version',
    files: () => ({
      toolset: listOf([
        ['C++', FILES[0]],
        ['c++', FILES[1]],
        ['C++', FILES[2]],
        ['Visual C++', FILES[2]],
      ]),
    }),
    options: "sources: 'toolset.json'",
    exit: 1,
    says: [
      `E_SOURCE_LIST toolset.json: C++@1.0.0 win32/x64: ${FILES[2]} is not fetched: ${FILES[0]} is asked for under the same name and version`,
    ],
    cached: ['C++@1.0.0', 'Visual-C++@1.0.0', 'c++@1.0.0'],
  },
  {
    what: 'a source list beside a toolset',
    options: "sources: 'cache-sources.json', toolset: 'toolset.json'",
    exit: 2,
    says: [/^E_CONFIG: source-runner-images: `sources` stands in place of `report` and `toolset`$/],
    cached: [],
  },
]

const SUITE = 'e2e faults in software reports, toolsets and manifests'

describe.skipIf(leftOut(SUITE, missingProgram('bsdtar')))(SUITE, () => {
  let world: ToolWorld
  let upstream: HttpServer
  let sound: Files
  let dir: string

  beforeAll(async () => {
    world = await buildToolWorld()
    const [report = '', toolset = ''] = [world.reports[0], world.toolsets[0]]
    sound = { report: await readFile(report, 'utf8'), toolset: await readFile(toolset, 'utf8') }
  })
  afterAll(() => world?.remove())
  beforeEach(async () => {
    upstream = await startHttpServer({ root: world.dir })
    dir = await mkdtemp(join(tmpdir(), 'pkgcache-image-faults-'))
  })
  afterEach(async () => {
    await upstream.close()
    await rm(dir, { recursive: true, force: true })
  })

  async function run({
    files,
    manifest,
    args = [],
    options = "report: 'report.json', toolset: 'toolset.json'",
  }: Partial<Case>) {
    const { report, toolset } = { ...sound, ...files?.(sound) }
    await writeFile(join(dir, 'report.json'), report)
    await writeFile(join(dir, 'toolset.json'), toolset)
    if (manifest) upstream.route(NODE_MANIFEST, manifest)
    await writeFile(
      join(dir, 'pkgcache.config.ts'),
      `import runnerImages from '@pkgcache/source-runner-images'
       export default {
         store: './store',
         mirrors: { 'https://': ['${upstream.url}/'] },
         mirrorsOnly: true,
         plugins: [runnerImages({ ${options} })],
       }`,
    )
    const env = { PKGCACHE_HOME: join(dir, 'home') }
    const { code, stderr } = await runProgram(BIN, ['run', ...args], { cwd: dir, env })
    const errors = stderr.split('\n').flatMap((line) => /^error (.*)$/.exec(line)?.[1] ?? [])
    return { code, errors, cached: await cached() }
  }

  async function cached(): Promise<string[]> {
    const store = join(dir, 'store')
    await mkdir(store, { recursive: true })
    const files = await readdir(store, { recursive: true })
    return files
      .flatMap((file) => {
        const [, , name, version, archive] = file.split('/')
        return archive === undefined || file.startsWith('.') ? [] : [`${name}@${version}`]
      })
      .sort()
  }

  it('are none in the sound files', async () => {
    expect(await run({})).toEqual({ code: 0, errors: [], cached: ALL })
  })

  it.each(CASES)('$what', async (one) => {
    const { code, errors, cached } = await run(one)
    expect([code, cached]).toEqual([one.exit, one.cached])
    expect(errors).toHaveLength(one.says.length)
    for (const [index, said] of one.says.entries()) {
      if (typeof said === 'string') expect(errors[index]).toBe(said)
      else expect(errors[index]).toMatch(said)
    }
  })
})
