import { PkgcacheError, type RunEvent, type RunResult } from '@pkgcache/core'
import { describe, expect, it } from 'vitest'
import { planLines } from '../src/commands/plan.ts'
import { statsLines } from '../src/commands/stats.ts'
import { problemLine } from '../src/commands/verify.ts'
import { Board } from '../src/render/board.ts'
import { showError, showWarning } from '../src/render/errors.ts'
import { markdown, stepSummary } from '../src/render/github.ts'
import { Meter } from '../src/render/meter.ts'
import { PlainView } from '../src/render/plain.ts'
import { summaryLines } from '../src/render/summary.ts'
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

describe('text from outside', () => {
  it.each([
    ['a\u001b[31mb', 'a\\u001b[31mb'],
    ['one\n::set-env name=A::b', 'one ::set-env name=A::b'],
    ['x ##[error]y', 'x # #[error]y'],
  ])('%j is shown as one harmless line', (text, shown) => {
    expect(oneLine(text)).toBe(shown)
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

describe('the live board', () => {
  it('shows one row per package and node', () => {
    const board = new Board(() => 0)
    for (const event of EVENTS.slice(0, 10)) board.apply(event)
    expect(board.rows()).toEqual([
      { state: 'done', text: 'runc@1.3.0 linux/amd64   published 3.9 MB, checksum-file' },
      { state: 'failed', text: 'helm@3.18.0 linux/arm64  E_DIGEST expected aa, got bb' },
      { state: 'active', text: 'node cp1                 1 in place' },
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
      '3 of 500 packages done, 3 failed',
      ...[3, 4, 5].map((n) => `runc@1.0.${n} linux/amd64    fetch`),
    ])
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
