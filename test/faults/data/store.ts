import { cp, mkdir, readFile, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { flipBit, mountSmallDisk } from '@pkgcache/core/testing'
import { EARLIER_FILE, type Stand } from '../stand.ts'
import { type DataCase, type DataSeen, EARLIER_RECORD, editRecord, replace, soundConfig } from './kit.ts'

const remade = { exit: 0, earlier: 'published' } as const
const LOST =
  /^warning store: record earlier@1\.0\.0@linux@amd64\.json cannot be read; its artifact counts as not cached$/

/** A record that says what none may say: the artifact is made anew. */
const record = (what: string, change: Parameters<typeof editRecord>[1]): DataCase => ({
  what,
  ...remade,
  warns: LOST,
  arrange: (stand) => editRecord(stand, change),
})
const recordText = (what: string, text: string | Uint8Array): DataCase => ({
  what,
  ...remade,
  warns: LOST,
  arrange: (stand) => replace(stand, EARLIER_RECORD, text),
})

const RECORDS: readonly DataCase[] = [
  recordText('broken', '{"schema": 1,'),
  recordText('empty', ''),
  recordText('bytes that are no text', Uint8Array.of(0, 255)),
  recordText('null', 'null'),
  recordText('a list', '[]'),
  recordText('of 100,000 levels', '['.repeat(100_000)),
  record('from a newer version', { schema: 2 }),
  record('of another package', { name: 'other' }),
  record('with a name outside', { name: '../../outside' }),
  record('with a file outside', { file: '../../outside' }),
  record('with an absolute file', { file: '/etc/passwd' }),
  record('with the file of another', { file: 'other-1.0.0-amd64.tar.zst' }),
  record('with a digest that is none', { sha256: 'abc' }),
  record('with a size below nothing', { size: -1 }),
  record('with a date that is none', { cached_at: 'yesterday' }),
  {
    what: 'with a __proto__',
    ...remade,
    warns: LOST,
    arrange: async (stand) => {
      const text = await readFile(join(stand.store, EARLIER_RECORD), 'utf8')
      await replace(stand, EARLIER_RECORD, text.replace('{', '{"__proto__": {"size": 1},'))
    },
  },
  {
    what: 'broken where it lies, which the folder does not tell',
    exit: 0,
    remains: /invalid-record {2}\.pkgcache\/records\/earlier@1\.0\.0@linux@amd64\.json/,
    arrange: (stand) => writeFile(join(stand.store, EARLIER_RECORD), '{'),
  },
  {
    what: 'a folder',
    exit: 1,
    earlier: 'failed',
    code: 'E_STORE',
    says: 'EISDIR',
    warns: LOST,
    remains: /invalid-record {2}\.pkgcache\/records\/earlier@1\.0\.0@linux@amd64\.json/,
    arrange: async (stand) => {
      await rm(join(stand.store, EARLIER_RECORD))
      await mkdir(join(stand.store, EARLIER_RECORD))
    },
  },
  { what: 'missing', ...remade, arrange: (stand) => rm(join(stand.store, EARLIER_RECORD)) },
  {
    what: 'another one under its name',
    exit: 0,
    remains: /invalid-record {2}\.pkgcache\/records\/copy@1\.0\.0@linux@amd64\.json/,
    arrange: (stand) =>
      cp(
        join(stand.store, EARLIER_RECORD),
        join(stand.store, '.pkgcache/records/copy@1.0.0@linux@amd64.json'),
      ),
  },
  {
    what: 'with another digest than its file has',
    exit: 0,
    remains: /corrupt {2}earlier-1\.0\.0-amd64\.tar\.zst: recorded (ab){32}, found/,
    arrange: (stand) => editRecord(stand, { sha256: 'ab'.repeat(32) }),
  },
]

const file = (stand: Stand): string => join(stand.store, EARLIER_FILE)

async function flip(stand: Stand): Promise<void> {
  await writeFile(file(stand), flipBit(await readFile(file(stand)), 100))
}

async function outsideKept({ stand }: DataSeen): Promise<string[]> {
  const text = await readFile(join(stand.dir, 'outside'), 'utf8')
  return text === 'not yours\n' ? [] : ['a file outside was changed']
}

const ARTIFACTS: readonly DataCase[] = [
  { what: 'missing', ...remade, arrange: (stand) => rm(file(stand)) },
  { what: 'cut off', ...remade, arrange: (stand) => truncate(file(stand), 100) },
  { what: 'empty', ...remade, arrange: (stand) => truncate(file(stand), 0) },
  {
    what: 'one bit flipped',
    ...remade,
    warns: /earlier-1\.0\.0-amd64\.tar\.zst is not the file that was recorded; it will be made anew/,
    arrange: flip,
  },
  {
    what: 'one bit flipped, its time as before: only verify can tell',
    exit: 0,
    remains: /corrupt {2}earlier-1\.0\.0-amd64\.tar\.zst: recorded [0-9a-f]{64}, found [0-9a-f]{64}/,
    arrange: async (stand) => {
      await flip(stand)
      const { mtime_ns } = JSON.parse(await readFile(join(stand.store, EARLIER_RECORD), 'utf8')) as {
        mtime_ns: string
      }
      const seconds = Number(mtime_ns) / 1e9
      await utimes(file(stand), seconds, seconds)
      // utimes is coarser than the record: both say the same then
      const { mtimeNs } = await stat(file(stand), { bigint: true })
      await editRecord(stand, { mtime_ns: String(mtimeNs) })
    },
  },
  { what: 'touched', exit: 0, arrange: (stand) => utimes(file(stand), 1, 1) },
  {
    what: 'a link to a file outside',
    ...remade,
    also: outsideKept,
    arrange: async (stand) => {
      await writeFile(join(stand.dir, 'outside'), 'not yours\n')
      await rm(file(stand))
      await symlink(join(stand.dir, 'outside'), file(stand))
    },
  },
  {
    what: 'a link to nothing',
    ...remade,
    arrange: async (stand) => {
      await rm(file(stand))
      await symlink('gone', file(stand))
    },
  },
  {
    what: 'a folder',
    exit: 1,
    earlier: 'failed',
    code: 'E_STORE',
    remains: /missing {2}earlier-1\.0\.0-amd64\.tar\.zst/,
    arrange: async (stand) => {
      await rm(file(stand))
      await mkdir(file(stand))
    },
  },
  {
    what: 'a file that is no artifact beside it',
    exit: 0,
    arrange: (stand) => writeFile(join(stand.store, 'notes.txt'), 'mine'),
  },
]

const blocked = { exit: 2, code: 'E_STORE', says: 'the store' } as const

/** The store moved to a place of its own, and the config with it. */
async function moveTo(stand: Stand, root: string): Promise<void> {
  await cp(stand.store, root, { recursive: true, preserveTimestamps: true })
}

const PLACES: readonly DataCase[] = [
  {
    what: 'a file where the store should be',
    ...blocked,
    arrange: async (stand, stands) => {
      await writeFile(join(stand.dir, 'a-file'), '')
      await stand.configure(soundConfig(stands, { store: './a-file' }))
    },
  },
  {
    what: 'a file above where the store should be',
    ...blocked,
    arrange: async (stand, stands) => {
      await writeFile(join(stand.dir, 'a-file'), '')
      await stand.configure(soundConfig(stands, { store: './a-file/a/b' }))
    },
  },
  {
    what: 'below /proc',
    ...blocked,
    arrange: (stand, stands) => stand.configure(soundConfig(stands, { store: '/proc/pkgcache/store' })),
  },
  {
    what: 'a path with a NUL',
    ...blocked,
    arrange: (stand, stands) => stand.configure(soundConfig(stands, { store: './a\0b' })),
  },
  {
    what: 'a name of 300 characters',
    ...blocked,
    arrange: (stand, stands) => stand.configure(soundConfig(stands, { store: `./${'x'.repeat(300)}` })),
  },
  {
    what: 'a link round in a circle',
    ...blocked,
    arrange: async (stand, stands) => {
      await symlink('circle', join(stand.dir, 'circle'))
      await stand.configure(soundConfig(stands, { store: './circle' }))
    },
  },
  {
    what: 'a link to a folder: the folder is the store',
    exit: 0,
    arrange: async (stand) => {
      await rename(stand.store, join(stand.dir, 'elsewhere'))
      await symlink('elsewhere', stand.store)
    },
  },
  {
    what: 'a file in place of .pkgcache',
    ...blocked,
    arrange: async (stand) => {
      await rm(join(stand.store, '.pkgcache'), { recursive: true })
      await writeFile(join(stand.store, '.pkgcache'), '')
    },
  },
  {
    what: 'a file in place of the records',
    ...blocked,
    arrange: async (stand) => {
      await rm(join(stand.store, '.pkgcache/records'), { recursive: true })
      await writeFile(join(stand.store, '.pkgcache/records'), '')
    },
  },
  {
    what: '.pkgcache a link to a folder',
    exit: 0,
    arrange: async (stand) => {
      await rename(join(stand.store, '.pkgcache'), join(stand.dir, 'own'))
      await symlink(join(stand.dir, 'own'), join(stand.store, '.pkgcache'))
    },
  },
  {
    what: '.pkgcache gone',
    ...remade,
    arrange: (stand) => rm(join(stand.store, '.pkgcache'), { recursive: true }),
  },
  {
    what: 'a folder in place of a report',
    exit: 1,
    also: ({ ran }) => {
      const { errors } = JSON.parse(ran.stdout) as { errors: { code: string; hint: string | null }[] }
      return errors.length === 1 && errors[0]?.code === 'E_REPORT' ? [] : [JSON.stringify(errors)]
    },
    arrange: async (stand) => {
      await rm(join(stand.store, 'reports/report.txt'))
      await mkdir(join(stand.store, 'reports/report.txt'))
    },
  },
]

/** Needs root: nothing else keeps root from writing. */
export const READ_ONLY: readonly DataCase[] = [
  {
    what: 'a disk that can only be read',
    ...blocked,
    says: /read-only|EROFS/,
    arrange: async (stand, stands) => {
      const disk = mountSmallDisk(16 << 20)
      await moveTo(stand, join(disk.path, 'store'))
      disk.makeReadOnly()
      await stand.configure(soundConfig(stands, { store: join(disk.path, 'store') }))
      return () => disk.remove()
    },
  },
]

const corrupt = /corrupt {2}earlier-1\.0\.0-amd64\.tar\.zst/

/** What the other commands make of the same. */
const COMMANDS: readonly DataCase[] = [
  {
    what: 'list, with a broken index',
    exit: 0,
    args: ['list', '--json'],
    arrange: (stand) => replace(stand, 'index.yaml', '['),
    also: ({ ran }) => (ran.stdout.includes('"earlier"') ? [] : ['it is not listed']),
    unchecked: true,
  },
  {
    what: 'index --rebuild, with a broken index',
    exit: 0,
    args: ['index', '--rebuild', '--json'],
    arrange: (stand) => replace(stand, 'index.yaml', '['),
    warns: /index\.yaml could not be read/,
  },
  {
    what: 'path, with a file that is gone',
    exit: 1,
    code: 'E_NOT_CACHED',
    args: ['path', 'earlier@1.0.0', '--json'],
    arrange: (stand) => rm(file(stand)),
    remains: /missing {2}earlier/,
  },
  {
    what: 'verify, with one bit flipped',
    exit: 3,
    args: ['verify', '--json'],
    arrange: flip,
    remains: corrupt,
  },
  {
    what: 'prune --invalid, with one bit flipped',
    exit: 0,
    args: ['prune', '--invalid', '--json'],
    arrange: flip,
    earlier: 'failed',
  },
  {
    what: 'stats, with a broken record',
    exit: 0,
    args: ['stats', '--json'],
    arrange: (stand) => replace(stand, EARLIER_RECORD, '{'),
    warns: LOST,
    remains: /invalid-record/,
  },
]

export const STORES = {
  records: RECORDS,
  artifacts: ARTIFACTS,
  'where the store is': PLACES,
  'other commands': COMMANDS,
}
