import {
  type NodeResult,
  PkgcacheError,
  type Requirement,
  type RunEvent,
  type RunResult,
} from '@pkgcache/core'
import { toolsetRun } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import { planLines } from '../src/commands/plan.ts'
import { statsLines } from '../src/commands/stats.ts'
import { problemLine } from '../src/commands/verify.ts'
import { Board } from '../src/render/board.ts'
import { showError, showWarning } from '../src/render/errors.ts'
import { markdown, stepSummary } from '../src/render/github.ts'
import { Meter } from '../src/render/meter.ts'
import { PlainView } from '../src/render/plain.ts'
import { removalLines, summaryLines } from '../src/render/summary.ts'
import { oneLine, table } from '../src/render/text.ts'
import { cp1, helm, record, recorder, runc, runResult } from './kit.ts'

const digest = new PkgcacheError('E_DIGEST', 'expected aa, got bb', { hint: 'ask upstream' })
const down = new PkgcacheError('E_NODE_UNREACHABLE', 'connection refused')
const remotePath = '/usr/local/src/runc/runc-1.3.0-amd64.tar.zst'

const EVENTS: readonly RunEvent[] = [
  { type: 'items', items: [runc, helm], nodes: [cp1] },
  { type: 'stage', item: runc, stage: 'resolve' },
  { type: 'stage', item: runc, stage: 'fetch' },
  { type: 'progress', item: runc, stage: 'fetch', done: 5_000_000, total: 11_000_000 },
  { type: 'progress', item: runc, stage: 'fetch', done: 11_000_000, total: 11_000_000 },
  { type: 'stage', item: runc, stage: 'normalise' },
  { type: 'item', result: { key: runc, state: 'published', record: record(runc), fetchedBytes: 11_000_000 } },
  { type: 'item', result: { key: helm, state: 'failed', error: digest } },
  { type: 'node-progress', node: 'cp1', item: runc, done: 1, total: 3_900_000 },
  { type: 'delivery', result: { node: 'cp1', key: runc, state: 'sent', remotePath, sentBytes: 3_900_000 } },
  { type: 'delivery', result: { node: 'cp1', key: helm, state: 'failed', remotePath, error: down } },
  { type: 'delivery', result: { node: 'cp1', key: runc, state: 'failed', remotePath, error: down } },
  { type: 'report', report: { plugin: 'report-text', format: 'text', file: '/store/report.txt' } },
]

function plainly(options: Parameters<typeof recorder>[0], env?: Record<string, string>) {
  const { written, output } = recorder(options, env)
  const view = new PlainView(output)
  for (const event of EVENTS) view.onEvent(event)
  return { out: written.stdout.split('\n').slice(0, -1), err: written.stderr.split('\n').slice(0, -1) }
}

const OUT = [
  'runc@1.3.0 linux/amd64  fetched 11.0 MB',
  'runc@1.3.0 linux/amd64  published runc-1.3.0-amd64.tar.zst (3.9 MB, checksum-file) from http://mirror/runc',
  'node cp1: runc-1.3.0-amd64.tar.zst sent 3.9 MB',
]
const ERR = [
  'error E_DIGEST helm@3.18.0 linux/arm64: expected aa, got bb',
  '  hint: ask upstream',
  'error E_NODE_UNREACHABLE node cp1: connection refused',
]

describe('plain lines', () => {
  it('tell each event once, and the fault of a dead node once', () => {
    expect(plainly({})).toEqual({ out: OUT, err: ERR })
  })

  it('leave only errors with --quiet', () => {
    expect(plainly({ quiet: true })).toEqual({ out: [], err: ERR })
  })

  it('leave stdout alone with --json', () => {
    const { out, err } = plainly({ json: true })
    expect([out, err.filter((line) => OUT.includes(line))]).toEqual([[], OUT])
  })

  it('become annotations in GitHub Actions', () => {
    expect(plainly({}, { GITHUB_ACTIONS: 'true' }).err).toEqual([
      '::error title=E_DIGEST::helm@3.18.0 linux/arm64: expected aa, got bb%0A  hint: ask upstream',
      '::error title=E_NODE_UNREACHABLE::node cp1: connection refused',
    ])
  })
})

