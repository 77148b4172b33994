import { randomBytes } from 'node:crypto'
import { type BigIntStats, constants } from 'node:fs'
import { chmod, type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemCode } from '../errors/error.ts'

/** What users see is readable for all; what is pkgcache's own is not. */
export const PUBLIC_FILE = 0o644
export const PUBLIC_FOLDER = 0o755
export const OWN_FILE = 0o600
export const OWN_FOLDER = 0o700

/**
 * Makes a folder and those above it, and syncs the folders they appear in. One by one: Node's own recursive mkdir never
 * returns below /proc.
 * @param mode what it gets whatever the umask says, as those above it that are made
 * @throws what `mkdir` does, ENOENT where a folder above cannot be made
 */
export async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await makeOne(path, mode)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path), mode)
    await makeOne(path, mode)
  }
}

async function makeOne(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return
    throw error
  }
  // whatever the umask took away
  await chmod(path, mode)
  await syncFolder(dirname(path))
}

/** Facts about a file or folder; undefined when there is none. */
export async function statIfThere(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A name that no other process makes. */
export function uniqueName(prefix: string): string {
  return `${prefix}.${process.pid}.${randomBytes(6).toString('hex')}`
}

/** Makes a rename or a removal in `folder` survive a crash. Filesystems that cannot sync folders are left alone. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes(systemCode(error) ?? '')) throw error
  } finally {
    await handle.close()
  }
}

/**
 * Moves a complete, synced file into place: mode, rename, folder synced. Missing folders are made.
 * `from` and `to` lie on the same filesystem.
 */
export async function publishFile(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to), PUBLIC_FOLDER)
  await chmod(from, PUBLIC_FILE)
  await rename(from, to)
  await syncFolder(dirname(to))
}

/**
 * Replaces a small file whole: unique temp, written, synced, renamed.
 * @param prefix start of the temp's path, on the same filesystem. Default: beside the file
 */
export async function writeFileAtomic(
  file: string,
  content: string | Uint8Array,
  mode: number,
  prefix = join(dirname(file), '.tmp'),
): Promise<void> {
  const temp = uniqueName(prefix)
  try {
    const handle = await openNew(temp)
    try {
      await handle.writeFile(content)
      await handle.chmod(mode)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temp, file)
    await syncFolder(dirname(file))
  } catch (error) {
    await rm(temp, { force: true })
    throw error
  }
}

/** Its folder may have been removed by hand. */
async function openNew(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', OWN_FILE)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    await makeFolder(dirname(file), OWN_FOLDER)
    return open(file, 'wx', OWN_FILE)
  }
}
