import { readFileSync } from 'node:fs'
import { leftOut } from '@pkgcache/core/testing'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { traced } from '../../src/sources/trace.ts'
import { ROW_STATUSES, type SourceRow } from '../../src/sources/types.ts'
import { formatSourceList } from '../../src/sources/write.ts'
import { corpusMissing, corpusText } from '../corpus.ts'
import { listOf, olderRow } from './kit.ts'

const schema = JSON.parse(
  readFileSync(new URL('../../../../schemas/source-list.json', import.meta.url), 'utf8'),
)
const validate = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema)

/** What is wrong with a list, as `path: what`. */
function faults(list: unknown): string[] {
  validate(list)
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`)
}

/** Every field that a row can have. */
const FULL: Required<SourceRow> = {
  section: 'toolcache',
  name: 'Python',
  tool: 'Python',
  requested: '3.12.*',
  status: 'matched',
  reportName: 'Python',
  version: '3.12.10',
  platform: 'win32',
  arch: 'x64',
  downloadUrl: 'https://files.internal/python.zip',
  urlEvidence: 'manifest',
  sha256: 'ab'.repeat(32),
  sha512: 'ab'.repeat(64),
  size: 5,
  normalise: true,
  reason: 'none',
  matchedFrom: { upstream: true, toolset: 'toolset.json', path: '$', upstreamVersion: '3.12.10' },
  generated: '',
}

describe('schemas/source-list.json', () => {
  it('knows the fields of a row, and no other', () => {
    const { row } = schema.definitions
    expect(Object.keys(row.properties)).toEqual(Object.keys(FULL))
    expect(Object.keys(row.properties.matchedFrom.properties)).toEqual(Object.keys(FULL.matchedFrom))
    expect(row.properties.status.enum).toEqual([...ROW_STATUSES])
  })

  it('takes what build writes', () => {
    const { downloadUrl: _, ...rest } = FULL
    const { metadata } = listOf([])
    const list = { metadata, sources: [traced(FULL)], unresolved: [traced(rest as SourceRow)] }
    expect(faults(JSON.parse(formatSourceList(list)))).toEqual([])
  })

  it.each([
    ['an older row', listOf([olderRow()]), []],
    ['a row with fields of its own', listOf([olderRow({ comment: 'x' })]), []],
    [
      'digest and size null',
      listOf([olderRow({ sha256: null, size: null })]),
      ['/sources/0/sha256: must be string', '/sources/0/size: must be integer'],
    ],
    [
      'a row without a URL',
      listOf([olderRow({ downloadUrl: undefined })]),
      ["/sources/0: must have required property 'downloadUrl'"],
    ],
    ['no sources', { metadata: listOf([]).metadata }, [": must have required property 'sources'"]],
    [
      'a status that is none',
      listOf([olderRow({ status: 'found' })]),
      ['/sources/0/status: must be equal to one of the allowed values'],
    ],
  ])('%s', (_, list, expected) => {
    expect(faults(JSON.parse(JSON.stringify(list)))).toEqual(expected)
  })
})

describe.skipIf(leftOut('the schema of the older builder', corpusMissing))(
  'the schema of the older builder',
  () => {
    // the older one names an id of draft-07 that strict validators do not know, and a format
    const { $schema: _, ...older } = corpusMissing
      ? {}
      : JSON.parse(corpusText('seed/source-list-schema.json'))
    const olderAjv = new Ajv({ strict: true, formats: { 'date-time': true } })

    it.each([
      ['example-cache-sources.json', true],
      ['test-sources-valid.json', true],
      ['test-sources.json', false],
      ['test-sources-fixed.json', false],
    ])('and this one say the same of seed/%s', (name, valid) => {
      const list = JSON.parse(corpusText(`seed/${name}`))
      expect([olderAjv.validate(older, list), validate(list)]).toEqual([valid, valid])
    })

    it('has nothing that is required or typed otherwise here', () => {
      const pairs = [
        [older.properties.sources.items, schema.definitions.row],
        [older.properties.metadata, schema.properties.metadata],
        [
          older.properties.metadata.properties.upstreamReport,
          schema.properties.metadata.properties.upstreamReport,
        ],
      ]
      for (const [theirs, ours] of pairs) {
        expect(theirs.required).toEqual(expect.arrayContaining(ours.required))
        for (const [key, value] of Object.entries<{ type: string }>(theirs.properties))
          expect([key, ours.properties[key].type]).toEqual([key, value.type])
      }
    })
  },
)
