import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { AccessTimes } from '../../src/store/access.ts'
import { checkStore } from '../../src/store/check.ts'
import { pruneStore } from '../../src/store/prune.ts'
import { storeStats } from '../../src/store/stats.ts'
import type { Store } from '../../src/store/store.ts'
import { faultOf } from '../support/fault.ts'
import { draft, inSignal, openStore, publish, sha256 } from '../support/store.ts'
import { tempFolders } from '../support/temp.ts'

const DAY = 24 * 3600_000
const folder = tempFolders()
const ago = (ms: number) => ({ cached_at: new Date(Date.now() - ms).toISOString() })
const id = (name: string) => `${name}@1.0.0@linux@amd64`
const indexed = (root: string): string[] =>
  parse(readFileSync(join(root, 'index.yaml'), 'utf8')).packages.map(({ name }: { name: string }) => name)

/** A store with `old` (40 days), `used` (40 days, used yesterday) and `fresh` (an hour). */
async function filled(): Promise<{ root: string; store: Store; lines: string[] }> {
  const root = folder()
  const { store, lines } = openStore(root)
  await publish(store, { name: 'old' }, 'old', ago(40 * DAY + 1000))
  await publish(store, { name: 'used' }, 'used', ago(40 * DAY + 1000))
  await publish(store, { name: 'fresh' }, 'fresh', ago(3600_000))
  await store.access.touch([id('used')], Date.now() - DAY)
  await store.flushIndex(inSignal())
  return { root, store, lines }
}

describe('prune', () => {
  it.each<readonly [string, Parameters<typeof pruneStore>[1], readonly string[]]>([
    ['nothing', {}, []],
    ['what is older', { olderThanMs: 30 * DAY }, ['old: cached 40 days ago', 'used: cached 40 days ago']],
    [
      'what is older than an hour',
      { olderThanMs: 3000_000 },
      ['fresh: cached 60 min 00 s ago', 'old: cached 40 days ago', 'used: cached 40 days ago'],
    ],
    ['what is not used', { unusedForMs: 14 * DAY }, ['old: not used for 40 days']],
    [
      'what is either',
      { olderThanMs: 50 * DAY, unusedForMs: DAY / 2 },
      ['old: not used for 40 days', 'used: not used for 1 day'],
    ],
  ])('removes %s', async (_, options, removed) => {
    const { root, store } = await filled()
    const dry = await pruneStore(store, { ...options, dryRun: true })
    const told = dry.removed.map(({ key, reason }) => `${key.name}: ${reason}`)
    expect(told).toEqual(removed)
    expect(indexed(root)).toEqual(['fresh', 'old', 'used'])
    const result = await pruneStore(store, options)
    expect(result.removed.map(({ key, file, bytes }) => [key.name, file, bytes])).toEqual(
      dry.removed.map(({ key, file, bytes }) => [key.name, file, bytes]),
    )
    const gone = removed.map((line) => line.split(':')[0] ?? '')
    const left = ['fresh', 'old', 'used'].filter((name) => !gone.includes(name))
    expect(result.kept).toBe(left.length)
    expect(result.bytes).toBe(gone.join('').length)
    expect(indexed(root)).toEqual(left)
    expect((await openStore(root).store.list()).map(({ name }) => name)).toEqual(left)
    expect(readdirSync(root).filter((name) => name.endsWith('.zst'))).toEqual(
      left.map((name) => `${name}-1.0.0-amd64.tar.zst`),
    )
  })

  it('removes what is broken, and forgets when it was used', async () => {
    const { root, store } = await filled()
    writeFileSync(join(root, 'used-1.0.0-amd64.tar.zst'), 'bent')
    rmSync(join(root, 'fresh-1.0.0-amd64.tar.zst'))
    writeFileSync(join(root, '.pkgcache/records/strange@1.0.0@linux@amd64.json'), '{')
    const result = await pruneStore(store, { invalid: true })
    expect(result.removed.map(({ key, reason }) => `${key.name} ${reason}`)).toEqual([
      'fresh missing',
      'used corrupt',
    ])
    expect(readdirSync(join(root, '.pkgcache/records'))).toEqual(['old@1.0.0@linux@amd64.json'])
    expect(indexed(root)).toEqual(['old'])
    expect(await store.access.read()).toEqual({})
  })

  it('waits for runs', async () => {
    const { store } = await filled()
    const release = await store.locks.shared(inSignal())
    const controller = new AbortController()
    const pruning = pruneStore(store, { olderThanMs: 1, signal: controller.signal })
    setTimeout(() => controller.abort(), 100)
    expect((await faultOf(() => pruning)).code).toBe('E_ABORTED')
    await release()
    expect((await store.list()).length).toBe(3)
  })
})

