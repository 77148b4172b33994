import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startHttpServer } from '@pkgcache/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cli } from '../src/cli.ts'
import { recorder } from './kit.ts'

const tool = (ToolName: string, Version: string) => ({ NodeType: 'ToolVersionNode', ToolName, Version })
const header = (Title: string, ...Children: unknown[]) => ({ NodeType: 'HeaderNode', Title, Children })
const report = (version: string, git: string, ...more: unknown[]) =>
  header(
    'Ubuntu 24.04',
    tool('Image Version:', version),
    header('Installed Software', header('Tools', tool('Git', git), ...more)),
  )

const ESC = '\u001b[31m'
const OLD = report('20250101.1', '2.50.0 (from source)')
const NEW = report('20250201.1', '2.51.0', tool('jq', '1.7'))
const BROKEN = report('20250301.1', `2.51.0 ${ESC}`, { NodeType: 'ChartNode' })
const FAULT =
  'error E_SOFTWARE_REPORT broken.json: $.Children[1].Children[0].Children[1]: there is no node type "ChartNode"\n' +
  '  hint: HeaderNode, ToolVersionNode, ToolVersionsListNode, TableNode and NoteNode are known\n'

const PAGE = [
  '# Ubuntu 24.04',
  '- Image Version: 20250201.1',
  '',
  '## Installed Software',
  '',
  '### Tools',
  '- Git 2.51.0',
  '- jq 1.7',
  '',
].join('\n')

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pkgcache-sources-'))
  const files = { 'old.json': OLD, 'new.json': NEW, 'broken.json': BROKEN }
  for (const [name, value] of Object.entries(files)) await writeFile(join(dir, name), JSON.stringify(value))
})
afterEach(() => rm(dir, { recursive: true }))

async function call(...args: string[]) {
  const { written, stdout, stderr } = recorder()
  const signal = new AbortController().signal
  const code = await cli(['sources', ...args], {
    stdout,
    stderr,
    env: {},
    cwd: dir,
    version: '1.2.3',
    signal,
  })
  return { code, ...written }
}

describe('sources inspect', () => {
  it('shows counts, and a table of everything', async () => {
    expect(await call('inspect', '--report', 'old.json')).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'Ubuntu 24.04  20250101.1  linux',
        '',
        '1  tools in all, 1 that are none',
        '1  tool',
        '1  image-info',
        '',
        'CLASS       NAME           VERSION     ARCH  RAW                   SECTION',
        'image-info  Image Version  20250101.1',
        'tool        Git            2.50.0            2.50.0 (from source)  Installed Software > Tools',
        '',
      ].join('\n'),
    })
  })

  it('is one JSON document with --json', async () => {
    const { code, stdout } = await call('inspect', '--report', 'old.json', '--json')
    const { counts, ...rest } = JSON.parse(stdout)
    const entry = { versions: ['2.50.0'], arch: null, major: null, digest: null }
    expect({ code, rest, tool: counts.tool, apt: counts.apt }).toMatchObject({
      code: 0,
      tool: 1,
      apt: 0,
      rest: {
        report: 'old.json',
        image: { name: 'Ubuntu 24.04', version: '20250101.1', platform: 'linux', arch: null },
        tools: 1,
        others: 1,
        faults: [],
        exit_code: 0,
        entries: [
          { class: 'image-info' },
          {
            ...entry,
            class: 'tool',
            name: 'Git',
            version: '2.50.0',
            raw: '2.50.0 (from source)',
            section: ['Installed Software', 'Tools'],
            path: '$.Children[1].Children[0].Children[0]',
          },
        ],
      },
    })
  })

  it('tells of faults, shows the rest, and ends with 1', async () => {
    const { code, stdout, stderr } = await call('inspect', '--report', 'broken.json')
    expect({ code, stderr }).toEqual({ code: 1, stderr: FAULT })
    expect(stdout).toContain(
      'Git            2.51.0            2.51.0 \\u001b[31m  Installed Software > Tools\n',
    )
    expect(JSON.parse((await call('inspect', '--report', 'broken.json', '--json')).stdout)).toMatchObject({
      exit_code: 1,
      faults: [{ code: 'E_SOFTWARE_REPORT', item: 'broken.json' }],
    })
  })

  it.each([
    ['absent.json', undefined, 'cannot be read: ENOENT'],
    ['cut.json', '{"NodeType": "HeaderNode",', 'is no JSON: it ends in the middle, at line 1, column 27'],
    ['wrong.json', '{"NodeType": "HeaderNode" "Title": 5}', 'is no JSON: line 1, column 27: {"NodeType"'],
    ['other.json', '{"toolcache": []}', 'is no software report: it does not begin with a HeaderNode'],
  ])('names %s when it is no report', async (name, text, message) => {
    if (text !== undefined) await writeFile(join(dir, name), text)
    const { code, stdout, stderr } = await call('inspect', '--report', name)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.split('\n')[0]).toContain(`error E_SOFTWARE_REPORT ${name}: ${message}`)
  })
})

