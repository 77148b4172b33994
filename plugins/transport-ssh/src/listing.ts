import { posix } from 'node:path'
import type { NodeFile } from '@pkgcache/core'
import type { FileEntryWithStats, Stats } from 'ssh2'
import { denied, explain, isMissing, sftpStatus } from './faults.ts'
import type { Target } from './paths.ts'
import type { Remote } from './remote.ts'

/** How deep what pkgcache delivers lies at most: `<platform>/<arch>/<name>/<version>/<file>`. */
const DEPTH = 5
/** Folders of a root that are looked into at most: `/usr/local/src` may hold whole source trees. */
const MOST_FOLDERS = 10_000

/** The plain files below a root, hidden ones left out, with what the node remembers of having been delivered. */
export async function listFiles(remote: Remote, root: string): Promise<NodeFile[]> {
  const delivered = await deliveredPaths(remote, root)
  const files: NodeFile[] = []
  const folders: string[] = ['']
  for (let next = folders.shift(); next !== undefined; next = folders.shift()) {
    for (const { filename, attrs } of await readFolder(remote, posix.join(root, next))) {
      if (filename.startsWith('.')) continue
      const remotePath = posix.join(next, filename)
      if (attrs.isFile()) {
        files.push({ remotePath, size: attrs.size, delivered: delivered.has(posix.join(root, remotePath)) })
      } else if (
        attrs.isDirectory() &&
        remotePath.split('/').length < DEPTH &&
        folders.length < MOST_FOLDERS
      ) {
        folders.push(remotePath)
      }
    }
  }
  return files.sort((a, b) => (a.remotePath < b.remotePath ? -1 : 1))
}

async function readFolder(remote: Remote, folder: string): Promise<FileEntryWithStats[]> {
  try {
    return await remote.link.call<FileEntryWithStats[]>(remote.scope('listing', folder), (sftp, done) =>
      sftp.readdir(folder, done),
    )
  } catch (error) {
    if (isMissing(error)) return []
    throw explain(error, remote.link.node, folder, 'listing')
  }
}

/** Second field of each line of the file that the node's shell keeps. */
async function deliveredPaths(remote: Remote, root: string): Promise<Set<string>> {
  const file = posix.join(root, '.pkgcache', 'digests')
  try {
    const text = await remote.link.call<Buffer>(remote.scope('reading', file), (sftp, done) =>
      sftp.readFile(file, done),
    )
    return new Set(
      text
        .toString('latin1')
        .split('\n')
        .map((line) => line.split('\t')[1] ?? ''),
    )
  } catch (error) {
    if (isMissing(error)) return new Set()
    throw explain(error, remote.link.node, file, 'reading')
  }
}

/**
 * Notes on a node without a shell that a file was delivered, for `list`: without the digest, which only a shell can tell to
 * be still right. A node where that is not possible knows of no deliveries.
 */
export async function noteDelivery(remote: Remote, target: Target): Promise<void> {
  const own = posix.join(target.root, '.pkgcache')
  const scope = remote.scope('noting', target.path)
  const line = Buffer.from(`-\t${target.path}\t-\n`)
  try {
    await remote.link.call(scope, (sftp, done) => sftp.mkdir(own, done)).catch(() => undefined)
    if (!(await remote.lstat(own))?.isDirectory()) return
    const handle = await remote.link.call<Buffer>(scope, (sftp, done) =>
      sftp.open(`${own}/digests`, 'a', done),
    )
    const { size } = await remote.link.call<Stats>(scope, (sftp, done) => sftp.fstat(handle, done))
    await remote.link.call(scope, (sftp, done) =>
      sftp.write(handle, line, 0, line.length, size, () => done()),
    )
    await remote.link.call(scope, (sftp, done) => sftp.close(handle, done))
  } catch (error) {
    if (remote.link.failure !== undefined) throw explain(error, remote.link.node, own, 'writing')
  }
}

/** @throws E_NODE_DENIED, E_NODE_LOST, … */
export async function removeFile(remote: Remote, target: Target): Promise<void> {
  const why = await remote.shell.remove(remote.scope('removing', target.path), target.path)
  if (why === '') return
  if (why !== undefined)
    throw denied(remote.link.node, target.path, `cannot be removed: ${JSON.stringify(why)}`)
  const scope = remote.scope('removing', target.path)
  try {
    await remote.link.call(scope, (sftp, done) => sftp.unlink(target.path, done))
  } catch (error) {
    if (!isMissing(error)) throw explain(error, remote.link.node, target.path, 'removing')
  }
  try {
    for (const folder of target.below.toReversed()) {
      await remote.link.call(scope, (sftp, done) => sftp.rmdir(folder, done))
    }
  } catch (error) {
    // one that is not empty ends it
    if (sftpStatus(error) === undefined) throw explain(error, remote.link.node, target.path, 'removing')
  }
}
