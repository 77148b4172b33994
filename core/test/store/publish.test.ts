import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { faultOf } from '../support/fault.ts'
import { inSignal, openStore, publish, sha256 } from '../support/store.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const umask = process.umask()
afterEach(() => void process.umask(umask))

const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8)

describe('publishing', () => {
  it.each([0o022, 0o077, 0])('gives files and folders their modes under umask %i', async (mask) => {
    process.umask(mask)
    const root = join(folder(), 'new', 'store')
    const { store } = openStore(root)
    await publish(store, {})
    await publish(store, { platform: 'win32' }, 'zip', { type: 'kept' }, 'tool.zip')
    await store.flushIndex(inSignal())
    const modes = [
      '.',
      'tool-1.0.0-amd64.tar.zst',
      'index.yaml',
      'win32',
      'win32/amd64/tool/1.0.0',
      'win32/amd64/tool/1.0.0/tool.zip',
      '.pkgcache',
      '.pkgcache/records',
      '.pkgcache/records/tool@1.0.0@linux@amd64.json',
      '.pkgcache/locks',
      '.pkgcache/tmp',
      '.pkgcache/snapshot.json',
    ].map((path) => `${mode(join(root, path))} ${path}`)
    expect(modes).toEqual([
      '755 .',
      '644 tool-1.0.0-amd64.tar.zst',
      '644 index.yaml',
      '755 win32',
      '755 win32/amd64/tool/1.0.0',
      '644 win32/amd64/tool/1.0.0/tool.zip',
      '700 .pkgcache',
      '700 .pkgcache/records',
      '600 .pkgcache/records/tool@1.0.0@linux@amd64.json',
      '700 .pkgcache/locks',
      '700 .pkgcache/tmp',
      '600 .pkgcache/snapshot.json',
    ])
  })

  it('commits with the record, and lists only what is committed', async () => {
    const root = folder()
    const { store } = openStore(root)
    const record = await publish(store, {}, 'bytes')
    expect(record).toMatchObject({
      file: 'tool-1.0.0-amd64.tar.zst',
      size: 5,
      sha256: sha256('bytes'),
      mtime_ns: String(statSync(join(root, 'tool-1.0.0-amd64.tar.zst'), { bigint: true }).mtimeNs),
    })
    expect(await store.list()).toEqual([record])
    expect(await openStore(root).store.list()).toEqual([record])
    // an artifact whose record never came
    writeFileSync(join(root, 'half-1.0.0-amd64.tar.zst'), 'bytes')
    expect(await openStore(root).store.list()).toEqual([record])
  })

  it('leaves no record where the artifact cannot be put', async () => {
    const root = folder()
    const { store } = openStore(root)
    await store.prepare()
    mkdirSync(join(root, 'tool-1.0.0-amd64.tar.zst', 'in-the-way'), { recursive: true })
    const fault = await faultOf(() => publish(store, {}))
    expect([fault.code, fault.item]).toEqual(['E_STORE', 'tool@1.0.0 linux/amd64'])
    expect(readdirSync(join(root, '.pkgcache/records'))).toEqual([])
  })

  it('replaces an artifact of the same key', async () => {
    const root = folder()
    const { store } = openStore(root)
    await publish(store, {}, 'old')
    const record = await publish(store, {}, 'newer')
    expect(readFileSync(join(root, record.file), 'utf8')).toBe('newer')
    expect(await store.list()).toEqual([record])
  })

  it('removes the file that a key had under another name', async () => {
    const root = folder()
    const { store } = openStore(root)
    const kept = { type: 'kept' } as const
    await publish(store, {}, 'old', kept, 'tool-old.zip')
    await publish(store, {}, 'new', kept, 'tool-new.zip')
    expect(readdirSync(join(root, 'linux/amd64/tool/1.0.0'))).toEqual(['tool-new.zip'])
    await publish(store, {}, 'packed')
    expect(existsSync(join(root, 'linux/amd64/tool/1.0.0/tool-new.zip'))).toBe(false)
    expect((await store.list()).map(({ file }) => file)).toEqual(['tool-1.0.0-amd64.tar.zst'])
  })

  it('says what is wrong with a store that cannot be made', async () => {
    const root = join(folder(), 'file')
    writeFileSync(root, '')
    const fault = await faultOf(() => openStore(join(root, 'store')).store.prepare())
    expect(fault).toMatchObject({
      code: 'E_STORE',
      exitCode: 2,
      hint: 'choose a folder you may write with --store, `store` in the config or PKGCACHE_HOME',
    })
    expect(fault.message).toMatch(/^the store .*\/file\/store cannot be written: ENOTDIR/)
  })
})

describe('an artifact is intact', () => {
  it('while size and mtime are the recorded ones', async () => {
    const root = folder()
    const { store } = openStore(root)
    const record = await publish(store, {})
    expect(await store.isIntact(record)).toBe(true)
    expect(await store.current(record)).toEqual(record)
  })

  it('when only its mtime changed, and the record learns of it', async () => {
    const root = folder()
    const { store, lines } = openStore(root)
    const record = await publish(store, {})
    utimesSync(join(root, record.file), 1_600_000_000, 1_600_000_000)
    expect(await store.isIntact(record)).toBe(true)
    expect(await store.records.get(record)).toEqual({ ...record, mtime_ns: '1600000000000000000' })
    expect(lines).toEqual([])
  })

  it('not when its bytes changed, though its size did not', async () => {
    const root = folder()
    const { store, lines } = openStore(root)
    const record = await publish(store, {}, 'bytes')
    writeFileSync(join(root, record.file), 'bytez')
    utimesSync(join(root, record.file), 1, 1)
    expect(await store.isIntact(record)).toBe(false)
    expect(await store.current(record)).toBeUndefined()
    expect(lines).toEqual([
      'warn tool-1.0.0-amd64.tar.zst is not the file that was recorded; it will be made anew',
    ])
  })

  it.each<readonly [string, (path: string) => void]>([
    ['it has another size', (path) => writeFileSync(path, 'more bytes than before')],
    [
      'a folder is in its place',
      (path) => {
        chmodSync(path, 0o644)
        renameAway(path)
        mkdirSync(path)
      },
    ],
    ['it is gone', (path) => renameAway(path)],
  ])('not when %s', async (_, change) => {
    const root = folder()
    const { store } = openStore(root)
    const record = await publish(store, {})
    change(join(root, record.file))
    expect(await store.isIntact(record)).toBe(false)
  })
})

function renameAway(path: string): void {
  writeFileSync(`${path}.away`, readFileSync(path))
  rmSync(path)
}
