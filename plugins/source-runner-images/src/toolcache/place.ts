import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { lockFolder, systemCode } from '@pkgcache/core'
import { isThere } from './dress.ts'

/** Raised when what is made of the same archive changes. */
const REVISION = 1
const OWN = '.pkgcache'

/** Absolute path of a tool's folder; its marker lies beside it. */
export type ToolFolder = string

function markerOf(folder: ToolFolder): string {
  return `${folder}.complete`
}

/** What a marker says: the setup actions look whether it is there, pkgcache what it was made of. */
function markerText(sourceSha256: string): string {
  return `${JSON.stringify({ by: 'pkgcache', revision: REVISION, sha256: sourceSha256 })}\n`
}

/** True when a tool is in place, made of this download. @param sourceSha256 of the download */
export async function isInPlace(folder: ToolFolder, sourceSha256: string): Promise<boolean> {
  const text = await readFile(markerOf(folder), 'utf8').catch(() => '')
  return text === markerText(sourceSha256) && (await isThere(folder))
}

/** The part of a tool cache that is pkgcache's own, while it writes. Empty, it is not there. */
export class Workplace {
  readonly #own: string
  readonly #dir: string

  /** @param dir absolute path of the tool cache */
  constructor(dir: string) {
    this.#dir = dir
    this.#own = join(dir, OWN)
  }

  /** Whether there is something to clear away: of a run that was killed, say. */
  isThere(): Promise<boolean> {
    return isThere(this.#own)
  }

  /**
   * Keeps other processes out of the tool cache, and removes what killed ones left.
   * @returns gives it free
   * @throws E_LOCKED, E_ABORTED, and what the disk says
   */
  async enter(signal: AbortSignal): Promise<() => Promise<void>> {
    await mkdir(this.#own, { recursive: true })
    const locks = join(this.#own, 'lock')
    const release = await lockFolder(locks, signal)
    for (const name of await readdir(this.#own)) {
      if (name.startsWith('tmp.')) await rm(join(this.#own, name), { recursive: true, force: true })
    }
    return async () => {
      await release()
      // not where somebody waits in them
      for (const folder of [locks, this.#own]) await rmdir(folder).catch(() => undefined)
    }
  }

  /** Runs `work` with a folder of its own, on the tool cache's filesystem; it is gone afterwards. */
  async withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(this.#own, `tmp.${randomBytes(6).toString('hex')}`)
    await mkdir(folder)
    try {
      return await work(folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  /**
   * Puts a finished folder in the place of whatever is there. The marker goes first and comes last: whoever finds it finds
   * a whole tool.
   * @param trash a folder that is removed afterwards
   */
  async put(from: string, folder: ToolFolder, sourceSha256: string, trash: string): Promise<void> {
    await mkdir(dirname(folder), { recursive: true })
    await rm(markerOf(folder), { force: true })
    await rename(folder, join(trash, 'before')).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error
    })
    await rename(from, folder)
    const marker = join(trash, 'complete')
    await writeFile(marker, markerText(sourceSha256), { mode: 0o644 })
    await rename(marker, markerOf(folder))
  }

  /** Absolute path of the tool cache. */
  get dir(): string {
    return this.#dir
  }
}
