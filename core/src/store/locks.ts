import { createHash } from 'node:crypto'
import { link, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PkgcacheError, systemCode, toPkgcacheError } from '../errors/error.ts'
import { makeFolder, OWN_FILE, OWN_FOLDER, uniqueName } from './atomic.ts'
import { currentOwner, type Owner, ownerState } from './owner.ts'

const HEARTBEAT_MS = 10_000
// an owner that cannot be asked (other machine, other container) counts as dead after so many missed beats
const STALE_MS = 6 * HEARTBEAT_MS
const POLL_MS = [5, 10, 20, 50, 100, 200]
const WAIT_MS = 30 * 60_000

const SHARED = 'shared.'

/** A name for one shared lock, and for what its holder keeps in the store meanwhile. */
export function sharedName(): string {
  return uniqueName(SHARED.slice(0, -1))
}

export type Release = () => Promise<void>

/**
 * Keeps other processes out of something outside the store, by a lock in a folder for it, which is made. It dies with
 * this process.
 * @param folder absolute path
 * @returns gives it free
 * @throws E_LOCKED after half an hour, E_ABORTED, E_STORE
 */
export function lockFolder(folder: string, signal: AbortSignal): Promise<() => Promise<void>> {
  return new Locks(folder).key(folder, signal)
}

/**
 * Locks as files that name their owner: whoever finds one whose process is gone takes it away. They spare double
 * work; the store stays right without them, since everything is published by rename.
 */
export class Locks {
  readonly #folder: string
  readonly #me: Owner = currentOwner()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** One holder at a time per key. Waits for its turn; a dead holder's lock is taken over. @throws E_LOCKED */
  key(id: string, signal: AbortSignal): Promise<Release> {
    return this.#acquire(`key-${shortHash(id)}`, `the lock of ${id}`, signal)
  }

  /** Held while `index.yaml` is derived. @throws E_LOCKED */
  index(signal: AbortSignal): Promise<Release> {
    return this.#acquire('index', 'the lock of the index', signal)
  }

  /** Held by runs: any number at once, but not beside an exclusive one. @param name from `sharedName` */
  async shared(signal: AbortSignal, name = sharedName()): Promise<Release> {
    const gate = await this.#acquire('store', 'the store lock', signal)
    try {
      return await this.#create(name)
    } finally {
      await gate()
    }
  }

  /** Held by prune: waits until nobody else uses the store, and keeps others out. @throws E_LOCKED */
  async exclusive(signal: AbortSignal): Promise<Release> {
    const gate = await this.#acquire('store', 'the store lock', signal)
    try {
      await this.#wait(
        'other processes using the store',
        signal,
        async () => (await this.#livingShared()) === 0,
      )
      return gate
    } catch (error) {
      await gate()
      throw error
    }
  }

  /** The name of the run's lock after which a temporary file or folder is called. */
  sharedNameIn(name: string): string | undefined {
    return /^shared\.\d+\.[0-9a-f]+/.exec(name)?.[0]
  }

  /** True when nobody holds a lock: it is not there, or its process is dead. */
  isGone(name: string): Promise<boolean> {
    return this.#clearIfDead(name)
  }

  /** Takes away the locks of dead processes, and what they left half-made. */
  async clearDead(): Promise<void> {
    for (const name of await readdir(this.#folder)) await this.#clearIfDead(name)
  }

  async #livingShared(): Promise<number> {
    const names = (await readdir(this.#folder)).filter((name) => name.startsWith(SHARED))
    let living = 0
    for (const name of names) if (!(await this.#clearIfDead(name))) living++
    return living
  }

  async #acquire(name: string, what: string, signal: AbortSignal): Promise<Release> {
    let release: Release | undefined
    await this.#wait(what, signal, async () => {
      release = await this.#tryCreate(name)
      if (release === undefined && (await this.#clearIfDead(name))) release = await this.#tryCreate(name)
      return release !== undefined
    })
    if (release === undefined) throw new PkgcacheError('E_LOCKED', `${what} could not be taken`)
    return release
  }

  async #wait(what: string, signal: AbortSignal, ready: () => Promise<boolean>): Promise<void> {
    try {
      await this.#poll(what, signal, ready)
    } catch (error) {
      throw toPkgcacheError(error, 'E_STORE')
    }
  }

  async #poll(what: string, signal: AbortSignal, ready: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + WAIT_MS
    for (let round = 0; !(await ready()); round++) {
      if (Date.now() > deadline) {
        throw new PkgcacheError('E_LOCKED', `waited ${WAIT_MS / 60_000} minutes for ${what}`, {
          hint: `another pkgcache is busy with this store; its lock lies in ${this.#folder}`,
        })
      }
      await sleep(POLL_MS[Math.min(round, POLL_MS.length - 1)], undefined, { signal })
    }
  }

  /** `link` gives the lock its owner's name in the same instant in which it appears. */
  async #tryCreate(name: string): Promise<Release | undefined> {
    const temp = join(this.#folder, uniqueName('new'))
    await this.#writeOwner(temp)
    try {
      await link(temp, join(this.#folder, name))
      return this.#hold(join(this.#folder, name))
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return undefined
      throw error
    } finally {
      await rm(temp, { force: true })
    }
  }

  async #create(name: string): Promise<Release> {
    await this.#writeOwner(join(this.#folder, name))
    return this.#hold(join(this.#folder, name))
  }

  async #writeOwner(file: string): Promise<void> {
    const write = () => writeFile(file, JSON.stringify(this.#me), { flag: 'wx', mode: OWN_FILE })
    try {
      await write()
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
      await makeFolder(this.#folder, OWN_FOLDER)
      await write()
    }
  }

  #hold(file: string): Release {
    const beat = setInterval(() => {
      const now = new Date()
      utimes(file, now, now).catch(() => undefined)
    }, HEARTBEAT_MS)
    beat.unref()
    return async () => {
      clearInterval(beat)
      await rm(file, { force: true })
    }
  }

  /** @returns true when the lock is gone: removed here, or by its owner meanwhile */
  async #clearIfDead(name: string): Promise<boolean> {
    const file = join(this.#folder, name)
    const owner = await readOwner(file)
    if (owner === 'gone') return true
    if (!(await this.#isDead(owner, file))) return false
    // moved aside first: two that find it dead must not both remove what a third has just created
    const aside = join(this.#folder, uniqueName('dead'))
    try {
      await rename(file, aside)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return true
      throw error
    }
    const moved = await readOwner(aside)
    if (JSON.stringify(moved) !== JSON.stringify(owner)) await link(aside, file).catch(() => undefined)
    await rm(aside, { force: true })
    return true
  }

  async #isDead(owner: Owner | 'unreadable', file: string): Promise<boolean> {
    const state = owner === 'unreadable' ? 'unknown' : ownerState(owner, this.#me)
    if (state !== 'unknown') return state === 'dead'
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }))
    return Date.now() - mtimeMs > STALE_MS
  }
}

async function readOwner(file: string): Promise<Owner | 'gone' | 'unreadable'> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'))
    return typeof parsed === 'object' && parsed !== null ? (parsed as Owner) : 'unreadable'
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? 'gone' : 'unreadable'
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
