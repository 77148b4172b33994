import { PkgcacheError } from '@pkgcache/core'
import { leftOut } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import { readSourceList } from '../../src/sources/read.ts'
import { corpusMissing, corpusText } from '../corpus.ts'
import { document, listOf, olderRow } from './kit.ts'

const HEX = 'ab'.repeat(32)
const URL = 'https://files.internal/python-3.12.10.zip'
const sound = (fields: Record<string, unknown> = {}) => olderRow({ downloadUrl: URL, ...fields })

function read(value: unknown) {
  return readSourceList(document(value))
}

/** Everything that a list is refused for. */
function refusal(value: unknown): string[] {
  try {
    read(value)
  } catch (error) {
    if (!(error instanceof PkgcacheError)) throw error
    return [`${error.code} ${error.item} ${error.message}`, ...error.faults, `hint: ${error.hint}`]
  }
  return ['it was read']
}

describe('lists that are read', () => {
  it('an older list: what it says is unknown is not there', () => {
    const list = read(listOf([sound({ extra: 1 })]))
    const { sha256: _, size: _size, extra: _extra, ...row } = sound({ extra: 1 })
    expect(list.sources).toEqual([row])
    expect(list.entries).toEqual([
      { path: '$.sources[0]', row, extra: { extra: 1 }, unknown: ['sha256', 'size'] },
    ])
    expect([list.unresolved, list.faults]).toEqual([[], []])
  })

  it.each([
    ['a digest in upper case', { sha256: HEX.toUpperCase() }, { sha256: HEX }],
    ['"Unknown"', { sha256: 'Unknown' }, {}],
    ['an empty digest', { sha256: '' }, {}],
    ['a size', { size: 5 }, { size: 5 }],
    ['a SHA-512', { sha512: HEX + HEX }, { sha512: HEX + HEX }],
    ['a status', { status: 'matched' }, { status: 'matched' }],
  ])('%s', (_, fields, expected) => {
    const [row] = read(listOf([sound(fields)])).sources
    const { sha256: _sha, size: _size, ...plain } = sound()
    expect(row).toEqual({ ...plain, ...expected })
  })

  it('null for the version of the report, which the older builder wrote where it found nothing', () => {
    const matchedFrom = { upstream: false, toolset: 't', upstreamVersion: null, upstreamSource: null }
    expect(read(listOf([sound({ matchedFrom })])).sources[0]?.matchedFrom).toEqual({
      upstream: false,
      toolset: 't',
      upstreamSource: null,
    })
  })

  it('rows of `unresolved`, which need no URL', () => {
    const { downloadUrl: _, sha256: _sha, size: _size, ...row } = sound()
    expect(read(listOf([], [row])).unresolved).toEqual([row])
  })
})

describe('rows that cannot be fetched', () => {
  it.each([
    ['https://nodejs.org/dist/v22.*/node.msi', 'is a pattern, not the address of a file'],
    ['https://files.internal/{version}.zip', 'is a pattern, not the address of a file'],
    ['https://files.internal/a b.zip', 'is a pattern, not the address of a file'],
    ['https://example.com/downloads/Ruby-3.1.msi', 'leads to a host that stands for any other'],
    ['https://downloads.EXAMPLE.org./x.zip', 'leads to a host that stands for any other'],
    ['https://files.example/x.zip', 'leads to a host that stands for any other'],
    ['https://files.invalid/x.zip', 'leads to a host that stands for any other'],
    ['ftp://files.internal/x.zip', 'is no http or https URL'],
    ['x.zip', 'is no http or https URL'],
  ])('%s', (url, why) => {
    const { sources, unresolved, faults, entries } = read(listOf([sound({ downloadUrl: url })]))
    const message = `$.sources[0].downloadUrl: ${JSON.stringify(url)} ${why}`
    expect(sources).toEqual([])
    expect(faults.map((fault) => `${fault.code} ${fault.item} ${fault.message}`)).toEqual([
      `E_SOURCE_LIST list.json ${message}`,
    ])
    expect(unresolved.map(({ downloadUrl, reason }) => [downloadUrl, reason])).toEqual([[undefined, message]])
    expect(entries[0]?.row.downloadUrl).toBe(url)
  })

  it.each([
    [{ sha256: 'abc' }, '$.sources[0].sha256: "abc" is no digest'],
    [{ sha256: 'g'.repeat(64) }, `$.sources[0].sha256: "${'g'.repeat(64)}" is no digest`],
    [{ sha512: HEX }, `$.sources[0].sha512: "${HEX}" is no digest`],
  ])('a digest that is none: %j', (fields, message) => {
    const { sources, faults } = read(listOf([sound(fields)]))
    expect([sources, faults.map((fault) => fault.message)]).toEqual([[], [message]])
  })
})

