import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stand } from '../stand.ts'
import { type DataCase, type DataSeen, edit, replace } from './kit.ts'

const DEEP = 20_000
const SET_ASIDE =
  /^warning store: index\.yaml could not be read; it was moved to index\.yaml\.broken-\d+ and written anew$/

/** What could not be read is kept beside the new one. */
function keptAside({ after }: DataSeen): string[] {
  return Object.keys(after.files).some((file) => file.startsWith('index.yaml.broken-'))
    ? []
    : ['the broken one is gone']
}

const broken = (what: string, content: string | Uint8Array): DataCase => ({
  what,
  exit: 0,
  warns: SET_ASIDE,
  also: keptAside,
  arrange: (stand) => replace(stand, 'index.yaml', content),
})

const EMPTY = 'version: 1\nupdated_at: "2025-01-01T00:00:00Z"\npackages: []\n'
const OUTSIDE = 'not yours\n'

/** Puts something else where the index was. @param make gets the index's path, and that of a file outside the store */
const inItsPlace = (make: (index: string, outside: string) => Promise<unknown>) => async (stand: Stand) => {
  const [index, outside] = [join(stand.store, 'index.yaml'), join(stand.dir, 'outside')]
  await writeFile(outside, OUTSIDE)
  await rm(index)
  await make(index, outside)
}

async function outsideKept({ stand }: DataSeen): Promise<string[]> {
  return (await readFile(join(stand.dir, 'outside'), 'utf8')) === OUTSIDE
    ? []
    : ['a file outside was changed']
}

const INDEX: readonly DataCase[] = [
  broken('broken YAML', 'version: 1\npackages: [\n'),
  broken('empty', ''),
  broken('bytes that are no text', Uint8Array.of(0, 1, 2, 255, 254)),
  broken('a text', 'hello\n'),
  broken('a list', '- a\n- b\n'),
  broken('from a newer version', EMPTY.replace('version: 1', 'version: 2')),
  broken('with a key that is not known', `${EMPTY}extra: 1\n`),
  broken('with a __proto__', `${EMPTY}__proto__: { a: 1 }\n`),
  broken('with aliases', EMPTY.replace('[]', '[&a [b], *a]')),
  broken(`of ${DEEP} levels`, `packages: ${'['.repeat(DEEP)}${']'.repeat(DEEP)}`),
  broken(`of ${DEEP} levels, twice`, `${'['.repeat(DEEP)}\n---\n${'['.repeat(DEEP)}`),
  broken('of 1 MB', `${EMPTY.replace('[]', '')}${'  - a\n'.repeat(180_000)}`),
  { what: 'missing', exit: 0, arrange: (stand) => rm(join(stand.store, 'index.yaml')) },
  {
    what: 'sound, but without its packages',
    exit: 0,
    arrange: (stand) => replace(stand, 'index.yaml', EMPTY),
  },
  { what: 'a folder', exit: 0, warns: SET_ASIDE, arrange: inItsPlace((index) => mkdir(index)) },
  { what: 'a link to nothing', exit: 0, arrange: inItsPlace((index) => symlink('gone', index)) },
  {
    what: 'a link to a file outside',
    exit: 0,
    warns: SET_ASIDE,
    also: outsideKept,
    arrange: inItsPlace((index, outside) => symlink(outside, index)),
  },
]

const list = (what: string, arrange: DataCase['arrange'], more: Partial<DataCase> = {}): DataCase => ({
  what,
  exit: 0,
  arrange,
  ...more,
})
const SNAPSHOT = '.pkgcache/snapshot.json'
const ACCESS = '.pkgcache/access.json'
const REPORTS = '.pkgcache/last-reports.json'
const RESULT = '.pkgcache/last-result.json'
const KEY = 'earlier@1.0.0@linux@amd64'
const again = ['report', '--format', 'json'] as const

/** The snapshot with its one record changed; it still bears the right stamps. */
const snapshotRecord = (change: object) => (stand: Stand) =>
  edit(stand, SNAPSHOT, (snapshot) => ({
    ...snapshot,
    records: (snapshot.records as object[]).map((record) => ({ ...record, ...change })),
  }))

const OWN: readonly DataCase[] = [
  list('snapshot.json broken', (stand) => replace(stand, SNAPSHOT, '{"schema":1')),
  list('snapshot.json empty', (stand) => replace(stand, SNAPSHOT, '')),
  list('snapshot.json a list', (stand) => replace(stand, SNAPSHOT, '[]')),
  list('snapshot.json with records that are none', (stand) =>
    edit(stand, SNAPSHOT, (snapshot) => ({ ...snapshot, records: [null, 1, {}] })),
  ),
  list('snapshot.json with records of other types', snapshotRecord({ name: 1, file: null })),
  list('snapshot.json that names a file outside', snapshotRecord({ file: '../outside' })),
  list('snapshot.json that names a key outside', snapshotRecord({ name: '../../outside' })),
  list('snapshot.json with another digest', snapshotRecord({ sha256: 'ab'.repeat(32) })),
  list('snapshot.json with another size', snapshotRecord({ size: 1 })),
  {
    what: 'snapshot.json a folder',
    exit: 2,
    code: 'E_STORE',
    says: 'snapshot.json',
    arrange: async (stand) => {
      await rm(join(stand.store, SNAPSHOT))
      await mkdir(join(stand.store, SNAPSHOT))
    },
  },
  list('access.json broken', (stand) => replace(stand, ACCESS, '{')),
  list('access.json a list', (stand) => replace(stand, ACCESS, '[1, 2]')),
  list('access.json with times that are none', (stand) =>
    replace(stand, ACCESS, `{"${KEY}": "yesterday", "__proto__": 1}`),
  ),
  list('access.json with times beyond the calendar', (stand) => replace(stand, ACCESS, `{"${KEY}": 1e300}`)),
  list(
    'access.json with times beyond the calendar, for stats',
    (stand) => replace(stand, ACCESS, `{"${KEY}": 1e300}`),
    { args: ['stats', '--json'] },
  ),
  list('last-reports.json broken', (stand) => replace(stand, REPORTS, 'null')),
  list('last-reports.json with reports that are none', (stand) =>
    edit(stand, REPORTS, (last) => ({ ...last, reports: 1 })),
  ),
  list('last-reports.json that names a file outside', (stand) =>
    edit(stand, REPORTS, (last) => ({
      ...last,
      reports: [{ plugin: 'x', format: 'x', file: '/etc/passwd' }],
    })),
  ),
  list('last-result.json broken', (stand) => replace(stand, RESULT, '{"items":'), { args: again }),
  list('last-result.json without deliveries', (stand) => edit(stand, RESULT, ({ items }) => ({ items })), {
    args: again,
  }),
  list(
    'last-result.json with items that are none',
    (stand) => edit(stand, RESULT, (last) => ({ ...last, items: [null, 1, { key: null }] })),
    { args: again },
  ),
  list(
    'last-result.json with failures that are none',
    (stand) =>
      edit(stand, RESULT, (last) => ({
        ...last,
        items: [
          {
            key: { name: 'x', version: '1', platform: 'linux', arch: 'amd64' },
            state: 'failed',
            error: null,
          },
        ],
        errors: [null],
      })),
    { args: again },
  ),
]

export const INDEXES = { 'index.yaml': INDEX, 'files of pkgcache’s own': OWN }
