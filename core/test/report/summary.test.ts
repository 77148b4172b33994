import { describe, expect, it } from 'vitest'
import { PkgcacheError } from '../../src/errors/error.ts'
import type { ItemResult, NodeResult, RunResult } from '../../src/model/run.ts'
import type { ReportRequest } from '../../src/plugins/types.ts'
import { groupFailures } from '../../src/report/groups.ts'
import { reportHeadline } from '../../src/report/headline.ts'
import { summarise } from '../../src/report/summary.ts'
import { nodesRun } from '../../testing/sample-nodes.ts'
import { failingRun, goodRun, sampleRecord, sampleResult } from '../../testing/samples.ts'

function run(changes: Partial<RunResult>, records: ReportRequest['records'] = []): ReportRequest {
  return { result: sampleResult(changes), records }
}

function cached(name = 'runc'): ItemResult {
  const record = sampleRecord({ name })
  return { key: record, state: 'cached', record }
}

function failed(name = 'runc'): ItemResult {
  const key = { name, version: '1.3.0', platform: 'linux', arch: 'amd64' }
  return { key, state: 'failed', error: new PkgcacheError('E_NOT_FOUND', 'no such file') }
}

describe('totals and coverage', () => {
  it('of a failing run', () => {
    const { totals, coverage } = summarise(failingRun())
    expect(totals).toEqual({
      requested: 18,
      cached: 3,
      published: 13,
      failed: 2,
      stored: 16,
      downloaded_bytes: 506_789_000,
      source_bytes: 609_461_000,
      stored_bytes: 291_578_000,
      unpacked_bytes: 937_333_616,
      compression_ratio: 3.21,
      deliveries: 27,
      delivered: 24,
      refused: 1,
      fallback: 0,
      skipped: 0,
      absent: 2,
      sent_bytes: 381_696_000,
      removed: 0,
      removed_bytes: 0,
    })
    expect(coverage).toEqual({ requested: 18, available: 16, percent: 88.8 })
  })

  it('never rounds up to 100 percent', () => {
    const items = [...Array.from({ length: 2999 }, (_, index) => cached(`p${index}`)), failed()]
    expect(summarise(run({ items })).coverage.percent).toBe(99.9)
  })

  it('of nothing', () => {
    const { totals, coverage, composition } = summarise(run({}))
    expect(totals.compression_ratio).toBeNull()
    expect(coverage).toEqual({ requested: 0, available: 0, percent: null })
    expect(composition).toEqual({ platform: [], arch: [], trust: [], format: [], section: [] })
  })
})

describe('packages', () => {
  it('are those asked for and those stored, each once, numbers by value', () => {
    const stored = ['1.10.0', '1.9.0', '1.9.0-rc.1'].map((version) => sampleRecord({ version }))
    const { packages } = summarise(run({ items: [failed('zot'), cached('Acme')] }, stored))
    expect(packages.map(({ name, version, state }) => `${name} ${version} ${state}`)).toEqual([
      'Acme 1.3.0 cached',
      'runc 1.9.0 stored',
      'runc 1.9.0-rc.1 stored',
      'runc 1.10.0 stored',
      'zot 1.3.0 failed',
    ])
  })

  it('keep what the store holds when the run could not renew it', () => {
    const [row] = summarise(run({ items: [failed()] }, [sampleRecord()])).packages
    expect([row?.state, row?.stored?.file, row?.error]).toEqual([
      'failed',
      'runc-1.3.0-amd64.tar.zst',
      { code: 'E_NOT_FOUND', message: 'no such file' },
    ])
  })
})

it('is the same in whatever order the lists come', () => {
  const { result, records } = failingRun()
  const reversed = { items: result.items.toReversed(), deliveries: result.deliveries.toReversed() }
  expect(summarise({ result: { ...result, ...reversed }, records: records.toReversed() })).toEqual(
    summarise({ result, records }),
  )
})

describe('composition', () => {
  it('has trust best first and the largest number first', () => {
    const { composition } = summarise(failingRun())
    const brief = (property: keyof typeof composition) =>
      composition[property].map(({ value, packages }) => `${value} ${packages}`)
    expect(brief('trust')).toEqual(['signed 2', 'pinned 1', 'checksum-file 12', 'tofu 1'])
    expect(brief('arch')).toEqual(['amd64 9', 'arm64 7'])
    expect(brief('format')).toEqual(['tar.gz 9', 'binary 7'])
    expect(brief('platform')).toEqual(['linux 16'])
  })

  it.each(['platform', 'arch', 'trust', 'format'] as const)('adds up to the store by %s', (property) => {
    const { composition, totals } = summarise(failingRun())
    const sum = composition[property].reduce((bytes, share) => bytes + share.stored_bytes, 0)
    expect(sum).toBe(totals.stored_bytes)
  })
})

