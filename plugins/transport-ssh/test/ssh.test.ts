import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeSpec } from '@pkgcache/core'
import {
  connectThrough,
  deliveryOf,
  leftOut,
  mountSmallDisk,
  type SmallDisk,
  type Sshd,
  smallDiskAvailable,
  sshdAvailable,
  startSshd,
  transportConformance,
  transportContext,
} from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import ssh from '../src/index.ts'

const SUITE = 'transport-ssh on real OpenSSH'
const PATH = 'runc/runc-1.3.0-amd64.tar.zst'
const noSshd = sshdAvailable()

describe.skipIf(leftOut(SUITE, noSshd))(SUITE, () => {
  let sshd: Sshd
  let folder: string
  let root: string

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.stop())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pkgcache-ssh-'))
    root = join(folder, 'node')
    await mkdir(root)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const nodeAt = (where: string, server = sshd): NodeSpec => {
    const { host, port, user, identityFile, knownHosts } = server
    return { name: 'n1', host, port, user, identityFile, knownHosts, root: where, sudo: false }
  }
  const open = async (node: NodeSpec = nodeAt(root), signal?: AbortSignal) => {
    const session = await connectThrough(ssh(), node, transportContext(signal))
    if (session === undefined) throw new Error('transport-ssh left the node to others')
    return session
  }

  transportConformance({ describe, it }, 'transport-ssh', async () => ({
    plugin: ssh(),
    node: nodeAt(root),
    root,
  }))

  it('leaves nodes without a host to others', async () => {
    expect(await connectThrough(ssh(), { name: 'local', root, sudo: false })).toBeUndefined()
  })

  it('opens nothing for writing when the file is there', async () => {
    const logged = await startSshd({ sftp: 'logged' })
    try {
      const session = await open(nodeAt(logged.root, logged))
      const delivery = await deliveryOf(join(folder, 'a'), randomBytes(50_000), PATH)
      const changes = async () => (await logged.log()).match(/flags WRITE|mkdir|rename|set "/g)
      expect(await changes()).toBeNull()
      await session.place(delivery, transportContext())
      expect(await changes()).toEqual(['mkdir', 'flags WRITE'])
      const after = (await changes())?.length
      await session.place(delivery, transportContext())
      expect((await changes())?.length).toBe(after)
      await session.close()
    } finally {
      await logged.stop()
    }
  })

  it('makes a root that is missing, with blanks and quotes in its name', async () => {
    const deep = join(root, 'not yet', "it's $HOME")
    const session = await open(nodeAt(deep))
    const content = randomBytes(100)
    const delivery = await deliveryOf(join(folder, 'a'), content, PATH)
    await session.place(delivery, transportContext())
    expect(content.equals(await readFile(join(deep, PATH)))).toBe(true)
    expect(await session.check(delivery, transportContext())).toBe('present')
    await session.close()
  })

  it.each<[string, () => Promise<string>, string?]>([
    [
      'a root below a regular file',
      async () => writeFile(join(root, 'f'), 'x').then(() => join(root, 'f', 'below')),
    ],
    ['a regular file as root', async () => writeFile(join(root, 'f'), 'x').then(() => join(root, 'f'))],
    [
      'a symbolic link as package folder',
      async () => symlink(tmpdir(), join(root, 'runc')).then(() => root),
      'E_NODE_SYMLINK',
    ],
    [
      'a symbolic link as target',
      async () => {
        await mkdir(join(root, 'runc'))
        await symlink('/etc/hostname', join(root, PATH))
        return root
      },
      'E_NODE_SYMLINK',
    ],
    ['a folder as target', async () => mkdir(join(root, PATH), { recursive: true }).then(() => root)],
  ])('refuses %s', async (_title, prepare, code = 'E_NODE_DENIED') => {
    const session = await open(nodeAt(await prepare()))
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(100), PATH)
    await expect(session.place(delivery, transportContext())).rejects.toMatchObject({
      code,
      message: expect.stringContaining(root),
    })
    await session.close()
  })

  it('leaves a part when the run is cancelled in the middle, and goes on with it', async () => {
    const session = await open()
    const abort = new AbortController()
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(20_000_000), PATH)
    const ctx = { ...transportContext(abort.signal), progress: () => abort.abort() }
    await expect(session.place(delivery, ctx)).rejects.toMatchObject({ code: 'E_ABORTED' })
    expect(await readdir(join(root, 'runc'))).toEqual([expect.stringMatching(/^\.runc-.*\.part$/)])
    const left = (await session.list?.(transportContext())) ?? []
    expect(left).toEqual([])
    expect(await session.place(delivery, transportContext())).toMatchObject({ state: 'sent' })
    expect(await readdir(join(root, 'runc'))).toEqual(['runc-1.3.0-amd64.tar.zst'])
    await session.close()
  })

  it('places files with a mode and owner anyone can read, whatever the part had', async () => {
    const session = await open()
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(10), PATH)
    await mkdir(join(root, 'runc'))
    await writeFile(join(root, PATH), 'old')
    await chmod(join(root, PATH), 0o600)
    await session.place(delivery, transportContext())
    expect((await stat(join(root, PATH))).mode & 0o7777).toBe(0o644)
    await session.close()
  })

  const DISK_SUITE = 'transport-ssh on a disk of its own'
  describe.skipIf(leftOut(DISK_SUITE, smallDiskAvailable()))(DISK_SUITE, () => {
    let disk: SmallDisk
    beforeEach(() => {
      disk = mountSmallDisk(1024 * 1024)
    })
    afterEach(() => disk.remove())

    it('says E_NODE_NOSPC before it sends what cannot fit, and keeps the old file', async () => {
      const session = await open(nodeAt(disk.path))
      const old = await deliveryOf(join(folder, 'old'), randomBytes(1000), PATH)
      await session.place(old, transportContext())
      const ctx = transportContext()
      const large = await deliveryOf(join(folder, 'large'), randomBytes(1_500_000), PATH)
      await expect(session.place(large, ctx)).rejects.toMatchObject({ code: 'E_NODE_NOSPC' })
      expect(ctx.reported).toEqual([])
      expect(await session.check(old, transportContext())).toBe('present')
      expect(await readdir(join(disk.path, 'runc'))).toEqual(['runc-1.3.0-amd64.tar.zst'])
      await session.close()
    })

    it('says E_NODE_NOSPC when the disk fills up in the middle, and removes its parts', async () => {
      const session = await open(nodeAt(disk.path))
      const deliveries = await Promise.all(
        ['a', 'b', 'c'].map((name) => deliveryOf(join(folder, name), randomBytes(800_000), `runc/${name}`)),
      )
      const ended = await Promise.allSettled(deliveries.map((one) => session.place(one, transportContext())))
      const codes = ended.map((one) => (one.status === 'rejected' ? one.reason.code : 'sent'))
      expect(codes.filter((code) => code === 'E_NODE_NOSPC').length).toBeGreaterThanOrEqual(2)
      expect(codes.every((code) => code === 'sent' || code === 'E_NODE_NOSPC')).toBe(true)
      const kept = codes.flatMap((code, index) => (code === 'sent' ? ['a', 'b', 'c'][index] : []))
      expect(await readdir(join(disk.path, 'runc'))).toEqual(kept)
      await session.close()
    })

    it('says E_NODE_READ_ONLY when the disk is read-only', async () => {
      disk.makeReadOnly()
      const session = await open(nodeAt(disk.path))
      const delivery = await deliveryOf(join(folder, 'a'), randomBytes(10), PATH)
      await expect(session.place(delivery, transportContext())).rejects.toMatchObject({
        code: 'E_NODE_READ_ONLY',
      })
      await session.close()
    })
  })
})