describe('checking', () => {
  it('finds nothing wrong with a sound store', async () => {
    const { store } = await filled()
    const seen: string[] = []
    const result = await checkStore(store, {
      onProgress: (event) => {
        if (event.type === 'progress') seen.push(`${event.item.name} ${event.done}/${event.total}`)
      },
    })
    expect(result).toEqual({ checked: 3, bytes: 12, problems: [], exitCode: 0 })
    expect(seen).toEqual(['fresh 5/5', 'old 3/3', 'used 4/4'])
  })

  it('names everything that is wrong', async () => {
    const { root, store } = await filled()
    const file = join(root, 'used-1.0.0-amd64.tar.zst')
    writeFileSync(file, 'bent')
    utimesSync(file, 1, 1)
    rmSync(join(root, 'fresh-1.0.0-amd64.tar.zst'))
    writeFileSync(join(root, 'mine-1.0.0-amd64.tar.zst'), 'mine')
    writeFileSync(join(root, 'notes.txt'), 'no artifact')
    writeFileSync(join(root, '.pkgcache/records/strange@1.0.0@linux@amd64.json'), '{')
    const key = (name: string) => ({ name, version: '1.0.0', platform: 'linux', arch: 'amd64' })
    const { problems, exitCode, checked } = await checkStore(store, {})
    expect({ checked, exitCode }).toEqual({ checked: 3, exitCode: 3 })
    expect(problems).toEqual([
      { problem: 'invalid-record', file: '.pkgcache/records/strange@1.0.0@linux@amd64.json' },
      { problem: 'missing', file: 'fresh-1.0.0-amd64.tar.zst', key: key('fresh'), expected: sha256('fresh') },
      {
        problem: 'corrupt',
        file: 'used-1.0.0-amd64.tar.zst',
        key: key('used'),
        expected: sha256('used'),
        actual: sha256('bent'),
      },
      { problem: 'unindexed', file: 'mine-1.0.0-amd64.tar.zst' },
    ])
  })

  it('does not take a file without record for a failure', async () => {
    const root = folder()
    const { store } = openStore(root)
    await publish(store, { platform: 'win32' }, 'zip', { type: 'kept' }, 'tool.zip')
    writeFileSync(join(root, 'win32/amd64/tool/1.0.0/other.zip'), '')
    expect(await checkStore(store, {})).toEqual({
      checked: 1,
      bytes: 3,
      problems: [{ problem: 'unindexed', file: 'win32/amd64/tool/1.0.0/other.zip' }],
      exitCode: 0,
    })
  })

  it('finds a flipped byte whose mtime is the recorded one', async () => {
    const { root, store } = await filled()
    const file = join(root, 'old-1.0.0-amd64.tar.zst')
    const [record] = (await store.list()).filter(({ name }) => name === 'old')
    writeFileSync(file, 'olD')
    const ns = Number(record?.mtime_ns) / 1e9
    utimesSync(file, ns, ns)
    expect(
      (await checkStore(store, {})).problems.map(({ problem, file: name }) => `${problem} ${name}`),
    ).toEqual(['corrupt old-1.0.0-amd64.tar.zst'])
  })

  it('ends when cancelled', async () => {
    const { store } = await filled()
    expect((await faultOf(() => checkStore(store, { signal: AbortSignal.abort() }))).code).toBe('E_ABORTED')
  })
})

describe('times of use', () => {
  it('are noted once a day', async () => {
    const file = join(folder(), 'access.json')
    const access = new AccessTimes(file, () => join(file, '..', '.tmp'))
    const now = 1_800_000_000_000
    await access.touch([], now)
    expect(existsSync(file)).toBe(false)
    await access.touch(['a', 'b'], now)
    await access.touch(['a'], now + DAY)
    await access.touch(['a', 'c'], now + DAY + 1)
    expect(await access.read()).toEqual({ a: now + DAY + 1, b: now, c: now + DAY + 1 })
    await access.forget(['b', 'z'])
    expect(await access.read()).toEqual({ a: now + DAY + 1, c: now + DAY + 1 })
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['text', '{"a":"x"}'],
  ])('that hold %s are none', async (_, text) => {
    const file = join(folder(), 'access.json')
    writeFileSync(file, text)
    expect(await new AccessTimes(file, () => join(file, '..', '.tmp')).read()).toEqual({})
  })
})

describe('figures of a store', () => {
  it('add up', () => {
    const record = (name: string, more: object) => ({
      ...draft({ name }, 'x'.repeat(100), more),
      file: 'f',
      mtime_ns: '1',
    })
    const records = [
      record('a', {
        source_size: 10,
        unpacked_size: 400,
        trust: 'pinned',
        cached_at: '2026-02-01T00:00:00.000Z',
      }),
      record('b', {
        source_size: 20,
        unpacked_size: 600,
        arch: 'arm64',
        cached_at: '2026-01-01T00:00:00.000Z',
      }),
      record('c', {
        source_size: 30,
        unpacked_size: 0,
        platform: 'win32',
        cached_at: '2026-03-01T00:00:00.000Z',
      }),
    ]
    expect(storeStats('/store', records, { [id('a')]: 0, gone: 5 })).toEqual({
      store: '/store',
      packages: 3,
      sourceBytes: 60,
      storedBytes: 300,
      unpackedBytes: 1000,
      ratio: 0.3,
      byTrust: { pinned: 1, tofu: 2 },
      byPlatform: { 'linux/amd64': 1, 'linux/arm64': 1, 'win32/amd64': 1 },
      oldest: '2026-01-01T00:00:00.000Z',
      newest: '2026-03-01T00:00:00.000Z',
      lastAccess: [
        {
          key: { name: 'a', version: '1.0.0', platform: 'linux', arch: 'amd64' },
          at: '1970-01-01T00:00:00.000Z',
        },
      ],
    })
    expect(storeStats('/store', [], {})).toEqual({
      store: '/store',
      packages: 0,
      sourceBytes: 0,
      storedBytes: 0,
      unpackedBytes: 0,
      ratio: 0,
      byTrust: {},
      byPlatform: {},
      lastAccess: [],
    })
  })
})