const SENT = {
  node: 'w2',
  key: runc,
  state: 'sent',
  remotePath,
  sentBytes: 0,
  via: 'cp1',
  onNode: 'done',
} as const
const PRESENT = { node: 'w3', key: runc, state: 'present', remotePath, sentBytes: 0 } as const
const FALLBACK = { node: 'w4', key: helm, state: 'fallback', error: digest } as const
const SKIPPED = { node: 'w5', key: runc, state: 'skipped', remotePath } as const
const NODES = ['cp1', 'w2', 'w3', 'w4', 'w5'].map((name) => ({ ...cp1, name }))

/** The lines for deliveries, as plain text and as events before them. */
function told(deliveries: readonly NodeResult[], options = {}, nodes = NODES) {
  const { written, output } = recorder(options)
  let now = 0
  const view = new PlainView(output, () => now)
  view.onEvent({ type: 'items', items: [runc, helm], nodes })
  for (const result of deliveries) {
    view.onEvent({ type: 'delivery', result })
    now += 1000
  }
  view.end()
  return { out: written.stdout.split('\n').slice(0, -1), err: written.stderr.split('\n').slice(0, -1) }
}

describe('plain lines of deliveries', () => {
  it('say who sent what, what was applied, and why a fallback ran; nothing of what was skipped', () => {
    expect(told([SENT, PRESENT, { ...PRESENT, onNode: 'done' }, FALLBACK, SKIPPED])).toEqual({
      out: [
        'node w2: runc-1.3.0-amd64.tar.zst sent by node cp1, applied',
        'node w3: runc-1.3.0-amd64.tar.zst up to date, applied',
      ],
      err: ['warning node w4: the fallback of helm@3.18.0 linux/arm64 ran: E_DIGEST expected aa, got bb'],
    })
  })

  it('say more with --verbose, and no warning with --quiet', () => {
    expect(told([PRESENT, SKIPPED], { verbose: true }).out).toEqual([
      'node w3: runc-1.3.0-amd64.tar.zst up to date',
      'node w5: runc-1.3.0-amd64.tar.zst skipped, too many nodes had failed',
    ])
    expect(told([FALLBACK], { quiet: true })).toEqual({ out: [], err: [] })
  })

  it('tell faults of one code on one node once, all of them with --verbose', () => {
    const full = (file: string) => new PkgcacheError('E_NODE_NOSPC', `no room for ${file}`)
    const failures = ['a', 'b'].map((file) => ({ ...SKIPPED, state: 'failed', error: full(file) }) as const)
    expect(told(failures).err).toEqual(['error E_NODE_NOSPC node w5: no room for a'])
    expect(told(failures, { verbose: true }).err.filter((line) => line.startsWith('error'))).toEqual([
      'error E_NODE_NOSPC node w5: no room for a',
      'error E_NODE_NOSPC node w5: no room for b',
    ])
  })

  it('count what arrives at many nodes, once a minute', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({ ...cp1, name: `w${index}` }))
    const sent = many.slice(0, 90).map(({ name }) => {
      return { node: name, key: runc, state: 'sent', remotePath, sentBytes: 1_000_000 } as const
    })
    expect(told(sent, {}, many).out).toEqual([
      'nodes: 61 files (61.0 MB) sent to 61 of 300 so far',
      'nodes: 90 files (90.0 MB) sent to 90 of 300 so far',
    ])
    expect(told(sent, { verbose: true }, many).out).toHaveLength(90)
  })
})

