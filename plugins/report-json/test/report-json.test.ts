import { readFileSync } from 'node:fs'
import type { ReportRequest, ReportSummary } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core'
import {
  failingRun,
  goodRun,
  hostileRun,
  largeRun,
  renderReport,
  sampleRecord,
  sampleResult,
} from '@pkgcache/core/testing'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import reportJson from '../src/index.ts'

const schema = JSON.parse(readFileSync(new URL('../../../schemas/report.json', import.meta.url), 'utf8'))
const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema)

async function report(request: ReportRequest): Promise<ReportSummary> {
  const { format, fileName, content } = await renderReport(reportJson(), request)
  expect({ format, fileName, end: content.at(-1) }).toEqual({
    format: 'json',
    fileName: 'report.json',
    end: '\n',
  })
  return JSON.parse(content)
}

describe('the document follows schemas/report.json', () => {
  const kept = sampleRecord({ type: 'kept', platform: 'win32', file: 'win32/amd64/runc/1.3.0/runc.exe' })
  const { content_sha256: _, ...keptRecord } = kept
  const cases: readonly (readonly [string, ReportRequest])[] = [
    ['all good', goodRun()],
    ['failures', failingRun()],
    ['hostile texts', hostileRun()],
    ['1000 packages', largeRun(1000)],
    ['empty', { result: sampleResult(), records: [] }],
    ['a kept file nobody asked for', { result: sampleResult(), records: [keptRecord] }],
  ]
  it.each(cases)('%s', async (_name, request) => {
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
    expect(text.match(/https:\/\/dl\.example\/x\?X-Amz-Signature=\*\*\*&v=1/g)).toHaveLength(14)
  })
})
