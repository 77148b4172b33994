import { existsSync, readFileSync } from 'node:fs'
import {
  compareReports,
  PkgcacheError,
  type ReportRequest,
  type ReportSummary,
  summarise,
} from '@pkgcache/core'
import {
  failingRun,
  goodRun,
  hostileRun,
  largeRun,
  leftOut,
  renderComparison,
  renderReport,
  sampleRecord,
  sampleResult,
  toolsetRun,
  toolsetRunBefore,
} from '@pkgcache/core/testing'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import reportJson from '../src/index.ts'

function schemaOf(name: string) {
  const schema = JSON.parse(readFileSync(new URL(`../../../schemas/${name}.json`, import.meta.url), 'utf8'))
  return {
    schema,
    validate: new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema),
  }
}

const { schema, validate } = schemaOf('report')

async function report(request: ReportRequest): Promise<ReportSummary> {
  const { format, fileName, content } = await renderReport(reportJson(), request)
  expect({ format, fileName, end: content.at(-1) }).toEqual({
    format: 'json',
    fileName: 'report.json',
    end: '\n',
  })
  return JSON.parse(content)
}

const CASES = cases()

function cases(): readonly (readonly [string, ReportRequest])[] {
  const kept = sampleRecord({ type: 'kept', platform: 'win32', file: 'win32/amd64/runc/1.3.0/runc.exe' })
  const { content_sha256: _, ...keptRecord } = kept
  return [
    ['all good', goodRun()],
    ['failures', failingRun()],
    ['hostile texts', hostileRun()],
    ['1000 packages', largeRun(1000)],
    ['empty', { result: sampleResult(), records: [] }],
    ['a kept file nobody asked for', { result: sampleResult(), records: [keptRecord] }],
    ['a toolset', toolsetRun()],
    ['a toolset that is covered', toolsetRunBefore()],
  ]
}

describe('the document follows schemas/report.json', () => {
  it.each(CASES)('%s', async (_name, request) => {
    validate(await report(request))
    expect(validate.errors).toBeNull()
  })

  it.each([
    ['an unknown field', { extra: 1 }],
    ['another version', { schema: 2 }],
    ['an unknown exit code', { exit_code: 4 }],
    ['a local time', { started_at: '2025-11-21 22:30:00' }],
  ])('refuses %s', async (_name, change) => {
    expect(validate({ ...(await report(goodRun())), ...change })).toBe(false)
  })
})

describe('what leaves the machine', () => {
  it('has relative files below one absolute store', async () => {
    const { store, packages } = await report(goodRun())
    expect(store).toBe('/root/.pkgcache/cache/packages')
    expect(packages[0]?.stored?.file).toBe('cni-plugins-1.7.1-amd64.tar.zst')
    expect(packages.filter(({ stored }) => stored?.file.startsWith('/'))).toEqual([])
  })

  it('has no credentials, wherever they were left', async () => {
    const url = 'https://bob:hunter2@dl.example/x?X-Amz-Signature=hunter3&v=1'
    const record = sampleRecord({
      url,
      served_by: url,
      evidence: [{ verifier: 'v', summary: url, from: url }],
    })
    const error = new PkgcacheError('E_HTTP', `${url}: 500`, { hint: `try ${url}`, faults: [url], item: url })
    const key = { name: 'x', version: '1', platform: 'linux', arch: 'amd64' }
    const items = [
      { key: record, state: 'cached', record },
      { key, state: 'failed', error },
    ] as const
    const text = JSON.stringify(
      await report({ result: sampleResult({ items, errors: [error] }), records: [record] }),
    )
    expect(text).not.toMatch(/hunter|bob/)
    expect(text.match(/https:\/\/dl\.example\/x\?X-Amz-Signature=\*\*\*&v=1/g)).toHaveLength(15)
  })
})

describe('a comparison', () => {
  const { schema: comparisonSchema, validate: validateComparison } = schemaOf('comparison')
  const pairs: readonly (readonly [string, ReportRequest, ReportRequest])[] = [
    ['of toolsets', toolsetRunBefore(), toolsetRun()],
    ['of packages', goodRun(), failingRun()],
    ['of hostile texts', goodRun(), hostileRun()],
    ['of nothing', { result: sampleResult(), records: [] }, { result: sampleResult(), records: [] }],
  ]

  it.each(pairs)('%s follows schemas/comparison.json', async (_name, old, now) => {
    const comparison = compareReports(summarise(old), summarise(now))
    const { format, fileName, content } = await renderComparison(reportJson(), comparison)
    expect([format, fileName, JSON.parse(content)]).toEqual(['json', 'comparison.json', comparison])
    validateComparison(JSON.parse(content))
    expect(validateComparison.errors).toBeNull()
  })

  it('of a report of another program follows it too', () => {
    const { metadata, summary, cachedItems, missingItems } = summarise(failingRun())
    const older = { metadata, summary, cachedItems, missingItems }
    expect(schemaOf('cache-report').validate(older)).toBe(true)
    validateComparison(compareReports(summarise(goodRun()), older))
    expect(validateComparison.errors).toBeNull()
  })

  it.each(['surprise', 'packages'])('has no %s', (name) => {
    const comparison = compareReports(summarise(goodRun()), summarise(goodRun()))
    expect(validateComparison({ ...comparison, [name]: [] })).toBe(false)
  })

  it('describes the older form as the report does', () => {
    for (const name of ['metadata', 'summary', 'cachedItems', 'missingItems'])
      expect(comparisonSchema.properties[name]).toEqual(schema.properties[name])
    for (const name of ['cachedItem', 'missingItem'])
      expect(comparisonSchema.definitions[name]).toEqual(schema.definitions[name])
  })
})

const OLDER = new URL('../../../../shared/corpus/seed/cache-report-schema.json', import.meta.url)
const missing = existsSync(OLDER) ? undefined : '../shared/corpus is not there'

describe.skipIf(leftOut('reports by the schema of the older system', missing))('the older schema', () => {
  /** It names a draft that validators do not know; the only format it has is checked as RFC 3339 has it. */
  function older() {
    const { $schema, ...content } = JSON.parse(readFileSync(OLDER, 'utf8'))
    expect($schema).toBe('https://json-schema.org/draft-07/schema#')
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
    return new Ajv({ allErrors: true, strict: true, formats: { 'date-time': time } }).compile(content)
  }

  it.each(CASES)('takes the report of %s', async (_name, request) => {
    const check = older()
    check(await report(request))
    expect(check.errors).toBeNull()
  })

  it('takes a comparison', () => {
    const check = older()
    check(compareReports(summarise(toolsetRunBefore()), summarise(toolsetRun())))
    expect(check.errors).toBeNull()
  })

  it('refuses a report without its members', async () => {
    const { metadata: _, ...rest } = await report(goodRun())
    expect(older()(rest)).toBe(false)
  })
})
