import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type SmallDisk, smallDiskAvailable, testUsersAvailable } from '@pkgcache/core/testing'
import type { NodeFault } from './kit.ts'
import { OLD, partSize, type Site, TARGET } from './site.ts'

const [FOLDER = '', FILE = ''] = TARGET.split('/')

/** A root that is spoiled, and mended after the first run. */
function spoiling(spoil: (root: string, site: Site) => Promise<() => unknown>): NodeFault['given'] {
  return async (site) => {
    const root = await site.root()
    const mend = await spoil(root, site)
    const heal = async () => {
      await mend()
      return undefined
    }
    return { node: await site.on(site.sshd, root), root, heal }
  }
}

/** A root that belongs to somebody else than the user who logs in. @param owned what below it is the user's all the same */
function foreign(...owned: readonly string[]): NodeFault['given'] {
  return async (site) => {
    const user = site.user()
    const root = await site.root()
    for (const path of owned) execFileSync('chown', [user.name, join(root, path)])
    const heal = () => {
      execFileSync('chown', ['-R', user.name, root])
      return undefined
    }
    return { node: await site.on(site.sshd, root, { user: user.name }), root, heal }
  }
}

/** A root that is a disk of its own, of `bytes` beside the artifact. */
function onDisk(
  bytes: (size: number) => number,
  spoil: (disk: SmallDisk) => void,
  mend: (disk: SmallDisk) => void,
) {
  const given: NodeFault['given'] = async (site) => {
    const disk = await site.disk(bytes(site.size))
    spoil(disk)
    const heal = () => {
      mend(disk)
      return undefined
    }
    return { node: await site.on(site.sshd, disk.path), root: disk.path, heal }
  }
  return given
}

/** What stands outside the root must not be touched through a link. */
async function victim(site: Site): Promise<string> {
  const folder = await site.folder()
  await writeFile(join(folder, FILE), OLD)
  return folder
}

function linking(at: (root: string, site: Site) => string, to: 'file' | 'folder'): NodeFault['given'] {
  return async (site) => {
    const root = await site.root()
    const outside = await victim(site)
    const link = at(root, site)
    const kept = `${link}.kept`
    await rename(link, kept).catch(() => undefined)
    await symlink(to === 'file' ? join(outside, FILE) : outside, link)
    const heal = async () => {
      await rm(link)
      await rename(kept, link).catch(() => undefined)
      if (!(await readFile(join(outside, FILE))).equals(OLD)) throw new Error('the file outside is changed')
      if ((await readdir(outside)).length !== 1) throw new Error('something is beside the file outside')
      return undefined
    }
    return { node: await site.on(site.sshd, root), root, heal }
  }
}

const MIB = 1024 * 1024

