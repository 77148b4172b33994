import { describe, expect, it } from 'vitest'
import { PkgcacheError } from '../../src/errors/error.ts'
import type {
  CacheReport,
  CoverageChange,
  PackageChange,
  ReportComparison,
} from '../../src/model/comparison.ts'
import type { Requirement } from '../../src/model/requirement.ts'
import type { ItemResult } from '../../src/model/run.ts'
import { compareReports } from '../../src/report/compare.ts'
import type { ReportDocument } from '../../src/report/snapshot.ts'
import { summarise } from '../../src/report/summary.ts'
import { toolsetRun, toolsetRunBefore } from '../../testing/sample-toolset.ts'
import { sampleRecord, sampleResult } from '../../testing/samples.ts'

interface Held {
  readonly version: string
  readonly name?: string
  readonly arch?: string
  readonly size?: number
  readonly sha256?: string
  readonly state?: 'cached' | 'published' | 'failed' | 'stored'
}

/** A report of pkgcache with these packages. */
function report(...packages: readonly Held[]): ReportDocument {
  const records = packages
    .filter(({ state }) => state !== 'failed')
    .map((one) => sampleRecord(withDefaults(one)))
  const items = packages.flatMap((one): ItemResult[] => {
    const { state = 'cached', ...fields } = withDefaults(one)
    const record = sampleRecord(fields)
    if (state === 'failed') return [{ key: record, state, error: new PkgcacheError('E_HTTP', '500') }]
    if (state === 'published') return [{ key: record, state, record, fetchedBytes: 1 }]
    return state === 'cached' ? [{ key: record, state, record }] : []
  })
  return summarise({ result: sampleResult({ items }), records })
}

function withDefaults<T extends Held>(one: T) {
  return { name: 'go', platform: 'linux', arch: 'x64', size: 10, sha256: 'a'.repeat(64), ...one }
}

/** One in the older form, as a PowerShell program writes it. */
function older(changes: Partial<CacheReport> = {}): CacheReport {
  const at = { platform: 'linux', arch: 'x64' }
  return {
    metadata: { generatedAt: '2025-09-01T10:00:00+02:00', cacheDirectory: 'D:\\cache' },
    summary: {
      totalSources: 2,
      cachedSources: 1,
      missingSources: 1,
      coveragePercentage: 50,
      totalCacheSize: 10,
    },
    cachedItems: [
      { name: 'go', version: '1.0', ...at, filePath: 'go.zip', fileSize: 10, sha256: 'A'.repeat(64) },
    ],
    missingItems: [
      { name: 'jq', version: '1.7', ...at, downloadUrl: 'https://u:p@dl.example/jq', reason: 'HTTP 404' },
    ],
    ...changes,
  }
}

function brief({ name, arch, old, new: now, differs }: PackageChange): string {
  const side = (one: PackageChange['old']) => (one ? `${one.version} ${one.state}` : '-')
  return `${name}/${arch} ${side(old)} → ${side(now)} [${differs.join()}]`
}

function changes({ added, removed, changed, unchanged }: ReportComparison) {
  return { added: added.map(brief), removed: removed.map(brief), changed: changed.map(brief), unchanged }
}

const NONE = { added: [], removed: [], changed: [], unchanged: 0 }