describe('text from outside', () => {
  it.each([
    ['a\u001b[31mb', 'a\\u001b[31mb'],
    ['one\n::set-env name=A::b', 'one ::set-env name=A::b'],
    ['x ##[error]y', 'x # #[error]y'],
  ])('%j is shown as one harmless line', (text, shown) => {
    expect(oneLine(text)).toBe(shown)
  })

  it('ends with long texts', () => {
    const long = `a${' '.repeat(300_000)}b`
    expect(oneLine(`${long}\n \n${long}\n`)).toBe(`${long} ${long}`)
  })

  it('takes tables of more rows than a call has arguments', () => {
    const rows = Array.from({ length: 300_000 }, (_, row) => [String(row), 'x'])
    expect(table(['NUMBER', 'X'], rows).slice(-1)).toEqual(['299999  x'])
  })

  it.each([
    ['a|b', 'a&#124;b'],
    ['<img src=x>', '&#60;img src=x&#62;'],
    ['[x](http://y) **b** `c` @me', '&#91;x&#93;(http://y) &#42;&#42;b&#42;&#42; &#96;c&#96; &#64;me'],
  ])('%j is no markup in a summary', (text, shown) => {
    expect(markdown(text)).toBe(shown)
  })

  it('cannot leave an annotation', () => {
    const { written, output } = recorder({}, { GITHUB_ACTIONS: 'true' })
    showWarning(output, 'source-x', '100% odd\n::error::gotcha')
    expect(written.stderr).toBe('::warning title=pkgcache::source-x: 100%25 odd ::error::gotcha\n')
  })
})

describe('errors', () => {
  it('list every fault', () => {
    const { written, output } = recorder()
    showError(
      output,
      new PkgcacheError('E_CONFIG', '2 faults', { faults: ['a: x', 'b: y'], hint: 'mend', item: 'c.ts' }),
    )
    expect(written.stderr).toBe('error E_CONFIG c.ts: 2 faults\n  - a: x\n  - b: y\n  hint: mend\n')
  })

  it('have a stack with --verbose only', () => {
    const { written, output } = recorder({ verbose: true })
    showError(output, digest.at({ plugin: 'p', stage: 'fetch' }))
    expect(written.stderr).toMatch(
      /^error E_DIGEST: .*\n {2}hint: .*\n {2}in plugin p, stage fetch\n {2}\| .*\n/,
    )
  })

  it('are coloured where colour is wanted', () => {
    const { written, output } = recorder({}, { FORCE_COLOR: '1' })
    showError(output, down)
    expect(written.stderr).toBe('\u001b[31merror\u001b[39m E_NODE_UNREACHABLE: connection refused\n')
  })
})

