import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cli } from '../src/cli.ts'
import { recorder } from './kit.ts'

const INDEX = 'https://raw.githubusercontent.com/actions/python-versions/main/versions-manifest.json'
const url = (version: string) => `https://files.internal/python-${version}-win32-x64.zip`
const manifest = (...versions: string[]) =>
  JSON.stringify(
    versions.map((version) => ({
      version,
      stable: true,
      release_url: 'https://files.internal/',
      files: [{ filename: 'python.zip', arch: 'x64', platform: 'win32', download_url: url(version) }],
    })),
  )
const report = (...versions: string[]) => ({
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
              Versions: versions,
              MajorVersionRegex: '^\\d+',
              ListType: 'List',
            },
            { NodeType: 'ToolVersionNode', ToolName: 'Frob', Version: '1.0' },
          ],
        },
      ],
    },
  ],
})
const TOOLSET = {
  toolcache: [{ name: 'Python', url: INDEX, platform: 'win32', arch: 'x64', versions: ['3.12.*', '3.13.*'] }],
}

function faultsOf(schema: string, document: unknown) {
  const text = readFileSync(new URL(`../../schemas/${schema}.json`, import.meta.url), 'utf8')
  const validate = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(JSON.parse(text))
  validate(document)
  return validate.errors
}

describe('source lists on the command line', () => {
  let server: HttpServer
  let dir: string
  beforeAll(async () => {
    server = await startHttpServer()
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pkgcache-lists-'))
    server.route(INDEX.replace('https:/', ''), { content: manifest('3.13.5', '3.12.10', '3.12.9') })
    const config = { store: './store', mirrors: { 'https://': [`${server.url}/`] }, mirrorsOnly: true }
    await put('pkgcache.config.json', config)
    await put('report.json', report('3.12.9', '3.13.5'))
    await put('toolset.json', TOOLSET)
    return () => rm(dir, { recursive: true, force: true })
  })

  const put = (name: string, value: unknown) => writeFile(join(dir, name), JSON.stringify(value))
  const list = async () => JSON.parse(await readFile(join(dir, 'cache-sources.json'), 'utf8'))
  async function call(line: string) {
    const { written, stdout, stderr } = recorder()
    const signal = new AbortController().signal
    const code = await cli(line.split(' '), { stdout, stderr, env: {}, cwd: dir, version: '1.2.3', signal })
    return { code, out: written.stdout.replaceAll(dir, '.'), err: written.stderr.replaceAll(dir, '.') }
  }
  const BUILD = 'sources build --report report.json --toolset toolset.json'
  const UPDATE = 'sources update --sources cache-sources.json --report report.json --toolset toolset.json'
  const CHECK = 'sources check --sources cache-sources.json'

  it('build tells rows by status and evidence, and why some have no URL', async () => {
    expect(await call(BUILD)).toEqual({
      code: 0,
      err: '',
      out: [
        'Rows by status',
        '  2  matched',
        '  1  report-only',
        '',
        'URLs by evidence',
        '  2  manifest',
        '',
        'Without a URL',
        '  1  no toolset asks for it: Cached Tools Frob 1.0 win32/x64',
        '',
        '3 rows: 2 with a URL, 1 without. Wrote ./cache-sources.json',
        '',
      ].join('\n'),
    })
    expect((await list()).sources.map((row: { downloadUrl: string }) => row.downloadUrl)).toEqual([
      url('3.12.9'),
      url('3.13.5'),
    ])
  })

  it('build --json is of its schema; a fault makes exit code 1, and the list is written', async () => {
    const { code, out } = await call(`${BUILD} --toolset gone.json --json`)
    const document = JSON.parse(out)
    expect(faultsOf('cli-sources-build', document)).toBeNull()
    expect([code, document.exit_code, document.file]).toEqual([1, 1, './cache-sources.json'])
    expect(
      document.faults.map(({ code: what, item }: { code: string; item: string }) => [what, item]),
    ).toEqual([['E_TOOLSET', 'gone.json']])
    expect([document.by_status, document.by_evidence, document.toolsets]).toEqual([
      { matched: 2, 'report-only': 1 },
      { manifest: 2 },
      ['toolset.json'],
    ])
    expect((await list()).sources).toHaveLength(2)
  })

  it('build of a report that is none writes nothing', async () => {
    await writeFile(join(dir, 'report.json'), '{"NodeType"')
    const { code, err } = await call(BUILD)
    expect([code, err]).toEqual([
      1,
      'error E_SOFTWARE_REPORT report.json: is no JSON: it ends in the middle, at line 1, column 12\n  hint: fetch it again\n',
    ])
    await expect(list()).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it.each([
    ['sources build --toolset toolset.json', '--report'],
    ['sources build --report report.json', '--toolset'],
    ['sources update --report report.json --toolset toolset.json', '--sources'],
    ['sources check', '--sources'],
  ])('%s: %s is asked for', async (line, option) => {
    const { code, err } = await call(line)
    expect([code, err.split('\n')[0]]).toEqual([2, expect.stringContaining(`'${option} <place>'`)])
  })

  it('update says what changed, and leaves the file alone where nothing did', async () => {
    await call(BUILD)
    expect((await call(UPDATE)).out).toBe(
      '0 added, 0 removed, 0 changed, 0 kept, 3 rows as before\nLeft as it is: ./cache-sources.json\n',
    )
    const before = await list()
    before.sources[1].downloadUrl = 'https://mirror.internal/python.zip'
    await put('cache-sources.json', before)
    await put('report.json', report('3.12.10', '3.13.5'))
    expect(await call(UPDATE)).toEqual({
      code: 0,
      err: '',
      out: [
        `changed  toolcache Python 3.12.* win32/x64: 3.12.9  ${url('3.12.9')} → 3.12.10  ${url('3.12.10')}`,
        `kept     toolcache Python 3.13.* win32/x64: edited by hand (downloadUrl): 3.13.5  https://mirror.internal/python.zip; the build has 3.13.5  ${url('3.13.5')}`,
        '0 added, 0 removed, 1 changed, 1 kept, 2 rows as before',
        'Wrote ./cache-sources.json',
        '',
      ].join('\n'),
    })
    expect((await list()).sources.map((row: { downloadUrl: string }) => row.downloadUrl)).toEqual([
      url('3.12.10'),
      'https://mirror.internal/python.zip',
    ])
  })

  it('update --json is of its schema', async () => {
    await call(BUILD)
    const before = await list()
    const [first, second] = before.sources
    const mine = { ...second, name: 'mine', tool: 'mine', generated: undefined }
    const other = { ...second, downloadUrl: 'https://mirror.internal/python.zip' }
    await put('cache-sources.json', { ...before, sources: [first, other, mine], unresolved: [] })
    await put('report.json', report('3.12.10', '3.13.5'))
    const { code, out } = await call(`${UPDATE} --output other.json --json`)
    const document = JSON.parse(out)
    expect(faultsOf('cli-sources-update', document)).toBeNull()
    const { added, removed, changed, kept, same } = document
    expect([code, document.file, document.written]).toEqual([0, './other.json', true])
    expect([added.length, removed.length, changed.length, same]).toEqual([1, 0, 1, 2])
    expect(
      kept.map((one: { because: string; fields: string[]; offered: { version: string } | null }) => [
        one.because,
        one.fields,
        one.offered?.version ?? null,
      ]),
    ).toEqual([
      ['edited-by-hand', ['downloadUrl'], '3.13.5'],
      ['added-by-hand', [], null],
    ])
  })

  it('update of a list at a URL needs --output', async () => {
    const { code, err } = await call(UPDATE.replace('cache-sources.json', `${server.url}/list.json`))
    expect([code, err]).toEqual([
      2,
      'error E_USAGE: a list at a URL cannot be written\n  hint: name a file with --output\n',
    ])
  })

  it('check tells what is wrong with each entry, and what it should be', async () => {
    await call(BUILD)
    expect(await call(CHECK)).toMatchObject({ code: 0, err: '' })
    const before = await list()
    before.sources[0].downloadUrl = 'https://www.python.org/ftp/python/3.12.*/python-3.12.*-amd64.exe'
    await put('cache-sources.json', before)
    expect(await call(CHECK)).toEqual({
      code: 1,
      err: '',
      out: [
        'ENTRY                              VERDICT  SHOULD BE',
        `toolcache Python 3.12.* win32/x64  wrong    3.12.9  ${url('3.12.9')}`,
        '  url-is-pattern: its URL holds *: no file has such a name',
        '  no-such-url: no file of Python has such a name; one of its own: https://www.python.org/ftp/python/3.12.10/python-3.12.10-amd64.exe',
        '  installer: its URL is that of an installer; the tool cache is filled from an archive',
        'toolcache Python 3.13.* win32/x64  ok       as it is',
        '',
        '2 entries: 1 wrong, 1 ok',
        '',
      ].join('\n'),
    })
  })

  it('check --json is of its schema', async () => {
    await call(BUILD)
    const before = await list()
    before.sources[0].version = '3.12.*'
    before.sources.push({ ...before.sources[1], section: 'java.versions' })
    await put('cache-sources.json', before)
    const { code, out } = await call(`${CHECK} --report report.json --json`)
    const document = JSON.parse(out)
    expect(faultsOf('cli-sources-check', document)).toBeNull()
    const { ok, wrong, unknown, entries } = document
    expect([code, ok, wrong, unknown]).toEqual([1, 1, 1, 1])
    expect(entries[0]).toMatchObject({
      path: '$.sources[0]',
      verdict: 'wrong',
      findings: [{ finding: 'version-is-pattern', message: '3.12.* is what is asked for, no version' }],
      should_be: { version: '3.12.9', download_url: url('3.12.9'), url_evidence: 'manifest' },
      reason: null,
    })
    expect(entries[2]).toMatchObject({ verdict: 'unknown', should_be: null })
  })

  it('needs no config, where nothing has to be asked for at another place', async () => {
    await rm(join(dir, 'pkgcache.config.json'))
    await put('toolset.json', { windowsFeatures: [{ name: 'Containers' }] })
    const { code, out } = await call(`${BUILD} --store ./store`)
    expect([code, out.includes('1  not-downloadable')]).toEqual([0, true])
  })

  it('text of a list never steers the terminal', async () => {
    await call(BUILD)
    const before = await list()
    before.sources[0].tool = 'a\u001b[31m\nb'
    await put('cache-sources.json', before)
    const { out } = await call(CHECK)
    expect(out.includes('\u001b')).toBe(false)
    expect(out).toContain('toolcache a\\u001b[31m b 3.12.* win32/x64')
  })
})
