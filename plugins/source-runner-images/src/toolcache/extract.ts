import { chmod, link, lutimes, mkdir, open, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Member, systemCode } from '@pkgcache/core'

const OWNER_ALL = 0o700

/** Folders of one tree, made one by one: a tree that somebody took away is not made anew. */
class Folders {
  readonly #made = new Set<string>(['.'])
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async make(path: string): Promise<void> {
    if (this.#made.has(path)) return
    await this.make(dirname(path))
    await mkdir(join(this.#root, path)).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error
    })
    this.#made.add(path)
  }
}

async function writeMember(file: string, member: Member): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    for await (const chunk of member.body ?? []) await handle.writeFile(chunk)
    // whatever the umask took away; times, since Python's compiled files are bound to those of their sources
    await handle.chmod(member.mode)
    await handle.utimes(member.mtime, member.mtime)
  } finally {
    await handle.close()
  }
}

/**
 * Writes judged members into a folder that is there and empty. Links come last: nothing is written through one, and those
 * of an archive that is refused at its end were never made.
 * @throws what judging them and the disk do
 */
export async function extract(members: AsyncIterable<Member>, root: string): Promise<void> {
  const folders = new Folders(root)
  const directories: Member[] = []
  const links: Member[] = []
  for await (const member of members) {
    const directory = member.type === 'directory'
    await folders.make(directory ? member.path : dirname(member.path))
    if (directory) directories.push(member)
    else if (member.type === 'file') await writeMember(join(root, member.path), member)
    else links.push(member)
  }
  for (const { type, path, linkName = '' } of links) {
    if (type === 'hardlink') await link(join(root, linkName), join(root, path))
    else await symlink(linkName, join(root, path))
  }
  for (const { path, mode, mtime } of directories.reverse()) {
    await chmod(join(root, path), mode | OWNER_ALL)
    await lutimes(join(root, path), mtime, mtime)
  }
}
