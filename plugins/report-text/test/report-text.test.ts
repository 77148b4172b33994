import { PkgcacheError, type ReportRequest } from '@pkgcache/core'
import {
  failingRun,
  goodRun,
  hostileRun,
  nodesRun,
  renderReport,
  sampleRecord,
  sampleRecords,
  sampleResult,
} from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import reportText from '../src/index.ts'

async function lines(request: ReportRequest): Promise<string[]> {
  const { format, fileName, content } = await renderReport(reportText(), request)
  expect({ format, fileName, end: content.at(-1) }).toEqual({
    format: 'text',
    fileName: 'report.txt',
    end: '\n',
  })
  return content.split('\n')
}

/** The lines below a title, up to the next empty one. */
function below(all: readonly string[], title: string): string[] {
  const start = all.indexOf(title) + 1
  return all.slice(start, all.indexOf('', start))
}

describe('a run that went well', () => {
  it('says so first', async () => {
    expect((await lines(goodRun()))[0]).toBe(
      'All 18 packages are in the cache; everything for the 2 nodes is in place.',
    )
  })

  it('has totals', async () => {
    expect(below(await lines(goodRun()), 'TOTALS')).toEqual([
      'Requested   18',
      'Available   18 (100 %)',
      '            14 new, 4 cached before, 0 failed',
      'Downloaded  582 MB in this run',
      'Store       18 packages, 321 MB stored of 696 MB downloaded, 1.0 GB unpacked (3.24 : 1)',
      'Nodes       27 of 27 deliveries in place, 426 MB sent in this run',
    ])
  })

  it('has one aligned row per package', async () => {
    const rows = below(await lines(goodRun()), 'PACKAGES')
    expect(rows).toHaveLength(19)
    expect([rows[0], rows[4], rows[17]]).toEqual([
      'PACKAGE      VERSION  PLATFORM     STATE      FORMAT  TRUST          DOWNLOAD   STORED  UNPACKED',
      'containerd   2.1.0    linux/arm64  cached     tar.gz  checksum-file   31.1 MB  25.0 MB   81.1 MB',
      'runc         1.3.0    linux/amd64  published  binary  signed          11.9 MB   3.9 MB   11.9 MB',
    ])
  })

  it('names no failure and stays within 100 columns', async () => {
    const all = await lines(goodRun())
    expect(all.filter((line) => line.startsWith('FAILURES'))).toEqual([])
    expect(all.filter((line) => line.length > 100)).toEqual([])
  })
})

describe('a run with mirrors', () => {
  it('says who served what did not come from its own URL', async () => {
    const rows = below(await lines(goodRun()), 'SERVED BY A MIRROR OR AFTER A REDIRECT')
    expect(rows).toHaveLength(19)
    expect([rows[0], rows[18]]).toEqual([
      'PACKAGE                        SERVED BY',
      'runc@1.3.0 linux/arm64         http://mirror.example:8080/runc/v1.3.0/runc-linux-arm64',
    ])
  })

  it('leaves the table out where everything came from its own URL', async () => {
    const all = await lines({ result: sampleResult({ unchanged: true }), records: [] })
    expect(all.some((line) => line.startsWith('SERVED BY'))).toBe(false)
  })
})

