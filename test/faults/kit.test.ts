import { describe, expect, it } from 'vitest'
import {
  crashFaults,
  earlierFaults,
  errorFaults,
  type FailureDocument,
  type Outcome,
  packageFaults,
  runFaults,
  storeFaults,
} from './checks.ts'
import { openStands, type Stand, type Stands, storeState } from './stand.ts'

// What the battery checks is worth something only if each check can fail.

const ERROR: FailureDocument = {
  code: 'E_HTTP',
  message: 'said',
  hint: 'do',
  item: 'x@1.0.0 linux/amd64',
  faults: [],
}
const EXPECTED = { exit: 1, code: 'E_HTTP' } as const

describe('an error', () => {
  it.each([
    ['another code', { ...ERROR, code: 'E_STORE' } as const, EXPECTED, 'ends with E_STORE: said'],
    ['another exit code', ERROR, { ...EXPECTED, exit: 3 } as const, 'E_HTTP makes exit code 1'],
    ['another message', ERROR, { ...EXPECTED, says: 'other' }, 'says: said'],
    ['another message than a pattern', ERROR, { ...EXPECTED, says: /^other/ }, 'says: said'],
    ['no hint', { ...ERROR, hint: null }, EXPECTED, 'has no hint: said'],
    ['an empty hint', { ...ERROR, hint: '' }, EXPECTED, 'has no hint: said'],
    ['another hint', ERROR, { ...EXPECTED, hint: 'other' }, 'hints: do'],
    ['another item', { ...ERROR, item: 'y' }, EXPECTED, 'names y as the item'],
  ])('with %s is noticed', (_, error, expected, fault) => {
    expect(errorFaults(error, expected, 'x@1.0.0 linux/amd64')).toContain(fault)
  })

  it('as expected is not', () => {
    expect(errorFaults(ERROR, { ...EXPECTED, says: 'said', hint: /^do$/ }, 'x@1.0.0 linux/amd64')).toEqual([])
  })
})

/** A sound run with a store, and what becomes of it. */
async function withRun(
  use: (outcome: Outcome, stand: Stand, stands: Stands) => Promise<void>,
): Promise<void> {
  const stands = await openStands()
  const stand = await stands.open()
  try {
    await stand.configure(stands.base)
    const before = await storeState(stand.store)
    const ran = await stand.run(['run', '--json'])
    const after = await storeState(stand.store)
    const verify = await stand.run(['verify'])
    await use({ ran, document: JSON.parse(ran.stdout), before, after, verify }, stand, stands)
  } finally {
    await stand.remove()
    await stands.close()
  }
}

describe('a run', () => {
  it('that is sound has no fault, and each fault is noticed', async () => {
    await withRun(async (outcome) => {
      const { after, ran } = outcome
      expect(runFaults(outcome, [])).toEqual([])
      expect(ran.peakKiB).toBeGreaterThan(30_000)
      expect(runFaults({ ...outcome, ran: { ...ran, code: 1 } }, [])).toEqual([
        'exit code 1, in the document 0, where 0 is due',
      ])
      expect(runFaults({ ...outcome, document: undefined }, [])).toEqual([
        `exit code 0 without a document: ${ran.stderr}`,
      ])
      expect(runFaults(outcome, ['sound'])).toEqual([
        'sound, which is sound, is undefined',
        'sound has no record',
      ])
      expect(runFaults({ ...outcome, verify: { code: 3, stdout: 'a', stderr: 'b' } }, [])).toEqual([
        'verify exits 3: ab',
      ])
      expect(packageFaults('earlier', EXPECTED, outcome)).toEqual(['is cached'])
      expect(packageFaults('earlier', { exit: 0 }, outcome)).toEqual([])
      expect(packageFaults('other', { exit: 0 }, outcome)[0]).toMatch(/^other is not in the document/)
      const [record] = after.records
      if (record === undefined) throw new Error('there is a record')
      const file = 'earlier-1.0.0-amd64.tar.zst'
      const changed = { ...after.files, [file]: { sha256: 'ab', mtimeNs: '', ino: '' } }
      expect(earlierFaults(after.files, changed)).toEqual([`${file} is changed`])
      expect(earlierFaults(after.files, {})).toEqual([`${file} is gone`])
      expect(storeFaults({ ...after, files: changed })).toEqual([`${file} is not what its record says`])
      expect(storeFaults({ ...after, records: [] })[0]).toMatch(
        /^index\.yaml lists earlier@1\.0\.0 .* without a record$/,
      )
      expect(storeFaults({ ...after, index: {} })[0]).toMatch(/^index\.yaml does not list earlier@1\.0\.0/)
      expect(storeFaults({ ...after, indexFault: 'bad' })).toEqual(['index.yaml does not parse: bad'])
      expect(storeFaults({ ...after, badRecords: ['x'] })).toEqual(['record x is no JSON'])
      for (const left of ['.pkgcache/locks/x', '.pkgcache/tmp/1/part', '.tmp.1']) {
        const files = { ...after.files, [left]: { sha256: '', mtimeNs: '', ino: '' } }
        expect(storeFaults({ ...after, files })).toEqual([`${left} is left`])
      }
    })
  })

  it.each([
    ['a trace', 'x\n    at run (file.js:1:1)'],
    ['an error nobody caught', 'Uncaught Error: x'],
    ['a refusal nobody caught', 'UnhandledPromiseRejection'],
    ['the end of memory', 'FATAL ERROR: heap'],
    ['an error nobody foresaw', 'error E_PLUGIN: x is not a function'],
  ])('that shows %s is noticed', (_, stderr) => {
    expect(crashFaults({ code: 1, stdout: '', stderr })).toHaveLength(1)
  })

  it('that had to be killed is noticed', () => {
    expect(crashFaults({ code: null, stdout: '', stderr: 'x' })).toEqual(['was killed: x'])
  })
})