describe('the summary', () => {
  const items: RunResult['items'] = [
    { key: runc, state: 'published', record: record(runc), fetchedBytes: 11_000_000 },
    { key: helm, state: 'failed', error: digest },
  ]
  const deliveries: RunResult['deliveries'] = [
    { node: 'cp1', key: runc, state: 'sent', remotePath, sentBytes: 3_900_000 },
    { node: 'cp1', key: helm, state: 'failed', remotePath, error: down },
  ]
  const reports = [{ plugin: 'report-html', format: 'html', file: '/store/report.html' }]

  it('counts and says where everything lies', () => {
    expect(summaryLines(runResult({ items, deliveries, nodes: [cp1], reports }))).toEqual([
      '2 packages: 1 published, 1 failed; 11.0 MB fetched in 12 s',
      '1 node: 1 sent, 1 failed; 3.9 MB transferred',
      '  cp1: 1 package not delivered',
      '  cache          /store',
      '  index          /store/index.yaml',
      '  report (html)  /store/report.html',
    ])
  })

  const all: RunResult['deliveries'] = [
    { ...PRESENT, node: 'cp1' },
    SENT,
    PRESENT,
    FALLBACK,
    SKIPPED,
    { ...SKIPPED, key: helm },
  ]
  const removals = [
    { node: 'w2', remotePath: 'runc/old-1', bytes: 1000 },
    { node: 'w3', remotePath: 'runc/old\u001b', bytes: 2000 },
  ]

  it('tells apart what came by other ways, was skipped, was removed', () => {
    const result = runResult({ items, deliveries: all, removals, nodes: NODES })
    expect(summaryLines(result).slice(1, -2)).toEqual([
      '5 nodes: 1 sent, 2 up to date, 1 by fallback, 2 skipped; 0 B transferred',
      '  1 of those sent by 1 node, not by this machine',
      '  2 files removed from 2 nodes (3.0 kB)',
      '  1 node skipped: more had failed than --max-failures allows',
    ])
    expect(removalLines(result)).toEqual([
      'node w2: removed runc/old-1 (1.0 kB)',
      'node w3: removed runc/old\\u001b (2.0 kB)',
    ])
  })

  it('stays short for many dead nodes', () => {
    const nodes = Array.from({ length: 300 }, (_, index) => ({ ...cp1, name: `w${index}` }))
    const dead = nodes.map(
      ({ name }) => ({ node: name, key: runc, state: 'failed', remotePath, error: down }) as const,
    )
    const lines = summaryLines(runResult({ items, deliveries: dead, nodes }))
    expect([lines.length, lines[22]]).toEqual([25, '  … and 280 more; --json names all'])
  })

  it('has fallbacks and removals in tables of their own for GitHub', () => {
    const text = stepSummary(runResult({ items, deliveries: all, removals, nodes: NODES }))
    expect(text.split('\n').slice(9)).toEqual([
      '| Node | Sent | Up to date | Fallback | Skipped | Failed | Bytes |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      '| cp1 | 0 | 1 | 0 | 0 | 0 | 0 B |',
      '| w2 | 1 | 0 | 0 | 0 | 0 | 0 B |',
      '| w3 | 0 | 1 | 0 | 0 | 0 | 0 B |',
      '| w4 | 0 | 0 | 1 | 0 | 0 | 0 B |',
      '| w5 | 0 | 0 | 0 | 2 | 0 | 0 B |',
      '',
      '| Node | Fallback ran for | Why |',
      '| --- | --- | --- |',
      '| w4 | helm&#64;3.18.0 linux/arm64 | E_DIGEST expected aa, got bb |',
      '',
      '| Node | Removed | Size |',
      '| --- | --- | --- |',
      '| w2 | runc/old-1 | 1.0 kB |',
      '| w3 | runc/old&#92;u001b | 2.0 kB |',
      '',
      '',
    ])
  })

  it.each([
    [1, 0, 'Nothing to do: 1 package up to date.'],
    [18, 2, 'Nothing to do: 18 packages up to date on 2 nodes.'],
    [0, 0, 'Nothing to do: no packages asked for.'],
  ])('of %i packages on %i nodes with nothing to do', (packages, nodes, line) => {
    const result = runResult({
      unchanged: true,
      items: Array.from(
        { length: packages },
        () => ({ key: runc, state: 'cached', record: record(runc) }) as const,
      ),
      nodes: Array.from({ length: nodes }, () => cp1),
    })
    expect(summaryLines(result)[0]).toBe(line)
  })

  it('is Markdown for GitHub', () => {
    expect(stepSummary(runResult({ items, deliveries, nodes: [cp1] })).split('\n')).toEqual([
      '## pkgcache',
      '',
      '2 packages, 1 failed, 1 node, 12 s',
      '',
      '| Package | State | Size | Trust |',
      '| --- | --- | --- | --- |',
      '| runc&#64;1.3.0 linux/amd64 | published | 3.9 MB | checksum-file |',
      '| helm&#64;3.18.0 linux/arm64 | **E_DIGEST** expected aa, got bb |  |  |',
      '',
      '| Node | Sent | Up to date | Failed | Bytes |',
      '| --- | --- | --- | --- | --- |',
      '| cp1 | 1 | 0 | 1 | 3.9 MB |',
      '',
      '',
    ])
  })
})

