import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A filesystem of our own, in memory. */
export interface SmallDisk {
  /** Where it is mounted. */
  readonly path: string
  /** Makes it larger, or smaller where it is not filled. @param bytes its new size */
  resize(bytes: number): void
  /** Lets nothing be written any more. */
  makeReadOnly(): void
  /** Takes that back. */
  makeWritable(): void
  /** Lets so many more files be made, 0 for none. */
  limitFiles(more: number): void
  /** Unmounts and removes it. */
  remove(): void
}

/**
 * Mounts a tmpfs: a disk that is really full, or really read-only, also for root.
 * @param bytes its size
 */
export function mountSmallDisk(bytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'pkgcache-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'pipe' })
  } catch (cause) {
    rmSync(path, { recursive: true })
    throw cause
  }
  return {
    path,
    resize: (size) => void execFileSync('mount', ['-o', `remount,size=${size}`, path], { stdio: 'pipe' }),
    makeReadOnly: () => void execFileSync('mount', ['-o', 'remount,ro', path], { stdio: 'pipe' }),
    makeWritable: () => void execFileSync('mount', ['-o', 'remount,rw', path], { stdio: 'pipe' }),
    limitFiles(more) {
      const { files, ffree } = statfsSync(path)
      const limit = `remount,nr_inodes=${files - ffree + more}`
      execFileSync('mount', ['-o', limit, path], { stdio: 'pipe' })
    },
    remove() {
      execFileSync('umount', ['-l', path], { stdio: 'pipe' })
      rmSync(path, { recursive: true })
    },
  }
}

/** Why `mountSmallDisk` cannot work here; undefined when it can. */
export function smallDiskAvailable(): string | undefined {
  try {
    mountSmallDisk(65_536).remove()
    return undefined
  } catch {
    return 'no tmpfs can be mounted (needs root)'
  }
}