describe('packages', () => {
  const cases: readonly (readonly [
    string,
    ReportDocument,
    ReportDocument,
    Partial<ReturnType<typeof changes>>,
  ])[] = [
    [
      'that are the same',
      report({ version: '1.0' }),
      report({ version: '1.0', state: 'published' }),
      { unchanged: 1 },
    ],
    ['that came', report(), report({ version: '1.0' }), { added: ['go/x64 - → 1.0 cached []'] }],
    ['that went', report({ version: '1.0' }), report(), { removed: ['go/x64 1.0 cached → - []'] }],
    [
      'of another version',
      report({ version: '1.0' }),
      report({ version: '1.1', size: 11 }),
      { changed: ['go/x64 1.0 cached → 1.1 cached [version,size]'] },
    ],
    [
      'of other bytes',
      report({ version: '1.0' }),
      report({ version: '1.0', sha256: 'b'.repeat(64) }),
      { changed: ['go/x64 1.0 cached → 1.0 cached [sha256]'] },
    ],
    [
      'that are lost: size and digest are no difference of their own',
      report({ version: '1.0' }),
      report({ version: '1.0', state: 'failed' }),
      { changed: ['go/x64 1.0 cached → 1.0 missing [state]'] },
    ],
    [
      'that nobody asks for any more',
      report({ version: '1.0' }),
      report({ version: '1.0', state: 'stored' }),
      { changed: ['go/x64 1.0 cached → 1.0 stored [state]'] },
    ],
    [
      'of several versions go by their versions',
      report({ version: '1.0' }, { version: '2.0' }),
      report({ version: '2.0' }, { version: '3.0' }),
      { added: ['go/x64 - → 3.0 cached []'], removed: ['go/x64 1.0 cached → - []'], unchanged: 1 },
    ],
    [
      'of one version before and several now',
      report({ version: '1.0' }),
      report({ version: '1.1' }, { version: '2.0' }),
      {
        added: ['go/x64 - → 1.1 cached []', 'go/x64 - → 2.0 cached []'],
        removed: ['go/x64 1.0 cached → - []'],
      },
    ],
    [
      'of several arches are several packages',
      report({ version: '1.0' }, { version: '1.0', arch: 'arm64' }),
      report({ version: '1.0' }, { version: '1.1', arch: 'arm64' }),
      { changed: ['go/arm64 1.0 cached → 1.1 cached [version]'], unchanged: 1 },
    ],
  ]
  it.each(cases)('%s', (_name, old, now, expected) => {
    expect(changes(compareReports(old, now))).toEqual({ ...NONE, ...expected })
  })
})

describe('a report in the older form', () => {
  it('is held against another one, digests in capitals and unknown ones too', () => {
    const now = older({
      cachedItems: [
        { ...(older().cachedItems[0] as never as CacheReport['cachedItems'][number]), sha256: 'unknown' },
        { name: 'jq', version: '1.7', platform: 'linux', arch: 'x64', filePath: 'jq', fileSize: 5 },
      ],
      missingItems: [],
      summary: {
        totalSources: 2,
        cachedSources: 2,
        missingSources: 0,
        coveragePercentage: 100,
        totalCacheSize: 15,
      },
    })
    const comparison = compareReports(older(), now)
    expect(changes(comparison)).toEqual({
      ...NONE,
      changed: ['jq/x64 1.7 missing → 1.7 cached [state]'],
      unchanged: 1,
    })
    expect(comparison).toMatchObject({
      coverage_of: 'packages',
      coverage_change: 50,
      stored_bytes_change: 5,
      sections: [],
    })
    expect(comparison.newly_cached).toEqual([
      {
        tool: 'jq',
        requested: '1.7',
        platform: 'linux',
        arch: 'x64',
        before: 'missing',
        version: '1.7',
        reason: 'HTTP 404',
      },
    ])
    expect(comparison.old).toEqual({
      kind: 'cache-report',
      generated_at: '2025-09-01T10:00:00+02:00',
      store: 'D:\\cache',
      packages: 1,
      stored_bytes: 10,
      coverage: { requested: 2, cached: 1, missing: 1, percent: 50 },
    })
  })

  it('knows nothing of what lies in a store unasked, so neither does the comparison', () => {
    const now = report({ version: '1.0' }, { version: '9', name: 'leftover', state: 'stored' })
    expect(changes(compareReports(older(), now))).toEqual({
      ...NONE,
      removed: ['jq/x64 1.7 missing → - []'],
      unchanged: 1,
    })
  })

  it('is part of the comparison, without credentials and unknown members', () => {
    const { missingItems, metadata } = compareReports(
      report(),
      older({ metadata: { ...older().metadata, surprise: 'x' } as CacheReport['metadata'] }),
    )
    expect(missingItems[0]?.downloadUrl).toBe('https://dl.example/jq')
    expect(metadata).toEqual(older().metadata)
  })
})

