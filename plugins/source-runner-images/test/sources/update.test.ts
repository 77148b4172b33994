import { PkgcacheError } from '@pkgcache/core'
import { describe, expect, it } from 'vitest'
import type { BuiltSourceList } from '../../src/sources/build.ts'
import { readSourceList } from '../../src/sources/read.ts'
import { traced } from '../../src/sources/trace.ts'
import type { SourceRow } from '../../src/sources/types.ts'
import { updateSourceList } from '../../src/sources/update.ts'
import { document, listOf, olderRow } from './kit.ts'

const HEX = 'ab'.repeat(32)
const url = (version: string) => `https://files.internal/python-${version}.zip`

/** A row as `sources build` writes it. */
function built(version: string, fields: Partial<SourceRow> = {}): SourceRow {
  return traced({
    section: 'toolcache',
    name: 'Python',
    tool: 'Python',
    requested: '3.12.*',
    status: 'matched',
    version,
    platform: 'win32',
    arch: 'x64',
    downloadUrl: url(version),
    urlEvidence: 'manifest',
    matchedFrom: { upstream: true, toolset: 'toolset.json', path: '$.toolcache[0].versions[0]' },
    ...fields,
  })
}

function without(row: SourceRow, ...fields: string[]): SourceRow {
  return Object.fromEntries(
    Object.entries(row).filter(([key]) => !fields.includes(key)),
  ) as unknown as SourceRow
}

function buildOf(rows: readonly SourceRow[], rest: Partial<BuiltSourceList> = {}): BuiltSourceList {
  return {
    list: {
      metadata: listOf([]).metadata,
      sources: rows.filter(({ downloadUrl }) => downloadUrl !== undefined),
      unresolved: rows.filter(({ downloadUrl }) => downloadUrl === undefined),
    },
    faults: [],
    unread: [],
    ...rest,
  }
}

/** What an update of these rows by a build of those says, and the rows it comes to. */
function update(before: readonly unknown[], fresh: readonly SourceRow[], rest?: Partial<BuiltSourceList>) {
  const list = listOf(
    before.filter((row) => (row as SourceRow).downloadUrl !== undefined),
    before.filter((row) => (row as SourceRow).downloadUrl === undefined),
  )
  const result = updateSourceList(
    readSourceList(document(JSON.parse(JSON.stringify(list)))),
    buildOf(fresh, rest),
  )
  const rows = [...result.list.sources, ...result.list.unresolved]
  return {
    rows,
    versions: rows.map(({ version }) => version).join(' '),
    said: [
      ...result.added.map(({ version }) => `added ${version}`),
      ...result.removed.map(({ version }) => `removed ${version}`),
      ...result.changed.map(({ before: old, after }) => `changed ${old.version} ${after.version}`),
      ...result.kept.map(
        ({ row, because, fields, offered }) =>
          `${because} ${row.version} (${fields.join(' ')}) ${offered?.version ?? '-'}`,
      ),
      ...(result.same > 0 ? [`same ${result.same}`] : []),
    ],
    faults: result.faults.map(({ message }) => message),
    unchanged: result.unchanged,
  }
}

const edited = (fields: Partial<SourceRow>) => ({ ...built('3.12.9'), ...fields })
const BY_HAND = {
  name: 'mine',
  version: '1.0',
  platform: 'linux',
  arch: 'x64',
  downloadUrl: url('mine'),
  matchedFrom: { upstream: false, toolset: '' },
}
const OLDER = olderRow()
const DOWN = { faults: [new PkgcacheError('E_NOT_FOUND', 'gone')] }
const UNREAD = { unread: ['/elsewhere/toolset.json'] }
const lost = without(
  built('3.12.9', { reason: 'the index could not be asked' }),
  'downloadUrl',
  'urlEvidence',
)

