import { describe, expect, it } from 'vitest'
import { PkgcacheError } from '../../src/errors/error.ts'
import type { PackageKey } from '../../src/model/names.ts'
import type { Requirement } from '../../src/model/requirement.ts'
import type { ItemResult } from '../../src/model/run.ts'
import { formatRequirement, groupGaps } from '../../src/report/gaps.ts'
import { reportHeadline } from '../../src/report/headline.ts'
import { summarise } from '../../src/report/summary.ts'
import { toolsetCoverage } from '../../src/report/toolset.ts'
import type { ReportRequirement, ToolsetCounts } from '../../src/report/toolset.types.ts'
import { toolsetRun } from '../../testing/sample-toolset.ts'
import { goodRun, sampleRecord, sampleResult } from '../../testing/samples.ts'

const GO: PackageKey = { name: 'go', version: '1.24.5', platform: 'linux', arch: 'x64' }

function wants(changes: Partial<Requirement> = {}): Requirement {
  const row = { from: 'toolset.json', section: 'toolcache', tool: 'go', requested: '1.24.*' }
  return { ...row, platform: 'linux', arch: 'x64', status: 'matched', downloadable: true, ...changes }
}

function item(state: 'cached' | 'published' | 'failed', key = GO, section?: string): ItemResult {
  const record = sampleRecord({ ...key, size: 10, source_size: 30 })
  const asked = section === undefined ? {} : { section }
  if (state === 'cached') return { key, state, record, ...asked }
  if (state === 'published') return { key, state, record, fetchedBytes: 30, ...asked }
  return { key, state, error: new PkgcacheError('E_HTTP', 'https://u:p@dl.example/go: 500'), ...asked }
}

function cover(requirements: readonly Requirement[], items: readonly ItemResult[] = []) {
  const toolset = toolsetCoverage({ requirements, items })
  if (toolset === undefined) throw new Error('there is no coverage')
  return toolset
}

const NONE: ToolsetCounts = {
  requested: 0,
  compared: 0,
  in_report: 0,
  resolvable: 0,
  cached: 0,
  missing: 0,
  not_downloadable: 0,
  percent: null,
  packages: 0,
  source_bytes: 0,
  stored_bytes: 0,
}

describe('a row', () => {
  type Became = Pick<ReportRequirement, 'state' | 'code' | 'reason' | 'package'>
  const cases: readonly (readonly [string, Partial<Requirement>, readonly ItemResult[], Became])[] = [
    ['is cached when its package is new', { key: GO }, [item('published')], { state: 'cached', package: GO }],
    ['is cached when its package was', { key: GO }, [item('cached')], { state: 'cached', package: GO }],
    [
      'is cached when one of two requests brought it',
      { key: GO },
      [item('published'), item('failed')],
      { state: 'cached', package: GO },
    ],
    [
      'finds its package though it says v1.24.5',
      { key: { ...GO, version: 'v1.24.5' } },
      [item('cached')],
      { state: 'cached', package: GO },
    ],
    [
      'is missing for the error of its package',
      { key: GO, reason: 'not this' },
      [item('failed')],
      { state: 'missing', code: 'E_HTTP', reason: 'https://dl.example/go: 500', package: GO },
    ],
    [
      'is missing for the reason it gives',
      { reason: 'https://u:p@dl.example/index.json: 503' },
      [],
      { state: 'missing', reason: 'https://dl.example/index.json: 503' },
    ],
    [
      'is missing though it gives no reason',
      {},
      [],
      { state: 'missing', reason: 'no package was found for it' },
    ],
    [
      'is missing when nobody asked for its package',
      { key: GO },
      [],
      { state: 'missing', reason: 'its package was not asked for', package: GO },
    ],
    [
      'of which there is nothing to download is no gap',
      { downloadable: false, reason: 'an installer' },
      [],
      { state: 'not-downloadable', reason: 'an installer' },
    ],
  ]
  it.each(cases)('%s', (_name, changes, items, expected) => {
    const [row] = cover([wants(changes)], items).rows
    const { state, code, reason, package: found } = row ?? {}
    expect({ state, code, reason, package: found }).toEqual({
      code: undefined,
      reason: undefined,
      package: undefined,
      ...expected,
    })
  })

  it('tells what the plugin told of it, without credentials', () => {
    const told = { inReport: true, reportName: 'Go', version: '1.24.5', evidence: 'manifest' }
    const from = 'https://u:p@lists.example/toolset.json?token=abcdef'
    expect(cover([wants({ ...told, from, url: 'https://u:p@dl.example/go.zip' })]).rows).toEqual([
      {
        from: 'https://lists.example/toolset.json?token=***',
        section: 'toolcache',
        tool: 'go',
        requested: '1.24.*',
        platform: 'linux',
        arch: 'x64',
        status: 'matched',
        in_report: true,
        report_name: 'Go',
        version: '1.24.5',
        evidence: 'manifest',
        url: 'https://dl.example/go.zip',
        state: 'missing',
        reason: 'no package was found for it',
      },
    ])
  })
})

