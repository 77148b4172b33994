import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { summarise } from '@pkgcache/core'
import { toolsetRun, toolsetRunBefore } from '@pkgcache/core/testing'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli } from '../src/cli.ts'
import { recorder } from './kit.ts'

describe('pkgcache compare', () => {
  let cwd = ''

  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), 'pkgcache-compare-'))
    writeFileSync(join(cwd, 'old.json'), JSON.stringify(summarise(toolsetRunBefore())))
    writeFileSync(join(cwd, 'new.json'), JSON.stringify(summarise(toolsetRun())))
    writeFileSync(join(cwd, 'list.json'), '{"sources": []}')
  })
  afterAll(() => rmSync(cwd, { recursive: true }))

  async function call(line: string) {
    const { written, stdout, stderr } = recorder()
    const signal = new AbortController().signal
    const words = `compare ${line} --store store`.split(' ')
    const code = await cli(words, { stdout, stderr, env: {}, cwd, version: '1.2.3', signal })
    return { code, ...written }
  }

  it('prints text, and ends with 0 though packages are newly missing', async () => {
    const { code, stdout, stderr } = await call('old.json new.json')
    expect([code, stderr, stdout.split('\n')[0]]).toEqual([
      0,
      '',
      '1 added, 0 removed, 2 changed, 5 the same; 1 newly cached, 2 newly missing.',
    ])
  })

  it('prints the comparison with --json, the same as with --format json', async () => {
    const schema = JSON.parse(readFileSync(new URL('../../schemas/comparison.json', import.meta.url), 'utf8'))
    const { code, stdout } = await call('old.json new.json --json')
    const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema)
    expect([code, validate(JSON.parse(stdout))]).toEqual([0, true])
    expect((await call('old.json new.json --format json')).stdout).toBe(stdout)
  })

  it('writes a page with --output, whole', async () => {
    const { code, stdout } = await call('old.json new.json --format html --output page.html')
    expect([code, stdout]).toEqual([0, `comparison (html)  ${join(cwd, 'page.html')}\n`])
    const page = readFileSync(join(cwd, 'page.html'), 'utf8')
    expect([page.slice(0, 15), page.slice(-8)]).toEqual(['<!doctype html>', '</html>\n'])
  })

  it.each([
    ['old.json', 2, "error E_USAGE: missing required argument 'new'"],
    ['old.json gone.json', 2, 'error E_USAGE <cwd>/gone.json: the report cannot be read: ENOENT'],
    [
      'list.json new.json',
      1,
      'error E_REPORT <cwd>/list.json: is no report: it has neither "packages" nor "cachedItems"',
    ],
    ['old.json new.json --format pdf', 2, 'error E_USAGE: no report plugin renders comparisons as "pdf"'],
    ['old.json new.json --output no/where.txt', 1, 'error E_REPORT <cwd>/no/where.txt: cannot be written: '],
  ])('%s ends with %i', async (line, code, message) => {
    const { stderr, ...seen } = await call(line)
    const [first = ''] = stderr.replaceAll(cwd, '<cwd>').split('\n')
    expect([seen.code, first.slice(0, message.length)]).toEqual([code, message])
  })
})
