import { compareReports, type ReportRequest, type Requirement, summarise } from '@pkgcache/core'
import {
  goodRun,
  hostileRun,
  renderComparison,
  renderReport,
  sampleResult,
  toolsetRun,
  toolsetRunBefore,
} from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import reportText from '../src/index.ts'

async function lines(request: ReportRequest): Promise<string[]> {
  return (await renderReport(reportText(), request)).content.split('\n')
}

async function compared(old: ReportRequest, now: ReportRequest): Promise<string[]> {
  const rendered = await renderComparison(reportText(), compareReports(summarise(old), summarise(now)))
  const { format, fileName, content } = rendered
  expect({ format, fileName, end: content.at(-1) }).toEqual({
    format: 'text',
    fileName: 'comparison.txt',
    end: '\n',
  })
  return content.split('\n')
}

/** The lines below a title, up to the next title. */
function section(all: readonly string[], title: string): string[] {
  const rest = all.slice(all.indexOf(title) + 1)
  const end = rest.findIndex(
    (line, index) => rest[index - 1] === '' && /^[A-Z]+( [A-Z]+)*( \(\d+\))?$/.test(line),
  )
  return rest.slice(0, end === -1 ? -1 : end - 1)
}

function wants(index: number, changes: Partial<Requirement> = {}): Requirement {
  const row = { from: 't.json', section: 'docker', tool: `tool-${index}`, requested: '1' }
  return { ...row, platform: 'linux', arch: 'x64', status: 'matched', downloadable: true, ...changes }
}

describe('a run for a toolset', () => {
  it('has the figures of the whole and of each section', async () => {
    const all = await lines(toolsetRun())
    expect(all[0]).toBe('7 of 8 packages are in the cache, 1 failed; 8 of 12 toolset rows are covered.')
    expect(section(all, 'TOOLSET COVERAGE')).toEqual([
      '66.6 %: 8 of 12 downloadable rows cached, 4 missing; 231 cannot be downloaded',
      '7 packages, 612 MB stored of 612 MB downloaded',
      'Asked for by /images/toolset-2025.json',
      '',
      'SECTION       ROWS  IN REPORT  RESOLVABLE  CACHED  MISSING  NO DOWNLOAD  COVERAGE   STORED',
      'choco            3          3           0       0        0            3         -      0 B',
      'dotnet           2          2           0       0        2            0       0 %      0 B',
      'java             2          2           2       2        0            0     100 %   407 MB',
      'mysql            1          0           0       0        1            0       0 %      0 B',
      'node             1          1           1       1        0            0     100 %  34.3 MB',
      'toolcache        6          6           6       5        1            0    83.3 %   205 MB',
      'visualStudio   228        228           0       0        0          228         -      0 B',
      'all            243        242           9       8        4          231    66.6 %   612 MB',
    ])
    expect(section(all, 'TOOLSET ROWS').slice(0, 5)).toEqual([
      'BY        VALUE             ROWS  CACHED  MISSING  NO DOWNLOAD',
      'status    not-downloadable   231       0        0          231',
      '          matched             11       8        3            0',
      '          not-in-report        1       0        1            0',
      'evidence  floating           228       0        0          228',
    ])
  })

  it('says what is missing and why, and counts what cannot be downloaded', async () => {
    const all = await lines(toolsetRun())
    expect(section(all, 'MISSING FROM THE TOOLSET (4)')).toEqual([
      'dotnet: 2 rows',
      '  .NET SDK 8.0 win32/x64, .NET SDK 9.0 win32/x64',
      '  https://builds.example/releases-index.json: 503 Service Unavailable',
      '',
      'mysql: MySQL 5.6 win32/x64',
      '  the report holds no MySQL 5.6',
      '',
      'E_NOT_FOUND toolcache: Python 3.13.* win32/x64',
      '  https://dl.example/Python/3.13.5: 404 Not Found',
    ])
    expect(section(all, 'NOT DOWNLOADABLE (231)')).toEqual([
      'ROWS  SECTIONS      REASON',
      ' 228  visualStudio  the Visual Studio installer alone brings it',
      '   3  choco         a package of Chocolatey',
    ])
    expect(all.filter((line) => line.length > 100)).toEqual([])
  })

  it('has nothing of it where no toolset asks', async () => {
    expect((await lines(goodRun())).filter((line) => /TOOLSET|DOWNLOADABLE/.test(line))).toEqual([])
  })

  it('stays readable for hundreds of causes', async () => {
    const requirements = Array.from({ length: 300 }, (_, index) => [
      wants(index, { reason: `no ${index}` }),
      wants(index, { reason: `installer ${index}`, downloadable: false }),
    ]).flat()
    const all = await lines({ result: sampleResult({ requirements }), records: [] })
    expect(section(all, 'MISSING FROM THE TOOLSET (300)').slice(-4)).toEqual([
      'docker: tool-19 1 linux/x64',
      '  no 19',
      '',
      'and 280 more rows; the JSON report has all',
    ])
    expect(section(all, 'NOT DOWNLOADABLE (300)').slice(-2)).toEqual([
      '   1  docker    installer 19',
      ' 280            for other reasons; the JSON report has all',
    ])
  })
})

