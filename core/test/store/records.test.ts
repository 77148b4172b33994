import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inSignal, openStore, publish } from '../support/store.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const RECORD = 'tool@1.0.0@linux@amd64.json'

/** A store with one record whose text `change` has changed. */
async function changed(change: (record: Record<string, unknown>) => unknown): Promise<string[]> {
  const root = folder()
  await publish(openStore(root).store, {})
  const file = join(root, '.pkgcache/records', RECORD)
  const record: unknown = change(JSON.parse(readFileSync(file, 'utf8')))
  writeFileSync(file, typeof record === 'string' ? record : JSON.stringify(record))
  const { store, lines } = openStore(root)
  return [...(await store.list()).map(({ name }) => name), ...lines]
}

const IGNORED = [`warn record ${RECORD} cannot be read; its artifact counts as not cached`]

describe('a record', () => {
  it.each<readonly [string, (record: Record<string, unknown>) => unknown]>([
    ['empty', () => ''],
    ['cut off', (record) => JSON.stringify(record).slice(0, 100)],
    ['null', () => 'null'],
    ['a list', () => '[]'],
    ['without a digest', ({ sha256: _, ...rest }) => rest],
    ['with a digest that is none', (record) => ({ ...record, sha256: 'abc' })],
    ['with an unknown field', (record) => ({ ...record, extra: 1 })],
    ['of another schema', (record) => ({ ...record, schema: 2 })],
    ['with a negative size', (record) => ({ ...record, size: -1 })],
    [
      'of another key than its file name says',
      (record) => ({ ...record, name: 'other', file: 'other-1.0.0-amd64.tar.zst' }),
    ],
    ['with a path above the store', (record) => ({ ...record, file: '../../etc/passwd' })],
    ['with an absolute path', (record) => ({ ...record, file: '/etc/passwd' })],
    ['with the path of another key', (record) => ({ ...record, file: 'runc-1.3.0-amd64.tar.zst' })],
    [
      'with a kept file’s path and name above it',
      (record) => ({ ...record, type: 'kept', file: 'linux/amd64/tool/1.0.0/..' }),
    ],
    ['with a name that no file may have', (record) => ({ ...record, name: '../tool' })],
  ])('%s is ignored with a warning', async (_, change) => {
    expect(await changed(change)).toEqual(IGNORED)
  })

  it('as it was written is read', async () => {
    expect(await changed((record) => record)).toEqual(['tool'])
  })

  it('of names in other case has a file of its own', async () => {
    const root = folder()
    const { store } = openStore(root)
    for (const name of ['C++', 'c++']) await publish(store, { name }, name)
    expect(readdirSync(join(root, '.pkgcache/records')).sort()).toEqual([
      '!c++@1.0.0@linux@amd64.json',
      'c++@1.0.0@linux@amd64.json',
    ])
    expect((await openStore(root).store.list()).map(({ name }) => name)).toEqual(['C++', 'c++'])
  })

  it('temporary or strange files beside it are left alone', async () => {
    const root = folder()
    await publish(openStore(root).store, {})
    writeFileSync(join(root, '.pkgcache/records/.tmp.1.abc'), '{')
    const { store, lines } = openStore(root)
    expect((await store.list()).length).toBe(1)
    expect(lines).toEqual([])
  })
})

describe('the snapshot', () => {
  /** A store with two packages, its index and snapshot written. */
  async function filled(): Promise<string> {
    const root = folder()
    const { store } = openStore(root)
    await publish(store, {})
    await publish(store, { name: 'other' })
    await store.flushIndex(inSignal())
    return root
  }
  const names = async (root: string) => (await openStore(root).store.list()).map(({ name }) => name)
  const snapshot = (root: string) => join(root, '.pkgcache/snapshot.json')
  const poison = (root: string) => {
    const parsed = JSON.parse(readFileSync(snapshot(root), 'utf8'))
    parsed.records = parsed.records.slice(0, 1)
    writeFileSync(snapshot(root), JSON.stringify(parsed))
  }

  it('stands for the records while nothing changed', async () => {
    const root = await filled()
    poison(root)
    expect(await names(root)).toEqual(['other'])
  })

  it.each<readonly [string, (root: string) => unknown]>([
    ['a record came', (root) => publish(openStore(root).store, { name: 'third' })],
    ['a record went', (root) => renameSync(join(root, '.pkgcache/records', RECORD), join(root, 'elsewhere'))],
    ['the index was written by somebody', (root) => writeFileSync(join(root, 'index.yaml'), 'version: 1\n')],
    ['the index went', (root) => renameSync(join(root, 'index.yaml'), join(root, 'elsewhere'))],
    [
      'it was cut off',
      (root) => writeFileSync(snapshot(root), readFileSync(snapshot(root), 'utf8').slice(0, 50)),
    ],
    ['it is of another schema', (root) => writeFileSync(snapshot(root), '{"schema":2,"records":[]}')],
  ])('does not count when %s', async (_, change) => {
    const root = await filled()
    poison(root)
    await change(root)
    const read = await names(root)
    expect(read).toEqual(
      read.includes('third')
        ? ['other', 'third', 'tool']
        : read.includes('tool')
          ? ['other', 'tool']
          : ['other'],
    )
    expect(read.length).toBe({ 'a record came': 3, 'a record went': 1 }[_] ?? 2)
  })

  it('is never made with a stamp that a later record could bear too', async () => {
    const root = folder()
    const { store } = openStore(root)
    for (let round = 0; round < 5; round++) {
      await publish(store, { name: `n${round}` })
      await store.flushIndex(inSignal())
      const { mtimeMs } = statSync(join(root, '.pkgcache/records'))
      expect(Date.now() - mtimeMs).toBeGreaterThan(10)
    }
    expect((await names(root)).length).toBe(5)
  })

  it('that holds nonsense under the right stamps is not fatal', async () => {
    const root = await filled()
    const parsed = JSON.parse(readFileSync(snapshot(root), 'utf8'))
    writeFileSync(snapshot(root), JSON.stringify({ ...parsed, records: [null, 5, {}] }))
    expect(await names(root)).toEqual(['other', 'tool'])
  })
})

describe('a store', () => {
  it('copied elsewhere is read, its files found intact by their digests', async () => {
    const root = folder()
    const { store } = openStore(root)
    const record = await publish(store, {})
    utimesSync(join(root, record.file), 5, 5)
    const { store: again } = openStore(root)
    expect(await again.isIntact(record)).toBe(true)
  })

  it('that is empty or not there has no records', async () => {
    const root = folder()
    expect(await openStore(root).store.list()).toEqual([])
    expect(await openStore(join(root, 'none')).store.list()).toEqual([])
    mkdirSync(join(root, '.pkgcache'))
    expect(await openStore(root).store.list()).toEqual([])
    expect(readdirSync(root)).toEqual(['.pkgcache'])
  })
})