const { metadata } = listOf([])
const { matchedFrom: _from, ...unmatched } = sound()
const METADATA =
  'hint: `metadata` has texts `generatedAt`, `upstreamReport.url`, `.version`, `.fetchedAt`, and a list `toolsetFiles` with `path` and `lastModified`'

describe('what is no source list', () => {
  it.each([
    [
      'no object',
      [],
      [
        'E_SOURCE_LIST list.json $: is no JSON object',
        'hint: a source list has `metadata` and `sources` (schemas/source-list.json)',
      ],
    ],
    [
      'no sources',
      { metadata },
      [
        'E_SOURCE_LIST list.json $: has no `sources`',
        'hint: a source list has `metadata` and `sources`, a list of rows (schemas/source-list.json)',
      ],
    ],
    [
      'sources under another name',
      { metadata, cache_sources: [] },
      [
        'E_SOURCE_LIST list.json $: has no `sources`, but `cache_sources`',
        'hint: a source list has `metadata` and `sources`, a list of rows (schemas/source-list.json); `pkgcache sources build` writes one',
      ],
    ],
    [
      'null for what is not known',
      listOf([sound({ sha256: null, size: null })]),
      [
        'E_SOURCE_LIST list.json $.sources[0].sha256: null is no text (and 1 more)',
        '$.sources[0].size: null is no number of bytes',
        'hint: hex digits, or "unknown", or leave it out',
      ],
    ],
    [
      'a row without a field',
      listOf([unmatched]),
      ['E_SOURCE_LIST list.json $.sources[0]: has no `matchedFrom`', 'hint: every row has one'],
    ],
    [
      'a word that is none',
      listOf([sound({ status: 'found' })]),
      [
        'E_SOURCE_LIST list.json $.sources[0].status: "found" is none of its words',
        'hint: one of matched, version-mismatch, not-in-report, ambiguous, report-only, not-downloadable',
      ],
    ],
    [
      'a row that is no object',
      listOf(['Python']),
      ['E_SOURCE_LIST list.json $.sources[0]: is a string, not an object', 'hint: undefined'],
    ],
    [
      'metadata without a report',
      { metadata: { ...metadata, upstreamReport: undefined }, sources: [] },
      ['E_SOURCE_LIST list.json $.metadata: has no `upstreamReport`', METADATA],
    ],
    [
      'a fraction of a byte',
      listOf([sound({ size: 1.5 })]),
      [
        'E_SOURCE_LIST list.json $.sources[0].size: 1.5 is no number of bytes',
        'hint: a whole number, 0 where it is not known, or leave it out',
      ],
    ],
  ])('%s', (_, value, expected) => {
    expect(refusal(value)).toEqual(expected)
  })
})

describe.skipIf(leftOut('lists of the older builder', corpusMissing))('lists of the older builder', () => {
  it.each([
    ['example-cache-sources.json', 24, 8, 16],
    ['test-sources-valid.json', 24, 0, 24],
  ])('seed/%s has %i entries, %i with a URL that can be asked for', (name, all, usable, faults) => {
    const list = read(JSON.parse(corpusText(`seed/${name}`)))
    expect([list.entries.length, list.sources.length, list.faults.length]).toEqual([all, usable, faults])
  })

  it('seed/test-sources.json is of another shape', () => {
    expect(refusal(JSON.parse(corpusText('seed/test-sources.json')))).toEqual([
      'E_SOURCE_LIST list.json $: has no `sources`, but `cache_sources` (and 3 more)',
      '$.metadata: has no `upstreamReport`',
      '$.metadata: has no `generatedAt`',
      '$.metadata: has no `toolsetFiles`',
      'hint: a source list has `metadata` and `sources`, a list of rows (schemas/source-list.json); `pkgcache sources build` writes one',
    ])
  })

  it('seed/test-sources-fixed.json has null for digests and sizes', () => {
    const [first, ...rest] = refusal(JSON.parse(corpusText('seed/test-sources-fixed.json')))
    expect(first).toBe('E_SOURCE_LIST list.json $.sources[0].sha256: null is no text (and 47 more)')
    expect(rest).toHaveLength(48)
  })
})