export const TARGETS: readonly NodeFault[] = [
  {
    what: 'a root that the user may not write',
    needs: testUsersAvailable,
    code: 'E_NODE_DENIED',
    hint: 'sudo: true',
    given: foreign(),
  },
  {
    what: 'a package folder that the user may not write',
    needs: testUsersAvailable,
    code: 'E_NODE_DENIED',
    says: FOLDER,
    given: foreign('.'),
  },
  {
    what: 'a root below one that the user may not write',
    needs: testUsersAvailable,
    code: 'E_NODE_DENIED',
    given: async (site) => {
      const user = site.user()
      const outer = await site.folder()
      const root = join(outer, 'a/b')
      const heal = () => {
        execFileSync('chown', [user.name, outer])
        return undefined
      }
      return { node: await site.on(site.sshd, root, { user: user.name }), root, heal }
    },
  },
  {
    what: 'a root that is a file',
    code: 'E_NODE_DENIED',
    given: async (site) => {
      const root = join(await site.folder(), 'root')
      await writeFile(root, 'a file')
      const heal = async () => {
        await rm(root)
        return undefined
      }
      return { node: await site.on(site.sshd, root), root, heal }
    },
  },
  {
    what: 'a package folder that is a file',
    code: 'E_NODE_DENIED',
    says: FOLDER,
    given: spoiling(async (root) => {
      await rm(join(root, FOLDER), { recursive: true })
      await writeFile(join(root, FOLDER), 'a file')
      return () => rm(join(root, FOLDER))
    }),
  },
  {
    what: 'a target that is a folder',
    code: 'E_NODE_DENIED',
    says: FILE,
    given: spoiling(async (root) => {
      await rm(join(root, TARGET))
      await mkdir(join(root, TARGET))
      return () => rm(join(root, TARGET), { recursive: true })
    }),
  },
  {
    what: 'a target that is a FIFO',
    code: 'E_NODE_DENIED',
    says: FILE,
    given: spoiling(async (root) => {
      await rm(join(root, TARGET))
      execFileSync('mkfifo', [join(root, TARGET)])
      return () => rm(join(root, TARGET))
    }),
  },
  {
    what: 'a disk without room for it',
    needs: smallDiskAvailable,
    code: 'E_NODE_NOSPC',
    says: 'no room',
    hint: 'free some space',
    given: onDisk(
      (size) => size - MIB,
      () => undefined,
      (disk) => disk.resize(32 * MIB),
    ),
  },
  {
    what: 'a disk that is full to the last block',
    needs: smallDiskAvailable,
    code: 'E_NODE_NOSPC',
    given: onDisk(
      () => 64 * 1024,
      (disk) =>
        execFileSync('sh', ['-c', 'cat /dev/zero > "$1" 2> /dev/null; true', 'sh', join(disk.path, 'fill')]),
      (disk) => {
        execFileSync('rm', [join(disk.path, 'fill')])
        disk.resize(32 * MIB)
      },
    ),
  },
  {
    what: 'a disk on which no more files can be made',
    needs: smallDiskAvailable,
    code: 'E_NODE_NOSPC',
    given: onDisk(
      (size) => size * 3,
      (disk) => disk.limitFiles(0),
      (disk) => disk.limitFiles(100),
    ),
  },
  {
    what: 'a disk that fills up in the middle',
    needs: smallDiskAvailable,
    code: 'E_NODE_NOSPC',
    given: async (site) => {
      const disk = await site.disk(site.size + MIB)
      const fill = join(disk.path, 'fill')
      let filled = false
      // somebody else writes as soon as a third is there
      const cutWhen = () => {
        if (!filled && partSize(disk.path) > site.size / 3) {
          filled = true
          execFileSync('sh', ['-c', 'cat /dev/zero > "$1" 2> /dev/null; true', 'sh', fill])
        }
        return false
      }
      const { port } = await site.proxy(site.sshd, { cutWhen })
      const heal = async () => {
        await rm(fill)
        return undefined
      }
      return { node: await site.on(site.sshd, disk.path, { port }), root: disk.path, heal, own: ['fill'] }
    },
  },
  {
    what: 'a disk that is read-only',
    needs: smallDiskAvailable,
    code: 'E_NODE_READ_ONLY',
    hint: 'read-write',
    given: onDisk(
      (size) => size * 3,
      (disk) => disk.makeReadOnly(),
      (disk) => disk.makeWritable(),
    ),
  },
  {
    what: 'a root that is mounted read-only',
    needs: smallDiskAvailable,
    code: 'E_NODE_READ_ONLY',
    given: spoiling(async (root, site) => {
      execFileSync('mount', ['--bind', root, root])
      execFileSync('mount', ['-o', 'remount,bind,ro', root])
      const unmount = () =>
        void execFileSync('sh', ['-c', '! mountpoint -q "$1" || umount -l "$1"', 'sh', root])
      site.atEnd(unmount)
      return unmount
    }),
  },
  {
    what: 'a symbolic link as the target',
    code: 'E_NODE_SYMLINK',
    says: FILE,
    given: linking((root) => join(root, TARGET), 'file'),
  },
  {
    what: 'a symbolic link to nowhere as the target',
    code: 'E_NODE_SYMLINK',
    given: spoiling(async (root) => {
      await rm(join(root, TARGET))
      await symlink(join(root, 'nowhere'), join(root, TARGET))
      return () => rm(join(root, TARGET))
    }),
  },
  {
    what: 'a symbolic link as the package folder',
    code: 'E_NODE_SYMLINK',
    says: FOLDER,
    given: linking((root) => join(root, FOLDER), 'folder'),
  },
  {
    what: 'a symbolic link where a part is looked for',
    code: 'E_NODE_SYMLINK',
    given: linking((root, { sha256 }) => {
      return join(root, FOLDER, `.${FILE}.${sha256.slice(0, 16)}.0123456789ab.part`)
    }, 'file'),
  },
  {
    what: 'a root that is a symbolic link: it is the operator’s own word',
    given: async (site) => {
      const root = await site.root()
      const link = join(await site.folder(), 'link')
      await symlink(root, link)
      return { node: await site.on(site.sshd, link), root }
    },
  },
]
