import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createCache } from '../../src/cache.ts'
import type { Cache } from '../../src/cache.types.ts'
import { defineReporter } from '../../src/plugins/define.ts'
import { summarise } from '../../src/report/summary.ts'
import { toolsetRun, toolsetRunBefore } from '../../testing/sample-toolset.ts'
import { faultOf } from '../support/fault.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const caches: Cache[] = []
afterEach(() => Promise.all(caches.splice(0).map((cache) => cache.close())))

const brief = defineReporter({
  name: 'brief',
  render: () => ({ format: 'brief', fileName: 'brief.txt', content: '' }),
  compare: ({ added, removed, changed }) => {
    return {
      format: 'brief',
      fileName: 'c.txt',
      content: [added, removed, changed].map((list) => list.length).join(),
    }
  },
})
const reportsOnly = defineReporter({
  name: 'only',
  render: () => ({ format: 'only', fileName: 'o.txt', content: '' }),
})

async function open(): Promise<Cache> {
  const plugins = [brief(), reportsOnly()]
  const cache = await createCache({ store: join(folder(), 'store'), arch: 'amd64', plugins })
  caches.push(cache)
  return cache
}

const OLD = summarise(toolsetRunBefore())
const NEW = summarise(toolsetRun())

/** Two files with these contents. */
function files(old: unknown, now: unknown = NEW): readonly [string, string] {
  const dir = folder()
  const write = (name: string, content: unknown) => {
    const file = join(dir, name)
    writeFileSync(file, content instanceof Uint8Array ? content : text(content))
    return file
  }
  return [write('old.json', old), write('new.json', now)]
}

function text(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content)
}

const { metadata, summary, cachedItems, missingItems } = OLD
const FORM = { metadata, summary, cachedItems, missingItems }
const {
  metadata: _m,
  summary: _s,
  cachedItems: _c,
  missingItems: _i,
  toolset: _t,
  composition,
  ...rest
} = OLD
const { section: _, ...parts } = composition
const EARLIER = { ...rest, composition: parts }

describe('comparing two files', () => {
  it.each<readonly [string, unknown, string]>([
    ['a report', OLD, '1,0,2'],
    ['a report of an earlier version', EARLIER, '1,0,2'],
    ['a report in the older form', FORM, '2,0,2'],
    ['one with a byte order mark', `\ufeff${JSON.stringify(FORM)}`, '2,0,2'],
    [
      'one in UTF-16, as Windows PowerShell writes',
      Buffer.from(`\ufeff${JSON.stringify(FORM)}`, 'utf16le'),
      '2,0,2',
    ],
  ])('%s', async (_name, old, expected) => {
    const { content, format, comparison } = await (await open()).compare(...files(old), 'brief')
    expect([format, content, comparison.new.packages]).toEqual(['brief', expected, 7])
  })

  it('takes a comparison for the newer of its two reports', async () => {
    const cache = await open()
    const { comparison } = await cache.compare(...files(OLD), 'brief')
    expect((await cache.compare(...files(comparison, FORM), 'brief')).comparison.coverage_change).toBe(13.4)
  })

  it.each<readonly [string, unknown, object]>([
    [
      'is cut off',
      '{"packages": [\n  {"na',
      { code: 'E_REPORT', message: 'is no JSON: line 2, column 7', faults: [] },
    ],
    [
      'is broken',
      '{"packages": [],\n}',
      { code: 'E_REPORT', message: 'is no JSON: line 2, column 1', faults: [] },
    ],
    [
      'is another document',
      { sources: [] },
      { code: 'E_REPORT', message: 'is no report: it has neither "packages" nor "cachedItems"', faults: [] },
    ],
    [
      'is a list',
      [],
      { code: 'E_REPORT', message: 'is no report: it has neither "packages" nor "cachedItems"' },
    ],
    [
      'is a report with faults',
      { ...OLD, schema: 2, packages: [{ ...OLD.packages[0], version: 1.1 }] },
      {
        code: 'E_REPORT',
        message: 'is no report that can be compared',
        faults: ['schema: must be 1', 'packages[0].version: must be string, is number; put it in quotes'],
      },
    ],
    [
      'is one in the older form with faults',
      { ...FORM, summary: { ...summary, coveragePercentage: 101 }, missingItems: [{}] },
      {
        faults: [
          'summary.coveragePercentage: must be <= 100',
          ...['name', 'version', 'platform', 'arch', 'downloadUrl'].map(
            (key) => `missingItems[0]: key "${key}" is missing`,
          ),
        ],
      },
    ],
  ])('names a file that %s', async (_name, old, expected) => {
    const [file, now] = files(old)
    const fault = await faultOf(async () => (await open()).compare(file, now, 'brief'))
    expect(fault).toMatchObject({ item: file, ...expected })
  })

  it('names no more than twenty faults of one file', async () => {
    const [file, now] = files({ ...FORM, missingItems: Array.from({ length: 30 }, () => ({})) })
    const fault = await faultOf(async () => (await open()).compare(file, now, 'brief'))
    expect([fault.faults.length, fault.faults.at(-1)]).toEqual([21, 'and 130 more'])
  })

  it('names a file that is not there, whichever it is', async () => {
    const [old] = files(OLD)
    const gone = join(folder(), 'gone.json')
    for (const pair of [[gone, old] as const, [old, gone] as const]) {
      const fault = await faultOf(async () => (await open()).compare(...pair, 'brief'))
      expect(fault).toMatchObject({
        code: 'E_USAGE',
        item: gone,
        message: 'the report cannot be read: ENOENT',
      })
    }
  })

  it('has the formats of reporters that compare', async () => {
    const fault = await faultOf(async () => (await open()).compare(...files(OLD), 'only'))
    expect(fault).toMatchObject({
      code: 'E_USAGE',
      message: 'no report plugin renders comparisons as "only"',
      hint: 'formats there are: brief',
    })
  })
})