describe('toolsets', () => {
  const comparison = compareReports(summarise(toolsetRunBefore()), summarise(toolsetRun()))

  it('have a coverage before and now', () => {
    const { old, new: now, coverage_of, coverage_change, stored_bytes_change } = comparison
    expect({ coverage_of, coverage_change, stored_bytes_change }).toEqual({
      coverage_of: 'toolset',
      coverage_change: -13.4,
      stored_bytes_change: 183_000_000,
    })
    expect([old.coverage, now.coverage]).toEqual([
      { requested: 241, cached: 8, missing: 2, percent: 80 },
      { requested: 243, cached: 8, missing: 4, percent: 66.6 },
    ])
    expect([old.generated_at, now.generated_at]).toEqual([
      '2025-11-14T22:30:42.500Z',
      '2025-11-21T22:30:42.500Z',
    ])
  })

  it('say what is newly missing and newly cached, and why', () => {
    const at = { platform: 'win32', arch: 'x64' }
    expect(comparison.newly_missing).toEqual<CoverageChange[]>([
      {
        section: 'mysql',
        tool: 'MySQL',
        requested: '5.6',
        ...at,
        before: 'absent',
        reason: 'the report holds no MySQL 5.6',
      },
      {
        section: 'toolcache',
        tool: 'Python',
        requested: '3.13.*',
        ...at,
        before: 'cached',
        version: '3.13.5',
        code: 'E_NOT_FOUND',
        reason: 'https://dl.example/Python/3.13.5: 404 Not Found',
      },
    ])
    expect(comparison.newly_cached).toEqual<CoverageChange[]>([
      { section: 'java', tool: 'Temurin', requested: '21', ...at, before: 'absent', version: '21.0.7+6' },
    ])
  })

  it('are told by section', () => {
    const brief = comparison.sections.map(({ value, old, new: now, added, removed, changed }) => [
      value,
      old && `${old.cached}/${old.cached + old.missing}`,
      now && `${now.cached}/${now.cached + now.missing} ${now.percent}`,
      `+${added} -${removed} ~${changed}`,
    ])
    expect(brief).toEqual([
      ['choco', '0/0', '0/0 null', '+0 -0 ~0'],
      ['dotnet', '0/2', '0/2 0', '+0 -0 ~0'],
      ['java', '1/1', '2/2 100', '+1 -0 ~0'],
      ['mysql', null, '0/1 0', '+0 -0 ~0'],
      ['node', '1/1', '1/1 100', '+0 -0 ~0'],
      ['toolcache', '6/6', '5/6 83.3', '+0 -0 ~2'],
      ['visualStudio', '0/0', '0/0 null', '+0 -0 ~0'],
    ])
  })

  it('turned around, say the opposite', () => {
    const back = compareReports(summarise(toolsetRun()), summarise(toolsetRunBefore()))
    expect(back.coverage_change).toBe(13.4)
    expect(back.newly_missing).toEqual([])
    expect(back.newly_cached.map(({ tool, before, code }) => [tool, before, code])).toEqual([
      ['Python', 'missing', 'E_NOT_FOUND'],
    ])
    expect([back.added.length, back.removed.length, back.changed.length]).toEqual([0, 1, 2])
  })

  it('with themselves are the same', () => {
    const same = compareReports(summarise(toolsetRun()), summarise(toolsetRun()))
    expect(changes(same)).toEqual({ ...NONE, unchanged: 8 })
    expect([same.coverage_change, same.newly_cached, same.newly_missing]).toEqual([0, [], []])
  })

  it('against a report without one, count packages', () => {
    const mixed = compareReports(report(), summarise(toolsetRun()))
    expect(mixed).toMatchObject({ coverage_of: 'packages', coverage_change: null, sections: [] })
    expect(mixed.new.coverage).toEqual({ requested: 12, cached: 8, missing: 4, percent: 66.6 })
  })

  it('pair a row whose version spec was edited, and equal rows one by one', () => {
    const row = (requested: string): Requirement => {
      const at = { from: 't', section: 's', tool: 'go', platform: 'linux', arch: 'x64', status: 'matched' }
      return { ...at, requested, downloadable: true, reason: `nobody has ${requested}` }
    }
    const of = (...specs: readonly string[]) =>
      summarise({ result: sampleResult({ requirements: specs.map(row) }), records: [] })
    expect(compareReports(of('1.23'), of('1.24')).newly_missing).toEqual([])
    const twice = compareReports(of('1', '2'), of('1', '1', '3')).newly_missing
    expect(twice.map(({ requested, before }) => [requested, before])).toEqual([
      ['1', 'absent'],
      ['3', 'absent'],
    ])
  })
})
