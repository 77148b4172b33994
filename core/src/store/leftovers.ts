import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoreLayout } from './layout.ts'
import type { Locks } from './locks.ts'

// no small file takes this long to write, so whoever began it is gone
const LOOSE_MS = 60_000

/**
 * Removes what runs left that were killed: their folders below `tmp`, temporary files, their locks. What cannot be
 * removed is left for the next time.
 */
export async function removeLeftovers(layout: StoreLayout, locks: Locks): Promise<void> {
  for (const name of await names(layout.tmp)) {
    const path = join(layout.tmp, name)
    const run = locks.sharedNameIn(name)
    const isLeft = run === undefined ? await isOlder(path, LOOSE_MS) : await locks.isGone(run)
    if (isLeft) await rm(path, { recursive: true, force: true }).catch(() => undefined)
  }
  await locks.clearDead()
}

function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

async function isOlder(path: string, ms: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > ms
}