describe('a run for a toolset', () => {
  const { result } = toolsetRun()

  it('has its coverage on a line of its own', () => {
    expect(summaryLines(result).slice(0, 2)).toEqual([
      '8 packages: 7 published, 1 failed; 612 MB fetched in 43 s',
      'toolset: 8 of 12 rows cached (66.6 %), 4 missing, 231 cannot be downloaded',
    ])
    const bare = runResult({ unchanged: true, requirements: result.requirements.slice(-1) })
    expect(summaryLines(bare)[1]).toBe('toolset: 0 of 0 rows cached, 0 missing, 1 cannot be downloaded')
  })

  it('has its coverage in the summary for GitHub, hundreds of components on one line', () => {
    const lines = stepSummary(result).split('\n')
    expect(lines.slice(4, lines.indexOf('| Package | State | Size | Trust |'))).toEqual([
      '### Toolset coverage: 66.6 %',
      '',
      '8 of 12 rows that can be downloaded are cached, 4 missing, 231 cannot be downloaded',
      '',
      '| Section | Rows | Resolvable | Cached | Missing | No download | Coverage | Stored |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      '| choco | 3 | 0 | 0 | 0 | 3 | – | 0 B |',
      '| dotnet | 2 | 0 | 0 | 2 | 0 | 0 % | 0 B |',
      '| java | 2 | 2 | 2 | 0 | 0 | 100 % | 407 MB |',
      '| mysql | 1 | 0 | 0 | 1 | 0 | 0 % | 0 B |',
      '| node | 1 | 1 | 1 | 0 | 0 | 100 % | 34.3 MB |',
      '| toolcache | 6 | 6 | 5 | 1 | 0 | 83.3 % | 205 MB |',
      '| visualStudio | 228 | 0 | 0 | 0 | 228 | – | 0 B |',
      '',
      '| Section | Rows | Not cached | Why |',
      '| --- | --- | --- | --- |',
      '| dotnet | 2 | .NET SDK 8.0 win32/x64, .NET SDK 9.0 win32/x64 | https://builds.example/releases-index.json: 503 Service Unavailable |',
      '| mysql | 1 | MySQL 5.6 win32/x64 | the report holds no MySQL 5.6 |',
      '| toolcache | 1 | Python 3.13.&#42; win32/x64 | **E_NOT_FOUND** https://dl.example/Python/3.13.5: 404 Not Found |',
      '| visualStudio | 228 | Microsoft.VisualStudio.Component.1, Microsoft.VisualStudio.Component.2, Microsoft.VisualStudio.Component.3, Microsoft.VisualStudio.Component.4, Microsoft.VisualStudio.Component.5 and 223 more | the Visual Studio installer alone brings it |',
      '| choco | 3 | 7zip.install latest, aria2 latest, cmake.install latest | a package of Chocolatey |',
      '',
    ])
  })

  it('has fifty reasons at most', () => {
    const requirements = Array.from({ length: 60 }, (_, index): Requirement => {
      const row = { from: 't', section: 's', tool: 'x', requested: '1', platform: '', arch: '', status: 'm' }
      return { ...row, downloadable: true, reason: `reason ${index}` }
    })
    const lines = stepSummary(runResult({ requirements })).split('\n')
    expect(lines.filter((line) => line.includes('| reason ')).length).toBe(50)
    expect(lines).toContain('… and 10 more reasons')
  })
})