describe('a run with failures', () => {
  it('ends with each, its code and its hint', async () => {
    const all = await lines(failingRun())
    expect(all.slice(all.indexOf('FAILURES (4)'), -1)).toEqual([
      'FAILURES (4)',
      'E_DIGEST  kubelet@1.33.1 linux/arm64 (fetch, fetch-http)',
      '  the download has SHA-256 0497db517ef058cb6d3672d5ffe8f062fddabc4bf56aa1d254b7f078e9a79e49,',
      '  upstream vouches for cea23dd4b87e8b00d19fb9ccaaef93e97353c7353e2070f3baf05aeb3995dff4',
      '  hint: a mirror may serve other bytes than upstream; fetch the checksum file by hand and compare',
      '',
      'E_NOT_FOUND  nerdctl@2.1.2 linux/arm64 (resolve, source-kubernetes)',
      '  http://mirror.example:8080/nerdctl/v2.1.2: 404 Not Found',
      '  hint: check the version; upstream lists its releases',
      '',
      'E_NODE_NOSPC  kubelet@1.33.1 linux/amd64 on worker-1 (distribute, transport-ssh)',
      '  worker-1 has no room: 22.9 MB needed, 4.1 MB free',
      '  hint: free some space below /usr/local/src, then run again: what has arrived is not sent twice',
      '',
      'E_REPORT  /srv/www/report.html (report)',
      '  the report /srv/www/report.html cannot be written: read-only file system',
      '  hint: choose another place with --output',
    ])
    expect(all.filter((line) => line.length > 100)).toEqual([])
  })

  it('shows what is on which node', async () => {
    const all = await lines(failingRun())
    expect(below(all, 'NODES')).toEqual([
      'NODE       TARGET                    SENT  PRESENT  FAILED  NOT SENT  BYTES SENT',
      'control-1  10.0.0.11:/usr/local/src     9        0       0         0      166 MB',
      'worker-1   10.0.0.21:/usr/local/src    12        3       1         2      215 MB',
    ])
    expect(below(all, 'PACKAGES ON NODES').slice(12, 15)).toEqual([
      'kubectl@1.33.1 linux/arm64     -          present',
      'kubelet@1.33.1 linux/amd64     sent       FAILED',
      'kubelet@1.33.1 linux/arm64     -          not sent',
    ])
  })
})

describe('a run with fallbacks, skipped nodes, a tree and prune', () => {
  it('tells them apart from failures', async () => {
    const all = await lines(nodesRun())
    expect(below(all, 'TOTALS').slice(-3)).toEqual([
      'Nodes       8 of 16 deliveries in place, 57.6 MB sent in this run',
      '            2 failed, 3 by fallback, 3 skipped',
      '            2 files removed (7.6 MB)',
    ])
    expect(below(all, 'NODES')).toEqual([
      'NODE      TARGET                    SENT  PRESENT  FAILED  FALLBACK  SKIPPED  NOT SENT  BYTES SENT',
      'cp-1      10.0.0.11:/usr/local/src     1        1       0         0        0         0      3.9 MB',
      'worker-1  10.0.0.12:/usr/local/src     3        0       0         1        0         0     53.7 MB',
      'worker-2  10.0.0.13:/usr/local/src     3        0       0         1        0         0         0 B',
      'worker-3  10.0.0.14:/usr/local/src     0        0       2         1        0         0         0 B',
      'worker-4  10.0.0.15:/usr/local/src     0        0       0         0        3         0         0 B',
    ])
    expect(below(all, 'PACKAGES ON NODES')).toEqual([
      'PACKAGE                       cp-1     worker-1  worker-2  worker-3  worker-4',
      'containerd@2.1.0 linux/amd64  present  sent      sent      FAILED    skipped',
      'kubelet@1.33.1 linux/amd64    -        sent      sent      fallback  skipped',
      'nerdctl@2.1.2 linux/amd64     -        fallback  fallback  -         -',
      'runc@1.3.0 linux/amd64        sent     sent      sent      FAILED    skipped',
    ])
    expect(below(all, 'SENT BY OTHER NODES')).toEqual([
      'NODE      FROM      PACKAGES',
      'worker-2  worker-1         3',
    ])
    expect(below(all, 'REMOVED FROM NODES')).toEqual([
      'NODE      FILE                             SIZE',
      'worker-1  runc/runc-1.2.5-amd64.tar.zst  3.8 MB',
      'worker-1  runc/runc-1.2.6-amd64.tar.zst  3.8 MB',
    ])
    expect(below(all, 'FALLBACKS (3)')[0]).toBe(
      'E_NODE_NOSPC  kubelet@1.33.1 linux/amd64 on worker-3 (distribute, transport-ssh)',
    )
    expect(all.slice(all.indexOf('FAILURES (3)')).filter((line) => line.startsWith('E_'))).toEqual([
      'E_NOT_FOUND  nerdctl@2.1.2 linux/amd64 (fetch, fetch-http)',
      'E_NODE_NOSPC  2 packages on worker-3 (distribute, transport-ssh)',
    ])
  })
})

