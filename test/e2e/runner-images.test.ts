import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { type HttpServer, leftOut, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BIN, missingProgram, type Ran, REPOSITORY, runProgram, schemaFaults } from './kit.ts'
import { buildToolWorld, type ToolWorld } from './tool-world.ts'

const CONFIG = (world: ToolWorld, url: string, options: string) => `
import { defineConfig } from '@pkgcache/core'
import runnerImages from '@pkgcache/source-runner-images'

export default defineConfig({
  store: './store',
  mirrors: { 'https://': [${JSON.stringify(url)}] },
  mirrorsOnly: true,
  plugins: [
    runnerImages({
      report: ${JSON.stringify(world.reports)},
      toolset: ${JSON.stringify(world.toolsets)},
      ${options}
    }),
  ],
})
`

/** What `actions/setup-*` do, by their own library. */
const FIND = `
import { find } from '@actions/tool-cache'
for (const [tool, version] of [['node', '20.x'], ['node', '22.17.1'], ['go', '^1.24.0']])
  console.log('found ' + find(tool, version, 'x64'))
`

interface Row {
  readonly section: string
  readonly tool: string
  readonly requested: string
  readonly platform: string
  readonly status: string
  readonly state: string
  readonly version?: string
  readonly code?: string
  readonly reason?: string
}

const shown = ({ section, tool, requested, platform, status, version, state }: Row) =>
  `${section} ${tool} ${requested} ${platform}: ${status} ${version ?? '-'} ${state}`

const COVERED = [
  'toolcache go 1.23.* linux: matched 1.23.11 cached',
  'toolcache go 1.23.* win32: matched 1.23.11 cached',
  'toolcache go 1.24.* linux: matched 1.24.5 cached',
  'toolcache go 1.24.* win32: matched 1.24.5 cached',
  'toolcache node 20.* linux: matched 20.19.4 cached',
  'toolcache node 20.* win32: matched 20.19.4 cached',
  'toolcache node 22.* linux: matched 22.17.1 cached',
  'toolcache node 22.* win32: matched 22.17.1 cached',
]
const FEATURE = 'windowsFeatures Containers * win32: not-downloadable - not-downloadable'

const WINDOWS_FILES = [
  'go-1.23.11-win32-x64.zip',
  'go-1.24.5-win32-x64.zip',
  'node-20.19.4-win32-x64.zip',
  'node-22.17.1-win32-x64.zip',
]

const SUITE = 'e2e a tool cache from software reports and toolsets'