describe('the live board', () => {
  it('shows one row per package and node', () => {
    const board = new Board(() => 0)
    for (const event of EVENTS.slice(0, 10)) board.apply(event)
    expect(board.rows()).toEqual([
      { state: 'done', text: 'runc@1.3.0 linux/amd64   published 3.9 MB, checksum-file' },
      { state: 'failed', text: 'helm@3.18.0 linux/arm64  E_DIGEST expected aa, got bb' },
      { state: 'waiting', text: 'node cp1                 1 in place' },
    ])
    board.finish(true)
    expect(board.rows()[2]).toEqual({ state: 'done', text: 'node cp1                 1 in place' })
  })

  it('shows bytes, speed and time left', () => {
    let now = 0
    const board = new Board(() => now)
    for (const event of EVENTS.slice(0, 3)) board.apply(event)
    for (const done of [1_000_000, 2_000_000, 3_000_000]) {
      board.apply({ type: 'progress', item: runc, stage: 'fetch', done, total: 11_000_000 })
      now += 1000
    }
    expect(board.rows().map((row) => row.text)).toEqual([
      'runc@1.3.0 linux/amd64   fetch  3.0 MB of 11.0 MB  1.0 MB/s  8 s left',
      'helm@3.18.0 linux/arm64  waiting',
      'node cp1                 waiting',
    ])
  })

  it('shows counts and active rows alone where all would not fit', () => {
    const items = Array.from({ length: 500 }, (_, n) => ({ ...runc, version: `1.0.${n}` }))
    const board = new Board(() => 0)
    board.apply({ type: 'items', items, nodes: [] })
    for (const item of items.slice(0, 40)) board.apply({ type: 'stage', item, stage: 'fetch' })
    for (const key of items.slice(0, 3))
      board.apply({ type: 'item', result: { key, state: 'failed', error: digest } })
    const rows = board.digest(4)
    expect(rows.map((row) => row.text)).toEqual([
      '3 of 500 packages done, 37 active, 3 failed',
      ...[3, 4].map((n) => `runc@1.0.${n} linux/amd64    fetch`),
      'runc@1.0.0 linux/amd64    E_DIGEST expected aa, got bb',
    ])
  })

  it('keeps 300 nodes within its lines: counts, what is active, what failed', () => {
    const board = new Board(() => 0)
    const nodes = Array.from({ length: 300 }, (_, index) => ({ ...cp1, name: `w${index}` }))
    board.apply({ type: 'items', items: [runc], nodes })
    board.apply({ type: 'item', result: { key: runc, state: 'cached', record: record(runc) } })
    const deliver = (result: NodeResult) => board.apply({ type: 'delivery', result })
    for (let n = 0; n < 40; n++) deliver({ ...PRESENT, node: `w${n}` })
    for (let n = 40; n < 60; n++)
      deliver({ node: `w${n}`, key: runc, state: 'failed', remotePath, error: down })
    for (let n = 60; n < 70; n++)
      board.apply({ type: 'node-progress', node: `w${n}`, item: runc, done: 0, total: 10 })
    deliver({ ...FALLBACK, node: 'w70' })
    deliver({ ...SKIPPED, node: 'w71' })
    const rows = board.digest(22).map(({ text }) => text.replace(/ +/g, ' '))
    expect(rows).toEqual([
      '1 of 1 packages done',
      '61 of 300 nodes reached, 10 active, 20 failed, 1 skipped, 40 in place, 1 by fallback',
      ...Array.from({ length: 10 }, (_, n) => `node w${60 + n} runc-1.3.0-amd64`),
      ...Array.from({ length: 10 }, (_, n) => `node w${40 + n} E_NODE_UNREACHABLE connection refused`),
    ])
    // with less room, a third of it is for what failed
    expect(board.digest(8).map(({ state }) => state)).toEqual([
      ...Array.from({ length: 6 }, () => 'active'),
      ...Array.from({ length: 2 }, () => 'failed'),
    ])
    board.finish(true)
    expect(board.digest(22)).toHaveLength(2)
    const ends = board.rows().filter(({ text }) => /node w(0|70|71|72) /.test(text))
    expect(ends.map(({ state, text }) => [state, text.replace(/ +/g, ' ')])).toEqual([
      ['done', 'node w0 1 in place'],
      ['done', 'node w70 1 by fallback'],
      ['failed', 'node w71 1 skipped: too many nodes had failed'],
      ['done', 'node w72 nothing to send'],
    ])
  })

  it('has a node active as long as something is on its way to it', () => {
    const board = new Board(() => 0)
    board.apply({ type: 'items', items: [], nodes: [cp1] })
    for (const item of [runc, helm])
      board.apply({ type: 'node-progress', node: 'cp1', item, done: 1, total: 2 })
    const states = [runc, helm].map((key) => {
      board.apply({ type: 'delivery', result: { ...PRESENT, node: 'cp1', key } })
      return board.rows()[0]?.state
    })
    expect(states).toEqual(['active', 'waiting'])
    // told of once more, since something else was applied
    board.apply({ type: 'delivery', result: { ...PRESENT, node: 'cp1', onNode: 'done' } })
    expect(board.rows()[0]?.text).toBe('node cp1  2 in place')
  })

  it('follows a version that gets its real name', () => {
    const board = new Board(() => 0)
    board.apply({ type: 'items', items: [{ ...runc, version: 'latest' }, helm], nodes: [] })
    board.apply({ type: 'stage', item: runc, stage: 'fetch' })
    board.apply({ type: 'item', result: { key: runc, state: 'cached', record: record(runc) } })
    expect(board.rows().map((row) => row.text)).toEqual([
      'runc@latest linux/amd64  up to date',
      'helm@3.18.0 linux/arm64  waiting',
    ])
  })

  it('calls nothing done that was cut short', () => {
    const board = new Board(() => 0)
    for (const event of EVENTS.slice(0, 7)) board.apply(event)
    board.finish(false)
    expect(board.rows().map((row) => row.state)).toEqual(['done', 'failed', 'failed'])
  })

  it('measures over the last three seconds', () => {
    const meter = new Meter()
    for (let second = 0; second <= 10; second++)
      meter.update(second * 1000, second < 5 ? second : 5 + second * 100, 2000)
    expect([meter.bytesPerSecond, meter.msLeft]).toEqual([100, 9950])
  })
})

