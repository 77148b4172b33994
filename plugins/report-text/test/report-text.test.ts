import type { ReportRequest } from '@pkgcache/core'
import {
  failingRun,
  goodRun,
  hostileRun,
  renderReport,
  sampleRecord,
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

  it('puts twenty nodes into tables of at most 100 columns, each node once', async () => {
    const record = sampleRecord()
    const nodes = Array.from({ length: 20 }, (_, index) => ({
      name: `node-${index}`,
      root: '/srv',
      sudo: false,
    }))
    const items = [{ key: record, state: 'cached', record }] as const
    const all = await lines({ result: sampleResult({ items, nodes }), records: [record] })
    expect(all.filter((line) => line.length > 100)).toEqual([])
    const titles = all.slice(all.indexOf('PACKAGES ON NODES')).filter((line) => line.startsWith('PACKAGE  '))
    expect(titles.flatMap((line) => line.match(/node-\d+/g))).toEqual(nodes.map(({ name }) => name))
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
