import { cp, mkdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { flipBit } from '@pkgcache/core/testing'
import { EARLIER_FILE, type Stand } from '../stand.ts'
import { type DataCase, type DataSeen, EARLIER_RECORD, editRecord, replace } from './kit.ts'

export const remade = { exit: 0, earlier: 'published' } as const
export const LOST =
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

export const file = (stand: Stand): string => join(stand.store, EARLIER_FILE)

export async function flip(stand: Stand): Promise<void> {
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

export const STORES = { records: RECORDS, artifacts: ARTIFACTS }