describe('edges', () => {
  it('reports an empty run without empty tables', async () => {
    expect(await lines({ result: sampleResult({ unchanged: true }), records: [] })).toEqual([
      'Nothing was asked for, and the store is empty.',
      '',
      '2025-11-21 22:30:42 UTC, took 43 s, exit code 0',
      'Store: /root/.pkgcache/cache/packages',
      '',
      'TOTALS',
      'Requested   0',
      'Available   0',
      '            0 new, 0 cached before, 0 failed',
      'Downloaded  0 B in this run',
      'Store       0 packages, 0 B stored of 0 B downloaded, 0 B unpacked',
      '            Nothing was fetched, sent or rewritten.',
      '',
    ])
  })

  it('puts twenty different nodes into tables of at most 100 columns, each node once', async () => {
    const records = Array.from({ length: 20 }, (_, index) => sampleRecord({ name: `tool-${index}` }))
    const nodes = records.map((_, index) => ({ name: `node-${index}`, root: '/srv', sudo: false }))
    const items = records.map((record, index) => {
      return { key: record, state: 'cached', record, to: [`node-${index}`] } as const
    })
    const all = await lines({ result: sampleResult({ items, nodes }), records })
    expect(all.filter((line) => line.length > 100)).toEqual([])
    const titles = all.slice(all.indexOf('PACKAGES ON NODES')).filter((line) => line.startsWith('PACKAGE  '))
    expect(titles.flatMap((line) => line.match(/node-\d+/g))).toEqual(nodes.map(({ name }) => name))
  })

  it('lets nodes share a column where many are alike, and says who they are', async () => {
    const record = sampleRecord()
    const nodes = Array.from({ length: 16 }, (_, index) => {
      return { name: `node-${index}`, root: '/srv', sudo: false, groups: [index < 2 ? 'control' : 'workers'] }
    })
    const items = [{ key: record, state: 'cached', record, to: ['workers'] }] as const
    const all = await lines({ result: sampleResult({ items, nodes }), records: [record] })
    expect(below(all, 'PACKAGES ON NODES')).toEqual([
      'PACKAGE                 node-0 +1  node-2 +13',
      'runc@1.3.0 linux/amd64  -          not sent',
      'node-0 +1: node-0, node-1',
      'node-2 +13: node-2, node-3, node-4, node-5, node-6, node-7, node-8, node-9, node-10, node-11,',
      'node-12, node-13, node-14, node-15',
    ])
  })

  it('counts what a dead node did not get, and names it once', async () => {
    const [down] = nodesRun().result.nodes
    if (down === undefined) throw new Error('there is no node')
    const error = new PkgcacheError('E_NODE_UNREACHABLE', 'connection refused')
    const items = sampleRecords().map((record) => ({ key: record, state: 'cached', record }) as const)
    const deliveries = items.map(
      ({ key }) => ({ node: down.name, key, state: 'failed', remotePath: 'a/a', error }) as const,
    )
    const all = await lines({ result: sampleResult({ items, deliveries, nodes: [down] }), records: [] })
    const failures = all.slice(all.indexOf('FAILURES (18)'))
    expect([failures[1], failures.at(-2), failures.length]).toEqual([
      'E_NODE_UNREACHABLE  18 packages on cp-1',
      '  connection refused',
      10,
    ])
  })

  it('sends nothing from outside to the terminal', async () => {
    const text = (await lines(hostileRun())).join('\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    expect(text).toContain('\\u001b[31mred\\u001b[0m evil\\u202egnp.exe')
  })

  it('lets no message start a line of its own making', async () => {
    const name = 'x\nFAILURES (0)\nE_FAKE'
    const all = await lines({ result: sampleResult(), records: [sampleRecord({ name })] })
    expect(all.filter((line) => /^(FAILURES|E_FAKE)/.test(line))).toEqual([])
  })
})
