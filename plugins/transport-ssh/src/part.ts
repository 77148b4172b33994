import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { posix } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Delivery } from '@pkgcache/core'
import { toPkgcacheError } from '@pkgcache/core/errors'
import { symlink } from './faults.ts'
import { isPartOf, partOf } from './paths.ts'
import type { Remote } from './remote.ts'

/** Bytes that are compared at once, at least. */
const BLOCK_SIZE = 4 * 2 ** 20
const MOST_BLOCKS = 256
/** How often, and after what pause in ms, a part is asked for that another run seems to fill. */
const BUSY_TRIES = 10
const BUSY_PAUSE = 200

/** A file on the node that a delivery is written to. */
export interface Part {
  readonly path: string
  /** Bytes at its beginning that are the delivery's; 0 for one that is to be created. */
  readonly offset: number
}

/**
 * A part for a delivery: one that was left for these very bytes, as far as it equals the local file, else a name for a new
 * one. Taking one over renames it, so that two runs never go on with the same. Other parts of this file are removed, but
 * for those that another run is filling.
 * @param path where the file is to be in the end, or where it is staged
 * @throws E_NODE_SYMLINK when a link stands where a part should be
 */
export async function takePart(remote: Remote, path: string, delivery: Delivery): Promise<Part> {
  const { owner } = remote
  const fresh = { path: partOf(path, delivery.sha256, owner), offset: 0 }
  const folder = posix.dirname(path)
  const names = await findParts(remote, path, delivery)
  const ours = names.find((name) => isPartOf(name, path, delivery.sha256))
  for (const name of names.filter((one) => one !== ours)) {
    await remote.shell.discard(remote.scope('removing', name), posix.join(folder, name))
  }
  if (ours === undefined) return fresh
  const left = posix.join(folder, ours)
  const stats = await remote.lstat(left)
  if (stats?.isSymbolicLink()) throw symlink(left)
  if (!stats?.isFile() || !(await claim(remote, left, fresh.path))) return fresh
  if (stats.size > delivery.size) await cut(remote, fresh.path, delivery.size)
  const offset = await equalBytes(remote, fresh.path, Math.min(stats.size, delivery.size), delivery)
  if (offset > 0) return { path: fresh.path, offset }
  await remote.shell.discard(remote.scope('removing', fresh.path), fresh.path)
  return fresh
}

/** Idle parts of a file. One that a run left a moment ago is worth waiting for: its connection may not be gone yet. */
async function findParts(remote: Remote, path: string, delivery: Delivery): Promise<readonly string[]> {
  const folder = posix.dirname(path)
  const scope = remote.scope('looking at', folder)
  for (let tries = 1; ; tries++) {
    const found = await remote.shell.parts(scope, folder, posix.basename(path), remote.owner.run)
    if (found === undefined) return []
    const isOurs = (name: string) => isPartOf(name, path, delivery.sha256)
    if (found.idle.some(isOurs) || !found.busy.some(isOurs) || tries === BUSY_TRIES) return found.idle
    await pause(BUSY_PAUSE)
  }
}

/** False when another run was quicker. */
async function claim(remote: Remote, from: string, to: string): Promise<boolean> {
  try {
    await remote.link.call(remote.scope('taking over', from), (sftp, done) => sftp.rename(from, to, done))
    return true
  } catch (error) {
    if (remote.link.failure !== undefined) throw error
    return false
  }
}

async function cut(remote: Remote, path: string, size: number): Promise<void> {
  await remote.link.call(remote.scope('cutting', path), (sftp, done) => sftp.setstat(path, { size }, done))
}

/** How many bytes at the beginning of a part are those of the local file: whole blocks, or all of them. */
async function equalBytes(remote: Remote, part: string, size: number, delivery: Delivery): Promise<number> {
  if (size === 0) return 0
  const block = Math.max(BLOCK_SIZE, Math.ceil(size / MOST_BLOCKS))
  const count = Math.ceil(size / block)
  const theirs = await remote.shell.blocks(remote.scope('hashing', part, size), part, block, count)
  const file = await open(delivery.file).catch((cause: unknown) => {
    throw toPkgcacheError(cause, 'E_STORE')
  })
  try {
    for (let index = 0; index < count; index++) {
      const end = Math.min(size, (index + 1) * block)
      if ((await hashRange(file, index * block, end)) !== theirs[index]) return index * block
    }
    return size
  } finally {
    await file.close()
  }
}

async function hashRange(file: FileHandle, start: number, end: number): Promise<string> {
  const hash = createHash('sha256')
  const range = file.createReadStream({ start, end: end - 1, autoClose: false, highWaterMark: 2 ** 20 })
  for await (const chunk of range) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