describe('sources render', () => {
  it('prints the page', async () => {
    expect(await call('render', '--report', 'new.json')).toEqual({ code: 0, stdout: PAGE, stderr: '' })
  })

  it('reads a file by its URL and writes the page to a file', async () => {
    const file = join(dir, 'page.md')
    const place = pathToFileURL(join(dir, 'new.json')).href
    const { code, stdout } = await call('render', '--report', place, '--output', 'page.md')
    expect([code, stdout, await readFile(file, 'utf8')]).toEqual([0, `markdown  ${file}\n`, PAGE])
    const json = await call('render', '--report', 'new.json', '--output', 'page.md', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ report: 'new.json', file, markdown: null, exit_code: 0 })
  })

  it('lets nothing of a report steer the terminal', async () => {
    const { code, stdout, stderr } = await call('render', '--report', 'broken.json')
    expect({ code, stderr }).toEqual({ code: 1, stderr: FAULT })
    expect(stdout).toContain('- Git 2.51.0 \\u001b[31m\n')
  })
})

describe('sources diff', () => {
  it('prints release notes', async () => {
    const { code, stdout, stderr } = await call('diff', 'old.json', 'new.json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n').filter((line) => /^#|<td/.test(line))).toEqual([
      '# :desktop_computer: Actions Runner Image: Ubuntu 24.04',
      "## :mega: What's changed?",
      '### Added :heavy_plus_sign:',
      '            <td rowspan="1">Tools</td>',
      '            <td>jq</td>',
      '            <td>1.7</td>',
      '### Updated',
      '            <td rowspan="1">Tools</td>',
      '            <td>Git</td>',
      '            <td>2.50.0 (from source)</td>',
      '            <td>2.51.0</td>',
    ])
  })

  it('is one JSON document with --json, faults of both reports in it', async () => {
    const { code, stdout } = await call('diff', 'broken.json', 'old.json', '--json', '--output', 'notes.md')
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      {
        old: { report: 'broken.json', faults: [{ code: 'E_SOFTWARE_REPORT' }] },
        new: { report: 'old.json', faults: [] },
        added: [],
        removed: [],
        changed: [{ old: { version: '2.51.0' }, new: { version: '2.50.0' } }],
        file: join(dir, 'notes.md'),
        markdown: null,
        exit_code: 1,
      },
    ])
    expect(await readFile(join(dir, 'notes.md'), 'utf8')).toMatch(/^# :desktop_computer: .*<\/table>\n$/s)
  })
})

describe('where reports are', () => {
  it('files open no store', async () => {
    await call('inspect', '--report', 'old.json', '--store', 'store')
    expect(existsSync(join(dir, 'store'))).toBe(false)
  })

  it('URLs go through the mirrors of the config, and are asked again only whether they changed', async () => {
    const content = JSON.stringify(NEW)
    const server = await startHttpServer({ routes: { '/images/new.json': { content } } })
    try {
      const mirrors = { 'https://releases.example/': [`${server.url}/`] }
      await writeFile(join(dir, 'pkgcache.config.json'), JSON.stringify({ store: 'store', mirrors }))
      const url = 'https://releases.example/images/new.json'
      expect(await call('render', '--report', url)).toEqual({ code: 0, stdout: PAGE, stderr: '' })
      expect(await call('render', '--report', url)).toEqual({ code: 0, stdout: PAGE, stderr: '' })
      expect(server.requests.map(({ path, status }) => [path, status])).toEqual([
        ['/images/new.json', 200],
        ['/images/new.json', 304],
      ])
    } finally {
      await server.close()
    }
  })
})