describe('coverage of a toolset', () => {
  it('is absent where nobody asks for anything', () => {
    expect(toolsetCoverage({ requirements: [], items: [item('cached')] })).toBeUndefined()
    expect('toolset' in summarise(goodRun())).toBe(false)
  })

  it('counts the bytes of a package that several rows share once, in each sum', () => {
    const rows = [
      wants({ key: GO }),
      wants({ key: GO, section: 'node' }),
      wants({ key: GO, requested: '1.24.5' }),
    ]
    const { by, rows: _, ...counts } = cover(rows, [item('published'), item('cached')])
    const shared = { ...NONE, cached: 3, requested: 3, resolvable: 3, percent: 100, packages: 1 }
    expect(counts).toEqual({ ...shared, source_bytes: 30, stored_bytes: 10 })
    expect(
      by.section.map(({ value, cached, packages, stored_bytes }) => [value, cached, packages, stored_bytes]),
    ).toEqual([
      ['node', 1, 1, 10],
      ['toolcache', 2, 1, 10],
    ])
  })

  it('is null where nothing can be downloaded, and never rounds up to 100', () => {
    expect(cover([wants({ downloadable: false })])).toMatchObject({
      ...NONE,
      requested: 1,
      not_downloadable: 1,
    })
    const rows = Array.from({ length: 2000 }, (_, index) => wants(index === 0 ? {} : { key: GO }))
    expect(cover(rows, [item('cached')]).percent).toBe(99.9)
  })

  it('counts rows in the report only among those that say', () => {
    const { compared, in_report } = cover([wants({ inReport: true }), wants({ inReport: false }), wants()])
    expect({ compared, in_report }).toEqual({ compared: 2, in_report: 1 })
  })

  it('of the sample has sums by each property', () => {
    const { toolset } = summarise(toolsetRun())
    const { by, rows, ...counts } = toolset ?? { by: undefined, rows: [] }
    expect(counts).toEqual({
      requested: 243,
      compared: 243,
      in_report: 242,
      resolvable: 9,
      cached: 8,
      missing: 4,
      not_downloadable: 231,
      percent: 66.6,
      packages: 7,
      source_bytes: 611_900_000,
      stored_bytes: 611_900_000,
    })
    expect(rows).toHaveLength(243)
    const brief = (property: keyof NonNullable<typeof by>) =>
      by?.[property].map((one) => [one.value, one.requested, one.cached, one.missing, one.percent].join(' '))
    expect(brief('section')).toEqual([
      'choco 3 0 0 ',
      'dotnet 2 0 2 0',
      'java 2 2 0 100',
      'mysql 1 0 1 0',
      'node 1 1 0 100',
      'toolcache 6 5 1 83.3',
      'visualStudio 228 0 0 ',
    ])
    expect(brief('platform')).toEqual([' 231 0 0 ', 'win32 12 8 4 66.6'])
    expect(brief('arch')).toEqual([' 231 0 0 ', 'x64 12 8 4 66.6'])
    expect(brief('status')).toEqual([
      'not-downloadable 231 0 0 ',
      'matched 11 8 3 72.7',
      'not-in-report 1 0 1 0',
    ])
    expect(brief('evidence')).toEqual([
      'floating 228 0 0 ',
      'manifest 7 6 1 85.7',
      ' 3 0 3 0',
      'package-manager 3 0 0 ',
      'index 2 2 0 100',
    ])
  })

  it('is the same in whatever order rows and items come', () => {
    const { result, records } = toolsetRun()
    const requirements = result.requirements.toReversed()
    const reversed = { ...result, requirements, items: result.items.toReversed() }
    expect(summarise({ result: reversed, records })).toEqual(summarise({ result, records }))
  })
})