/** Before, what the build has, what is said, and the versions that are in the list then. */
type Case = readonly [
  what: string,
  before: readonly unknown[],
  fresh: readonly SourceRow[],
  said: readonly string[],
  versions: string,
  rest?: Partial<BuiltSourceList>,
]
const CASES: readonly Case[] = [
  ['nothing new', [built('3.12.9')], [built('3.12.9')], ['same 1'], '3.12.9'],
  ['a newer version', [built('3.12.9')], [built('3.12.10')], ['changed 3.12.9 3.12.10'], '3.12.10'],
  ['a new row', [], [built('3.12.9')], ['added 3.12.9'], '3.12.9'],
  ['a row that nothing asks for any more', [built('3.12.9')], [], ['removed 3.12.9'], ''],
  [
    'a row that a person took away',
    [built('3.12.9')],
    [built('3.12.9'), built('3.11.9', { requested: '3.11.*' })],
    ['added 3.11.9', 'same 1'],
    '3.12.9 3.11.9',
  ],
  [
    'a row that a person added',
    [built('3.12.9'), BY_HAND],
    [built('3.12.9')],
    ['added-by-hand 1.0 () -', 'same 2'],
    '3.12.9 1.0',
  ],
  [
    'a row that a person added, and the build has, too',
    [built('3.11.9', { requested: '3.11.*' }), without(built('3.12.1'), 'generated')],
    [built('3.11.9', { requested: '3.11.*' }), built('3.12.9')],
    ['added-by-hand 3.12.1 () 3.12.9', 'same 2'],
    '3.11.9 3.12.1',
  ],
  [
    'another URL',
    [edited({ downloadUrl: url('mirror') })],
    [built('3.12.10')],
    ['edited-by-hand 3.12.9 (downloadUrl) 3.12.10', 'same 1'],
    '3.12.9',
  ],
  [
    'another version',
    [edited({ version: '3.12.1' })],
    [built('3.12.9')],
    ['edited-by-hand 3.12.1 (version) 3.12.9', 'same 1'],
    '3.12.1',
  ],
  [
    'a digest',
    [edited({ sha256: HEX })],
    [built('3.12.9')],
    ['edited-by-hand 3.12.9 (sha256) -', 'same 1'],
    '3.12.9',
  ],
  [
    'another request',
    [edited({ requested: '3.12.9' })],
    [built('3.12.10')],
    ['edited-by-hand 3.12.9 (requested) 3.12.10', 'same 1'],
    '3.12.9',
  ],
  [
    'a mark that leaves the file as it is',
    [edited({ normalise: true })],
    [built('3.12.10')],
    ['changed 3.12.9 3.12.10', 'edited-by-hand 3.12.10 (normalise) -'],
    '3.12.10',
  ],
  [
    'an edited row that nothing asks for any more',
    [edited({ normalise: true })],
    [],
    ['edited-by-hand 3.12.9 (normalise) -', 'same 1'],
    '3.12.9',
  ],
  [
    'a field taken away',
    [without(built('3.12.9'), 'status')],
    [built('3.12.10')],
    ['changed 3.12.9 3.12.10', 'edited-by-hand 3.12.10 (status) -'],
    '3.12.10',
  ],
  [
    'two rows of one request, by their versions',
    [built('8.0.1'), built('8.0.2')],
    [built('8.0.2'), built('8.0.3')],
    ['changed 8.0.1 8.0.3', 'same 1'],
    '8.0.2 8.0.3',
  ],
  [
    'a toolset that was moved',
    [built('3.12.9')],
    [built('3.12.9', { matchedFrom: { upstream: true, toolset: 'other.json' } })],
    ['same 1'],
    '3.12.9',
  ],
  [
    'a toolset that cannot be read',
    [built('3.12.9')],
    [],
    ['toolset-unread 3.12.9 () -', 'same 1'],
    '3.12.9',
    UNREAD,
  ],
  [
    'an index that is down',
    [built('3.12.9')],
    [lost],
    ['index-unread 3.12.9 () -', 'same 1'],
    '3.12.9',
    DOWN,
  ],
  ['a URL that is gone', [built('3.12.9')], [lost], ['changed 3.12.9 3.12.9'], '3.12.9'],
  ['a row of the older builder', [OLDER], [built('3.12.9')], ['changed 3.12.* 3.12.9'], '3.12.9'],
  [
    'a placeholder of the older builder',
    [olderRow({ downloadUrl: 'https://example.com/downloads/Python-3.12.*.msi' })],
    [built('3.12.9')],
    ['changed 3.12.* 3.12.9'],
    '3.12.9',
  ],
  ['a row of the older builder that nothing asks for', [OLDER], [], ['removed 3.12.*'], ''],
  [
    'an older row with another URL',
    [olderRow({ downloadUrl: url('mirror') })],
    [built('3.12.9')],
    ['edited-by-hand 3.12.* () 3.12.9', 'same 1'],
    '3.12.*',
  ],
  [
    'an older row with a digest',
    [olderRow({ version: '3.12.1', sha256: HEX })],
    [],
    ['edited-by-hand 3.12.1 () -', 'same 1'],
    '3.12.1',
  ],
  [
    'an older row with a size',
    [olderRow({ version: '3.12.1', size: 5 })],
    [],
    ['edited-by-hand 3.12.1 () -', 'same 1'],
    '3.12.1',
  ],
]

const NAMED = CASES.map((one) => [one[0], one] as const)

describe('an update', () => {
  it.each(NAMED)('%s', (_, [, before, fresh, said, versions, rest]) => {
    const result = update(before, fresh, rest)
    expect([result.said, result.versions, result.faults]).toEqual([said, versions, []])
  })

  it.each(NAMED)('%s: a second one changes nothing', (_, [, before, fresh, , , rest]) => {
    const once = update(before, fresh, rest)
    const twice = update(once.rows, fresh, rest)
    expect(twice.said.filter((line) => /^(added|removed|changed) /.test(line))).toEqual([])
    expect([twice.unchanged, twice.rows]).toEqual([true, once.rows])
  })

  it('keeps what the build says beside a field that a person set', () => {
    const fresh = built('3.12.10')
    expect(update([edited({ normalise: true })], [fresh]).rows).toEqual([{ ...fresh, normalise: true }])
  })

  it('keeps fields that no schema knows', () => {
    const row = { ...built('3.12.9'), comment: 'ours' }
    expect(update([row], [built('3.12.10')]).rows).toEqual([{ ...built('3.12.10'), comment: 'ours' }])
  })

  it('keeps no URL that nobody can fetch, and says so', () => {
    const result = update([edited({ downloadUrl: 'https://files.internal/*.zip' })], [built('3.12.9')])
    expect([result.rows, result.faults]).toEqual([
      [built('3.12.9')],
      ['$.sources[0].downloadUrl: "https://files.internal/*.zip" is a pattern, not the address of a file'],
    ])
  })

  it('leaves a row by hand with such a URL without one', () => {
    const result = update(
      [built('3.12.9'), { ...BY_HAND, downloadUrl: 'https://example.com/a.zip' }],
      [built('3.12.9')],
    )
    const reason =
      '$.sources[1].downloadUrl: "https://example.com/a.zip" leads to a host that stands for any other'
    expect([result.rows[1]?.downloadUrl, result.rows[1]?.reason, result.faults]).toEqual([
      undefined,
      reason,
      [reason],
    ])
  })

  it('does not change what only the times of reading tell apart', () => {
    expect(update([built('3.12.9')], [built('3.12.9')]).unchanged).toBe(true)
    expect(update([built('3.12.9')], [built('3.12.10')]).unchanged).toBe(false)
  })
})