describe('nodes', () => {
  it('know sent, present, failed, other arch and not sent', () => {
    const [control, worker] = summarise(failingRun()).nodes
    const counts = (node: typeof control) => [
      node?.sent,
      node?.present,
      node?.failed,
      node?.absent,
      node?.packages.length,
    ]
    expect(counts(control)).toEqual([9, 0, 0, 0, 18])
    expect(counts(worker)).toEqual([12, 3, 1, 2, 18])
    expect(worker?.packages.slice(12, 14).map(({ name, arch, state }) => [name, arch, state])).toEqual([
      ['kubelet', 'amd64', 'failed'],
      ['kubelet', 'arm64', 'absent'],
    ])
    expect(control?.packages[1]?.state).toBe('other-arch')
  })

  it('never carry users, keys or known_hosts', () => {
    const node = {
      name: 'n',
      host: 'h',
      user: 'u',
      identityFile: '~/.ssh/id',
      knownHosts: '~/k',
      root: '/r',
      sudo: true,
    }
    expect(summarise(run({ nodes: [node] })).nodes).toEqual([
      {
        name: 'n',
        host: 'h',
        root: '/r',
        sent: 0,
        present: 0,
        failed: 0,
        fallback: 0,
        skipped: 0,
        absent: 0,
        sent_bytes: 0,
        packages: [],
        removals: [],
      },
    ])
  })

  it('know fallbacks, those skipped, who sent what, and whom a package is for', () => {
    const { nodes } = summarise(nodesRun())
    const rows = nodes.map(({ name, packages }) => [
      name,
      ...packages.map((row) => [row.state, row.via, row.on_node].filter(Boolean).join(' ')),
    ])
    expect(nodes[0]?.packages.map(({ name }) => name)).toEqual(['containerd', 'kubelet', 'nerdctl', 'runc'])
    expect(rows).toEqual([
      ['cp-1', 'present present', 'other-nodes', 'other-nodes', 'sent done'],
      ['worker-1', 'sent done', 'sent done', 'fallback', 'sent done'],
      ['worker-2', 'sent worker-1', 'sent worker-1', 'fallback', 'sent worker-1'],
      ['worker-3', 'failed', 'fallback', 'other-nodes', 'failed'],
      ['worker-4', 'skipped', 'skipped', 'other-nodes', 'skipped'],
    ])
    expect(nodes[1]?.removals).toEqual([
      { remote_path: 'runc/runc-1.2.5-amd64.tar.zst', bytes: 3_800_001 },
      { remote_path: 'runc/runc-1.2.6-amd64.tar.zst', bytes: 3_800_000 },
    ])
  })

  it('add up to the totals', () => {
    const { totals, nodes } = summarise(nodesRun())
    expect(totals).toMatchObject({
      deliveries: 16,
      delivered: 8,
      refused: 2,
      fallback: 3,
      skipped: 3,
      absent: 0,
      sent_bytes: 57_600_000,
      removed: 2,
      removed_bytes: 7_600_001,
    })
    const sum = nodes.map(
      (one) => one.sent + one.present + one.failed + one.fallback + one.skipped + one.absent,
    )
    expect(sum.reduce((all, one) => all + one, 0)).toBe(totals.deliveries)
  })

  it('do not miss what is for other nodes only, whatever became of it', () => {
    const node = { name: 'n', root: '/r', sudo: false, groups: ['workers'] }
    const items = [
      { ...failed('a'), to: ['control'] },
      { ...failed('b'), to: ['workers'] },
      { ...cached('c'), to: ['!n'] },
    ]
    expect(summarise(run({ nodes: [node], items })).nodes[0]?.packages.map(({ state }) => state)).toEqual([
      'other-nodes',
      'absent',
      'other-nodes',
    ])
  })
})

it('lists fallbacks with their reason, apart from failures', () => {
  const { failures, fallbacks } = summarise(nodesRun())
  const brief = (list: typeof failures) =>
    list.map(({ scope, code, item, node }) => [scope, code, item, node])
  expect(brief(fallbacks)).toEqual([
    ['delivery', 'E_NODE_NOSPC', 'kubelet@1.33.1 linux/amd64', 'worker-3'],
    ['delivery', 'E_NOT_FOUND', 'nerdctl@2.1.2 linux/amd64', 'worker-1'],
    ['delivery', 'E_NOT_FOUND', 'nerdctl@2.1.2 linux/amd64', 'worker-2'],
  ])
  expect(brief(failures)).toEqual([
    ['package', 'E_NOT_FOUND', 'nerdctl@2.1.2 linux/amd64', undefined],
    ['delivery', 'E_NODE_NOSPC', 'containerd@2.1.0 linux/amd64', 'worker-3'],
    ['delivery', 'E_NODE_NOSPC', 'runc@1.3.0 linux/amd64', 'worker-3'],
  ])
})

