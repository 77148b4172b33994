import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  connectThrough,
  deliveryOf,
  leftOut,
  mountSmallDisk,
  type SmallDisk,
  smallDiskAvailable,
  transportConformance,
  transportContext,
} from '@pkgcache/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import local from '../src/index.ts'

const PATH = 'runc/runc-1.3.0-amd64.tar.zst'
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pkgcache-local-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const nodeAt = (root: string) => ({ name: 'mount', root, sudo: false })

transportConformance({ describe, it }, 'transport-local', async () => {
  const root = await mkdtemp(join(tmpdir(), 'pkgcache-local-root-'))
  return {
    plugin: local(),
    node: nodeAt(root),
    root,
    close: () => rm(root, { recursive: true, force: true }),
  }
})

describe('transport-local', () => {
  it('leaves nodes with a host to others', async () => {
    expect(await connectThrough(local(), { ...nodeAt(folder), host: '127.0.0.1' })).toBeUndefined()
  })

  it('makes a root that is missing', async () => {
    const content = randomBytes(100)
    const root = join(folder, 'new', 'root')
    const session = await connectThrough(local(), nodeAt(root))
    await session?.place(await deliveryOf(join(folder, 'a'), content, PATH), transportContext())
    expect(content.equals(await readFile(join(root, PATH)))).toBe(true)
  })

  it.each([
    [
      'a root below a regular file',
      (root: string) => writeFile(root, 'x'),
      (root: string) => join(root, 'below'),
    ],
    ['a regular file as root', (root: string) => writeFile(root, 'x'), (root: string) => root],
    [
      'a symbolic link as package folder',
      async (root: string) => {
        await mkdir(root)
        await symlink(tmpdir(), join(root, 'runc'))
      },
      (root: string) => root,
    ],
    [
      'a symbolic link as target',
      async (root: string) => {
        await mkdir(join(root, 'runc'), { recursive: true })
        await symlink('/etc/hostname', join(root, PATH))
      },
      (root: string) => root,
    ],
    [
      'a folder as target',
      async (root: string) => {
        await mkdir(join(root, PATH), { recursive: true })
      },
      (root: string) => root,
    ],
    // Node's own recursive mkdir never returns there
    ['a root that nobody can make', async () => {}, () => '/proc/none/below'],
  ])('refuses %s with E_NODE_DENIED', async (_title, prepare, rootOf) => {
    const base = join(folder, 'node')
    await prepare(base)
    const session = await connectThrough(local(), nodeAt(rootOf(base)))
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(100), PATH)
    await expect(session?.place(delivery, transportContext())).rejects.toMatchObject({
      code: 'E_NODE_DENIED',
    })
  })

  it('does not take for its own what took the place of a file it delivered', async () => {
    const session = await connectThrough(local(), nodeAt(folder))
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(100), PATH)
    await session?.place(delivery, transportContext())
    const listed = async () =>
      (await session?.list?.(transportContext()))?.map(({ remotePath, delivered }) => [remotePath, delivered])
    expect(await listed()).toEqual([
      ['a', false],
      [PATH, true],
    ])
    await writeFile(join(folder, PATH), randomBytes(100))
    expect(await listed()).toEqual([
      ['a', false],
      [PATH, false],
    ])
  })

  it('delivers also where it cannot note that it did', async () => {
    await writeFile(join(folder, '.pkgcache'), 'a file')
    const session = await connectThrough(local(), nodeAt(folder))
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(100), PATH)
    expect(await session?.place(delivery, transportContext())).toEqual({ state: 'sent', sentBytes: 100 })
    expect(await session?.list?.(transportContext())).toContainEqual({
      remotePath: PATH,
      size: 100,
      delivered: false,
    })
  })

  it('removes nothing by way of a link', async () => {
    const session = await connectThrough(local(), nodeAt(folder))
    await mkdir(join(folder, 'outside'))
    await writeFile(join(folder, 'outside/tool'), 'x')
    await symlink('outside', join(folder, 'runc'))
    await expect(session?.remove?.('runc/tool', transportContext())).rejects.toMatchObject({
      code: 'E_NODE_DENIED',
    })
    expect(await readdir(join(folder, 'outside'))).toEqual(['tool'])
  })

  it('is not asked for an arch: a folder gets everything', async () => {
    expect((await connectThrough(local(), nodeAt(folder)))?.arch).toBeUndefined()
  })

  it('refuses a relative root', async () => {
    const session = await connectThrough(local(), nodeAt('relative'))
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(1), PATH)
    await expect(session?.place(delivery, transportContext())).rejects.toMatchObject({ code: 'E_CONFIG' })
  })
})

const DISK_SUITE = 'transport-local on a disk of its own'

describe.skipIf(leftOut(DISK_SUITE, smallDiskAvailable()))(DISK_SUITE, () => {
  let disk: SmallDisk
  beforeEach(() => {
    disk = mountSmallDisk(512 * 1024)
  })
  afterEach(() => disk.remove())

  it('says E_NODE_NOSPC when it is full, and keeps the old file', async () => {
    const session = await connectThrough(local(), nodeAt(disk.path))
    const old = await deliveryOf(join(folder, 'old'), randomBytes(100), PATH)
    await session?.place(old, transportContext())
    const large = await deliveryOf(join(folder, 'large'), randomBytes(600_000), PATH)
    await expect(session?.place(large, transportContext())).rejects.toMatchObject({ code: 'E_NODE_NOSPC' })
    expect(await session?.check(old, transportContext())).toBe('present')
    expect(await readdir(join(disk.path, 'runc'))).toEqual(['runc-1.3.0-amd64.tar.zst'])
  })

  it('says E_NODE_DENIED when it is read-only', async () => {
    disk.makeReadOnly()
    const session = await connectThrough(local(), nodeAt(disk.path))
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(100), PATH)
    await expect(session?.place(delivery, transportContext())).rejects.toMatchObject({
      code: 'E_NODE_DENIED',
    })
  })
})