describe.skipIf(leftOut(SUITE, missingProgram('bsdtar')))(SUITE, () => {
  let world: ToolWorld
  let upstream: HttpServer
  let dir: string

  beforeAll(async () => {
    world = await buildToolWorld()
    upstream = await startHttpServer({ root: world.dir })
    dir = await mkdtemp(join(tmpdir(), 'pkgcache-images-'))
    const options = "toolCache: './tools/{platform}',"
    await writeFile(join(dir, 'pkgcache.config.ts'), CONFIG(world, `${upstream.url}/`, options))
  })
  afterAll(async () => {
    await upstream?.close()
    await world?.remove()
    await rm(dir, { recursive: true, force: true })
  })

  const pkgcache = (...args: string[]): Promise<Ran> =>
    runProgram(BIN, args, { cwd: dir, env: { PKGCACHE_HOME: join(dir, 'home') } })

  async function report(): Promise<{
    readonly toolset: { readonly percent: number; readonly rows: readonly Row[] }
  }> {
    const { stdout } = await pkgcache('report', '--format', 'json')
    const document = JSON.parse(stdout)
    expect(schemaFaults('report', document)).toEqual([])
    return document
  }

  it('is filled: everything that both toolsets ask for', async () => {
    const { code, stderr } = await pkgcache('run')
    const { toolset } = await report()
    expect([code, stderr, toolset.percent, toolset.rows.map(shown)]).toEqual([
      0,
      '',
      100,
      [...COVERED, FEATURE],
    ])
    const files = (await readdir(join(dir, 'store'), { recursive: true })).filter((file) =>
      /x64\.(zip|tar\.gz)$/.test(file),
    )
    expect(files.sort()).toEqual(
      ['linux', 'win32'].flatMap((platform) =>
        ['go/1.23.11', 'go/1.24.5', 'node/20.19.4', 'node/22.17.1'].map((tool) => {
          const [name = '', version = ''] = tool.split('/')
          return `${platform}/x64/${tool}/${world.archive(name, version, platform).split('/').at(-1)}`
        }),
      ),
    )
  })

  it('is not asked for again: manifests by their ETag only, archives not at all', async () => {
    const before = upstream.requests.length
    const { code } = await pkgcache('run')
    const asked = upstream.requests
      .slice(before)
      .map(({ method, path, status }) => `${method} ${path} ${status}`)
    const manifest = (tool: string) =>
      `GET /raw.githubusercontent.com/actions/${tool}-versions/main/versions-manifest.json 304`
    expect([code, asked.sort()]).toEqual([0, [manifest('go'), manifest('node')]])
  })

  it('tells what is missing and why when upstream has lost a file, and `compare` shows it', async () => {
    const older = join(dir, 'older.json')
    await writeFile(older, (await pkgcache('report', '--format', 'json')).stdout)
    await rm(join(dir, 'store'), { recursive: true })
    const archive = join(world.dir, world.archive('go', '1.24.5', 'win32'))
    await rename(archive, `${archive}.away`)
    const { code } = await pkgcache('run')
    await rename(`${archive}.away`, archive)
    const { toolset } = await report()
    const missing = toolset.rows.filter(({ state }) => state === 'missing')
    expect([code, toolset.percent, missing.map((row) => [shown(row), row.code])]).toEqual([
      1,
      87.5,
      [['toolcache go 1.24.* win32: matched 1.24.5 missing', 'E_NOT_FOUND']],
    ])
    expect(missing[0]?.reason).toContain('go-1.24.5-win32-x64.zip answered 404 Not Found')
    const newer = join(dir, 'newer.json')
    await writeFile(newer, (await pkgcache('report', '--format', 'json')).stdout)
    const text = await pkgcache('compare', older, newer)
    expect([text.code, text.stdout.includes('100'), text.stdout.includes('87.5')]).toEqual([0, true, true])
    const compared = await pkgcache('compare', older, newer, '--format', 'json')
    expect(schemaFaults('comparison', JSON.parse(compared.stdout))).toEqual([])
  })

  it('is where the setup actions look', async () => {
    await rm(join(dir, 'tools'), { recursive: true, force: true })
    const { code, stderr } = await pkgcache('run', '--only', 'toolcache')
    expect([code, stderr]).toEqual([0, ''])
    const found = await Promise.all(
      ['linux', 'win32'].map(async (platform) => {
        const cache = join(dir, 'tools', platform)
        const env = { RUNNER_TOOL_CACHE: cache, RUNNER_TEMP: join(dir, 'temp') }
        const finding = await runProgram(process.execPath, ['--input-type=module', '-e', FIND], {
          cwd: REPOSITORY,
          env,
        })
        // it tells of its search between
        return finding.stdout.split('\n').flatMap((line) => {
          const path = /^found (.+)$/.exec(line)?.[1]
          return path === undefined ? [] : [relative(cache, path)]
        })
      }),
    )
    const each = ['node/20.19.4/x64', 'node/22.17.1/x64', 'go/1.24.5/x64']
    expect(found).toEqual([each, each])
    const program = await runProgram(join(dir, 'tools/linux/node/22.17.1/x64/bin/node'), [])
    expect(program.stdout).toBe('22.17.1\n')
    expect(await readdir(join(dir, 'tools/linux/node/22.17.1/x64'))).toEqual(['bin'])
  })

  it('goes by a source list in place of report and toolsets', async () => {
    const built = await pkgcache(
      ...['sources', 'build', '--report', world.reports[1] ?? '', '--toolset', world.toolsets[1] ?? ''],
      ...['--output', 'cache-sources.json'],
    )
    expect([built.code, built.stderr]).toEqual([0, ''])
    const list = JSON.parse(await readFile(join(dir, 'cache-sources.json'), 'utf8'))
    expect(schemaFaults('source-list', list)).toEqual([])
    const config = join(dir, 'list.config.ts')
    const given = `report: ${JSON.stringify(world.reports)},\n      toolset: ${JSON.stringify(world.toolsets)},`
    const text = CONFIG(world, `${upstream.url}/`, '').replace(given, "sources: 'cache-sources.json',")
    await writeFile(config, text.replace("'./store'", "'./list-store'"))
    const before = upstream.requests.length
    const { code } = await pkgcache('run', '--config', config)
    const asked = upstream.requests.slice(before).map(({ path }) => path.split('/').at(-1))
    expect([code, asked.sort()]).toEqual([0, WINDOWS_FILES])
  })

  it('is locked, and filled from the lock file while upstream is away', async () => {
    const locked = await pkgcache('lock')
    expect([locked.code, locked.stderr]).toEqual([0, ''])
    const frozen = await pkgcache('run', '--frozen')
    expect([frozen.code, (await report()).toolset.percent]).toEqual([0, 100])
  })

  it('is filled from source list and lock file alone, in an empty store', async () => {
    const config = join(dir, 'list.config.ts')
    expect((await pkgcache('lock', '--config', config)).code).toBe(0)
    await rm(join(dir, 'list-store'), { recursive: true })
    const before = upstream.requests.length
    const { code, stderr } = await pkgcache('run', '--frozen', '--config', config)
    const asked = upstream.requests.slice(before).map(({ path }) => path.split('/').at(-1))
    expect([code, stderr, asked.sort()]).toEqual([0, '', WINDOWS_FILES])
  })
})
