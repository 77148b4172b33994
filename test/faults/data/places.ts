import { cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mountSmallDisk } from '@pkgcache/core/testing'
import type { Stand } from '../stand.ts'
import { type DataCase, EARLIER_RECORD, replace, soundConfig } from './kit.ts'
import { file, flip, LOST, remade } from './store.ts'

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

export const PLACED = { 'where the store is': PLACES, 'other commands': COMMANDS }