describe('tables', () => {
  it('align', () => {
    expect(
      table(
        ['A', 'SIZE'],
        [
          ['long name', '1 B'],
          ['x', '10 kB'],
        ],
        [1],
      ),
    ).toEqual(['A           SIZE', 'long name    1 B', 'x          10 kB'])
  })

  it('show a plan', () => {
    const lines = planLines({
      store: '/store',
      items: [
        {
          key: runc,
          action: 'fetch',
          downloadBytes: 11_000_000,
          url: 'https://example.com/runc',
          trust: 'pinned',
        },
        { key: helm, action: 'cached', trust: 'tofu' },
      ],
      deliveries: [{ node: 'cp1', key: runc, action: 'unknown' }],
      errors: [],
      downloadBytes: 11_000_000,
      exitCode: 0,
    })
    expect(lines).toEqual([
      'PACKAGE                  ACTION         SIZE  TRUST   FROM',
      'runc@1.3.0 linux/amd64   fetch       11.0 MB  pinned  https://example.com/runc',
      'helm@3.18.0 linux/arm64  up to date           tofu',
      '',
      'NODE  PACKAGE                 ACTION  SIZE',
      'cp1   runc@1.3.0 linux/amd64  send       ?',
      '',
      '1 package to fetch (11.0 MB), 1 to send. Cache: /store',
    ])
  })

  it('show a plan for many nodes with a row for those that get the same', () => {
    const nodes = Array.from({ length: 30 }, (_, index) => `w${index}`)
    const deliveries = nodes.flatMap((node, index) => [
      { node, key: runc, action: index < 3 ? 'present' : 'send', bytes: 3_900_000 } as const,
      ...(index === 7 ? [{ node, key: helm, action: 'send', bytes: 5 } as const] : []),
    ])
    const lines = planLines({
      store: '/store',
      items: [],
      deliveries,
      errors: [],
      downloadBytes: 0,
      exitCode: 0,
    })
    expect(lines).toEqual([
      'NODE          PACKAGE                  ACTION        SIZE',
      'w[0-2] (3)    runc@1.3.0 linux/amd64   up to date',
      'w[3-29] (27)  runc@1.3.0 linux/amd64   send        3.9 MB',
      'w7            helm@3.18.0 linux/arm64  send           5 B',
      '',
      '0 packages to fetch (0 B), 28 to send. Cache: /store',
    ])
  })

  it('show figures', () => {
    const lines = statsLines({
      store: '/store',
      packages: 1,
      sourceBytes: 11_000_000,
      storedBytes: 3_900_000,
      unpackedBytes: 7_800_000,
      ratio: 0.5,
      byTrust: { pinned: 1 },
      byPlatform: { 'linux/amd64': 1 },
      lastAccess: [{ key: runc, at: '2026-01-02T03:04:05Z' }],
    })
    expect(lines).toEqual([
      'cache              /store',
      'packages           1',
      'downloaded         11.0 MB',
      'stored             3.9 MB',
      'unpacked           7.8 MB',
      'stored ÷ unpacked  0.50',
      'trust              1 pinned',
      'platforms          1 linux/amd64',
      '',
      'LAST USED             PACKAGE',
      '2026-01-02T03:04:05Z  runc@1.3.0 linux/amd64',
    ])
  })

  it('name both digests of a corrupt file', () => {
    expect(problemLine({ problem: 'corrupt', file: 'a.tar.zst', expected: 'aa', actual: 'bb' })).toBe(
      'corrupt  a.tar.zst: recorded aa, found bb',
    )
  })
})
