import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeSpec } from '@pkgcache/core'
import {
  connectThrough,
  deliveryOf,
  leftOut,
  mountSmallDisk,
  type Sshd,
  smallDiskAvailable,
  sshdAvailable,
  startSshd,
  transportConformance,
  transportContext,
} from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import ssh from '../src/index.ts'

const SUITE = 'transport-ssh with sudo'
const PATH = 'runc/runc-1.3.0-amd64.tar.zst'

function sudoAvailable(): string | undefined {
  try {
    execFileSync('sudo', ['-n', 'true'], { stdio: 'pipe' })
    return undefined
  } catch {
    return 'sudo is not installed or asks for a password'
  }
}

describe.skipIf(leftOut(SUITE, sshdAvailable() ?? sudoAvailable()))(SUITE, () => {
  let sshd: Sshd
  let folder: string
  let root: string

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.stop())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pkgcache-sudo-'))
    root = join(folder, 'node')
    await mkdir(root)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const nodeAt = (where: string): NodeSpec => {
    const { host, port, user, identityFile, knownHosts } = sshd
    return { name: 'n1', host, port, user, identityFile, knownHosts, root: where, sudo: true }
  }
  const placeAt = async (where: string, size: number) => {
    const session = await connectThrough(ssh(), nodeAt(where))
    const content = randomBytes(size)
    const delivery = await deliveryOf(join(folder, 'a'), content, PATH)
    try {
      return { content, placement: await session?.place(delivery, transportContext()) }
    } finally {
      await session?.close()
    }
  }
  const stages = async () => (await readdir(tmpdir())).filter((name) => /^pkgcache\.\w{10}$/.test(name))

  transportConformance({ describe, it }, 'transport-ssh with sudo', async () => ({
    plugin: ssh(),
    node: nodeAt(root),
    root,
  }))

  it('installs as root through a private folder and leaves none behind', async () => {
    const where = join(root, 'not yet', "it's $HOME")
    const { content } = await placeAt(where, 100_000)
    expect(content.equals(await readFile(join(where, PATH)))).toBe(true)
    expect(await stat(join(where, PATH))).toMatchObject({ uid: 0, gid: 0 })
    expect(await readdir(join(where, 'runc'))).toEqual(['runc-1.3.0-amd64.tar.zst'])
    expect(await stages()).toEqual([])
  })

  it.each([
    ['target', async () => mkdir(join(root, 'runc')).then(() => symlink('/etc/hostname', join(root, PATH)))],
    ['package folder', async () => symlink(tmpdir(), join(root, 'runc'))],
  ])('refuses a symbolic link as %s', async (_title, prepare) => {
    await prepare()
    await expect(placeAt(root, 10)).rejects.toMatchObject({ code: 'E_NODE_SYMLINK' })
    expect(await stages()).toEqual([])
  })

  const DISK_SUITE = 'transport-ssh with sudo on a disk of its own'
  it.skipIf(leftOut(DISK_SUITE, smallDiskAvailable()))(
    'says what is wrong with a full and a read-only disk',
    async () => {
      const disk = mountSmallDisk(1024 * 1024)
      try {
        await expect(placeAt(disk.path, 1_500_000)).rejects.toMatchObject({ code: 'E_NODE_NOSPC' })
        expect(await readdir(join(disk.path, 'runc'))).toEqual([])
        disk.makeReadOnly()
        await expect(placeAt(disk.path, 10)).rejects.toMatchObject({ code: 'E_NODE_READ_ONLY' })
        expect(await stages()).toEqual([])
      } finally {
        disk.remove()
      }
    },
  )
})