describe('a comparison', () => {
  it('says what changed, and how the coverage did', async () => {
    const all = await compared(toolsetRunBefore(), toolsetRun())
    expect(all).toEqual([
      '1 added, 0 removed, 2 changed, 5 the same; 1 newly cached, 2 newly missing.',
      '',
      'REPORTS',
      '              OLD                             NEW                             CHANGE',
      'Made          2025-11-14 22:30:42             2025-11-21 22:30:42',
      'Store         /root/.pkgcache/cache/packages  /root/.pkgcache/cache/packages',
      'Packages      7                               7                               no change',
      'Stored        429 MB                          612 MB                          +183 MB',
      'Toolset rows  241                             243                             +2',
      'Cached        8                               8                               no change',
      'Missing       2                               4                               +2',
      'Coverage      80 %                            66.6 %                          -13.4 points',
      '',
      'NEWLY MISSING (2)',
      'mysql: MySQL 5.6 win32/x64 (not asked for before)',
      '  the report holds no MySQL 5.6',
      'toolcache: Python 3.13.* win32/x64',
      '  E_NOT_FOUND: https://dl.example/Python/3.13.5: 404 Not Found',
      '',
      'NEWLY CACHED (1)',
      'java: Temurin 21 win32/x64 (not asked for before)',
      '',
      'SECTIONS',
      'SECTION        ROWS  CACHED  MISSING        COVERAGE  ADDED  REMOVED  CHANGED',
      'choco             3       0        0               -      0        0        0',
      'dotnet            2       0        2             0 %      0        0        0',
      'java          1 → 2   1 → 2        0           100 %      1        0        0',
      'mysql         - → 1   - → 0    - → 1         - → 0 %      0        0        0',
      'node              1       1        0           100 %      0        0        0',
      'toolcache         6   6 → 5    0 → 1  100 % → 83.3 %      0        0        2',
      'visualStudio    228       0        0               -      0        0        0',
      '',
      'ADDED (1)',
      'PACKAGE                     SECTION  STATE   STORED',
      'Temurin@21.0.7+6 win32/x64  java     cached  211 MB',
      '',
      'CHANGED (2)',
      'PACKAGE           VERSION          STATE                        STORED',
      'go win32/x64      1.24.4 → 1.24.5  cached            82.3 MB → 82.4 MB',
      'Python win32/x64  3.13.5           cached → missing        28.1 MB → -',
      '',
    ])
  })

  it('of a report with itself is short', async () => {
    expect((await compared(goodRun(), goodRun())).slice(0, 5)).toEqual([
      '0 added, 0 removed, 0 changed, 18 the same.',
      '',
      'REPORTS',
      '           OLD                             NEW                             CHANGE',
      'Made       2025-11-21 22:30:42             2025-11-21 22:30:42',
    ])
  })

  it('names a hundred rows, and counts the others', async () => {
    const requirements = Array.from({ length: 130 }, (_, index) => wants(index, { reason: 'no' }))
    const empty = { result: sampleResult({ requirements: requirements.slice(0, 1) }), records: [] }
    const all = await compared(empty, { result: sampleResult({ requirements }), records: [] })
    const rows = section(all, 'NEWLY MISSING (129)')
    expect([rows.length, rows.at(-1)]).toEqual([201, 'and 29 more; the JSON document has all'])
  })

  it('sends nothing from outside to the terminal', async () => {
    const text = (await compared(goodRun(), hostileRun())).join('\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    expect(text).toContain('evil\\u202egnp.exe')
  })
})