describe('packages of sections', () => {
  it('are told apart from others, and a package that two sections ask for comes once', () => {
    const node = { ...GO, name: 'node' }
    const items = [
      item('cached', GO, 'toolcache'),
      item('published', GO, 'node'),
      item('cached', node),
      item('cached', node, ''),
    ]
    const { packages, composition, totals } = summarise({ result: sampleResult({ items }), records: [] })
    expect(
      packages.map(({ name, section, state, fetched_bytes }) => [name, section, state, fetched_bytes]),
    ).toEqual([
      ['go', 'node', 'published', 30],
      ['node', undefined, 'cached', 0],
    ])
    expect(composition.section.map(({ value, packages: count }) => [value, count])).toEqual([['node', 1]])
    expect([totals.requested, totals.stored_bytes]).toEqual([2, 20])
  })

  it('that failed twice are one failure', () => {
    const items = [item('failed', GO, 'toolcache'), item('failed', GO, 'node')]
    expect(summarise({ result: sampleResult({ items }), records: [] }).failures).toHaveLength(1)
  })
})

describe('gaps', () => {
  it('bring rows of one cause together', () => {
    const { toolset } = summarise(toolsetRun())
    const brief = (state: 'missing' | 'not-downloadable') =>
      groupGaps(toolset ?? { rows: [] }, state).map(({ code, sections, rows, reason }) => [
        code,
        sections.join(),
        rows.length,
        reason,
      ])
    expect(brief('missing')).toEqual([
      [undefined, 'dotnet', 2, 'https://builds.example/releases-index.json: 503 Service Unavailable'],
      [undefined, 'mysql', 1, 'the report holds no MySQL 5.6'],
      ['E_NOT_FOUND', 'toolcache', 1, 'https://dl.example/Python/3.13.5: 404 Not Found'],
    ])
    expect(brief('not-downloadable')).toEqual([
      [undefined, 'visualStudio', 228, 'the Visual Studio installer alone brings it'],
      [undefined, 'choco', 3, 'a package of Chocolatey'],
    ])
  })

  it('have the evidence or the status for a reason where none is given', () => {
    const rows = [
      wants({ downloadable: false, evidence: 'floating' }),
      wants({ downloadable: false, section: 'x' }),
    ]
    expect(groupGaps(cover(rows), 'not-downloadable').map(({ reason }) => reason)).toEqual([
      'floating',
      'matched',
    ])
  })

  it.each([
    [wants(), 'go 1.24.* linux/x64'],
    [wants({ requested: '', platform: '', arch: '' }), 'go'],
    [wants({ arch: '' }), 'go 1.24.* linux'],
  ])('name a row on one line: %#', (row, expected) => {
    expect(formatRequirement(row)).toBe(expected)
  })
})

describe('the headline', () => {
  const other = wants({ key: GO, section: 'node' })
  it.each<readonly [string, readonly Requirement[]]>([
    ['The one package is in the cache; all 2 toolset rows are covered.', [wants({ key: GO }), other]],
    ['The one package is in the cache; the one toolset row is covered.', [wants({ key: GO })]],
    ['The one package is in the cache; 1 of 2 toolset rows are covered.', [wants({ key: GO }), wants()]],
    ['The one package is in the cache; the one toolset row is not covered.', [wants()]],
    ['The one package is in the cache; none of the 2 toolset rows are covered.', [wants(), wants()]],
    [
      'The one package is in the cache; nothing that the toolset asks for can be downloaded.',
      [wants({ downloadable: false })],
    ],
  ])('%s', (expected, requirements) => {
    const result = sampleResult({ items: [item('cached')], requirements })
    expect(reportHeadline(summarise({ result, records: [] }))).toBe(expected)
  })
})