it('brings failures of one cause together, by node, then by package', () => {
  const dead =
    (node: string, message: string) =>
    (name: string): NodeResult => {
      const { key } = failed(name)
      return { node, key, state: 'failed', remotePath: 'a/b', error: new PkgcacheError('E_NODE', message) }
    }
  const deliveries = [
    ...['a', 'b'].map(dead('n1', 'refused by n1')),
    ...['a', 'b'].map(dead('n2', 'refused by n2')),
    ...['a', 'b'].map(dead('n3', 'full')),
    ...['a', 'b'].map(dead('n4', 'full')),
    ...['a'].map(dead('n5', 'full')),
  ]
  const groups = groupFailures(summarise(run({ items: [failed('a'), failed('b')], deliveries })).failures)
  const items = ['a@1.3.0 linux/amd64', 'b@1.3.0 linux/amd64']
  expect(groups.map(({ message, items, nodes }) => [message, items, nodes])).toEqual([
    ['no such file', [items[0]], []],
    ['no such file', [items[1]], []],
    ['refused by n1', items, ['n1']],
    ['refused by n2', items, ['n2']],
    ['full', items, ['n3', 'n4']],
    ['full', [items[0]], ['n5']],
  ])
})

it('lists failures: packages, deliveries, the rest', () => {
  expect(
    summarise(failingRun()).failures.map(({ scope, code, item, node }) => [scope, code, item, node]),
  ).toEqual([
    ['package', 'E_DIGEST', 'kubelet@1.33.1 linux/arm64', undefined],
    ['package', 'E_NOT_FOUND', 'nerdctl@2.1.2 linux/arm64', undefined],
    ['delivery', 'E_NODE_NOSPC', 'kubelet@1.33.1 linux/amd64', 'worker-1'],
    ['run', 'E_REPORT', '/srv/www/report.html', undefined],
  ])
})

describe('the headline', () => {
  const node = { name: 'n', root: '/r', sudo: false }
  const other = { ...node, name: 'other' }
  const runc = cached()
  const arrived = (name: string): NodeResult => {
    return { node: name, key: runc.key, state: 'present', remotePath: 'runc/runc', sentBytes: 0 }
  }
  const replaced = (name: string): NodeResult => {
    return { node: name, key: runc.key, state: 'fallback', error: new PkgcacheError('E_NODE', 'no') }
  }
  const cases: readonly (readonly [string, ReportRequest])[] = [
    ['All 18 packages are in the cache; everything for the 2 nodes is in place.', goodRun()],
    [
      '16 of 18 packages are in the cache, 2 failed; 3 deliveries to the 2 nodes are missing; 1 other error occurred.',
      failingRun(),
    ],
    [
      '3 of 4 packages are in the cache, 1 failed; 5 deliveries to the 5 nodes are missing, 3 fallbacks ran.',
      nodesRun(),
    ],
    [
      'The one package is in the cache; 1 fallback ran on the 2 nodes, the rest is in place.',
      run({ items: [runc], nodes: [node, other], deliveries: [arrived('n'), replaced('other')] }),
    ],
    [
      'The one package could not be cached; 1 fallback ran on the node, nothing was delivered.',
      run({ items: [failed()], nodes: [node], deliveries: [replaced('n')] }),
    ],
    ['Nothing was asked for, and the store is empty.', run({})],
    ['Nothing was asked for; the store holds 1 package.', run({}, [sampleRecord()])],
    ['The one package is in the cache.', run({ items: [cached()] })],
    [
      'The one package is in the cache; nothing was sent to the node.',
      run({ items: [cached()], nodes: [node] }),
    ],
    ['The one package could not be cached.', run({ items: [failed()] })],
    ['None of the 2 packages could be cached.', run({ items: [failed(), failed('x')] })],
    [
      'Cancelled. 1 of 2 packages are in the cache, 1 failed.',
      run({ items: [cached(), failed('x')], exitCode: 130 }),
    ],
  ]
  it.each(cases)('%s', (expected, request) => {
    expect(reportHeadline(summarise(request))).toBe(expected)
  })
})
