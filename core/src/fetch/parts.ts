import { createHash } from 'node:crypto'
import {
  copyFile,
  type FileHandle,
  constants as modes,
  open,
  readdir,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode, toPkgcacheError } from '../errors/error.ts'
import type { DigestAlgorithm, ExpectedDigest } from '../model/digest.ts'
import { uniqueName } from '../store/atomic.ts'
import { currentOwner, ownerState } from '../store/owner.ts'
import { type Checkpoint, PartJournal, type PartStory, readJournal } from './journal.ts'
import { type Hashes, journalOf, newHashes, Part } from './part.ts'

const READ_BYTES = 1 << 20
// whoever cannot be asked whether he lives (another machine, another container) writes at least this often
const SILENT_MS = 120_000
// nobody takes this long from a journal to the file it tells of
const BEGIN_MS = 60_000
const WEEK_MS = 7 * 24 * 3600_000

/** A part that nobody is working on. */
interface Orphan {
  readonly file: string
  readonly story: PartStory
  /** False when its process cannot be asked: it may still hold the file open. */
  readonly isDead: boolean
}

/** The folder of half-finished downloads, which the next run goes on with. */
export class Parts {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * The part of a download: what an earlier try left, as far as its bytes are what its journal says, else an empty
   * one. Known by URL and by the digests expected, so that other expectations never meet old bytes.
   */
  async open(
    url: string,
    digests: readonly ExpectedDigest[],
    algorithms: readonly DigestAlgorithm[],
  ): Promise<Part> {
    const id = partId(url, digests)
    const part = new Part(algorithms, () => this.#fresh(id))
    try {
      const orphans = await this.#orphans(id)
      for (const orphan of orphans)
        await this.#take(orphan, id, part, { algorithms, pinned: digests.length > 0 })
      return part
    } catch (error) {
      await part.keep()
      throw toPkgcacheError(error, 'E_STORE')
    }
  }

  /**
   * Removes what no run will go on with: what was published after all, what nobody asked for within a week, and files
   * of beginnings that came to nothing.
   * @param published SHA-256 of all downloads whose artifacts are in the store
   */
  async clear(published: () => Promise<ReadonlySet<string>>): Promise<void> {
    const files = (await readdir(this.#folder)).map((name) => join(this.#folder, name))
    const known = files.length > 0 ? await published() : new Set<string>()
    for (const file of new Set(files.map((name) => name.replace(/\.journal$/, '')))) {
      if (await isUseless(file, known)) await remove(file)
    }
  }

  #fresh(id: string): string {
    return join(this.#folder, uniqueName(id))
  }

  /** Those with the most bytes first. */
  async #orphans(id: string): Promise<Orphan[]> {
    const names = (await readdir(this.#folder)).filter(
      (name) => name.startsWith(`${id}.`) && !name.endsWith('.journal'),
    )
    const found = await Promise.all(names.map((name) => orphanAt(join(this.#folder, name))))
    const length = ({ story }: Orphan) => story.checkpoints.at(-1)?.at ?? 0
    return found.flatMap((orphan) => orphan ?? []).sort((a, b) => length(b) - length(a))
  }

  /** Gives `part` an orphan's bytes, unless it has some already; the orphan is gone either way. */
  async #take(
    orphan: Orphan,
    id: string,
    part: Part,
    want: { readonly algorithms: readonly DigestAlgorithm[]; readonly pinned: boolean },
  ): Promise<void> {
    const { story } = orphan
    const done = story.whole && want.pinned
    if (part.size > 0 || story.checkpoints.length === 0 || (story.validator === undefined && !done)) {
      await remove(orphan.file)
      return
    }
    const claimed = await this.#claim(orphan, this.#fresh(id), done)
    if (claimed === undefined) return
    const { file, journal } = claimed
    const handle = await open(file, 'r+')
    const { size, hashes } = await proven(handle, story, newHashes(want.algorithms), done)
    await handle.truncate(size)
    const isWhole = done && size === story.checkpoints.at(-1)?.at
    part.takeOver({ file, handle, journal, size, hashes, isWhole }, story)
  }

  /**
   * Makes the bytes ours: a dead process's file gets our name; one whose process may live on is copied, so that it
   * can never write into what we go on with. Our journal is there before, so that nothing is lost when we die here.
   * @returns undefined when another process was quicker
   */
  async #claim(
    { file: old, story, isDead }: Orphan,
    file: string,
    done: boolean,
  ): Promise<{ file: string; journal: PartJournal } | undefined> {
    const journal = await PartJournal.begin(journalOf(file), story)
    try {
      for (const checkpoint of story.checkpoints) await journal.checkpoint(checkpoint)
      if (done) await journal.whole()
      if (isDead) await rename(old, file)
      else await copyFile(old, file, modes.COPYFILE_FICLONE | modes.COPYFILE_EXCL)
    } catch (error) {
      await journal.close()
      await remove(file)
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
    await remove(old)
    return { file, journal }
  }
}

/** Another URL or another expectation is another part; user and password of the URL do not matter to the bytes. */
function partId(url: string, digests: readonly ExpectedDigest[]): string {
  const plain = new URL(url)
  plain.username = ''
  plain.password = ''
  const expected = digests.map(({ algorithm, value }) => `${algorithm}:${value}`).sort()
  return createHash('sha256')
    .update(JSON.stringify([plain.href, expected]))
    .digest('hex')
    .slice(0, 32)
}

async function isUseless(file: string, published: ReadonlySet<string>): Promise<boolean> {
  const orphan = await orphanAt(file)
  const bytes = await ageOf(file)
  const journal = await ageOf(journalOf(file))
  if (orphan === undefined) {
    // of a living process; or journal or bytes alone, which another process may just be beginning
    const isAlone = (bytes === undefined) !== (journal === undefined)
    return isAlone && Math.max(bytes ?? 0, journal ?? 0) > BEGIN_MS
  }
  const { whole, checkpoints } = orphan.story
  const isPublished = whole && published.has(checkpoints.at(-1)?.sha256 ?? '')
  return isPublished || bytes === undefined || bytes > WEEK_MS
}

/** Since it was last written, in ms; undefined when there is no such file. */
async function ageOf(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(() => undefined)
  return found && Date.now() - found.mtimeMs
}

async function orphanAt(file: string): Promise<Orphan | undefined> {
  const story = await readJournal(journalOf(file))
  if (story === undefined) return undefined
  if (story.released) return { file, story, isDead: true }
  const state = ownerState(story.owner, currentOwner())
  if (state === 'alive') return undefined
  if (state === 'dead') return { file, story, isDead: true }
  return ((await ageOf(file)) ?? 0) > SILENT_MS ? { file, story, isDead: false } : undefined
}

async function remove(file: string): Promise<void> {
  await rm(file, { force: true })
  await rm(journalOf(file), { force: true })
}

/**
 * How far a part's bytes are what its journal says, and their hashes. A part that is whole but matches no digest
 * known beforehand is taken up to its last byte only: for that one upstream is asked whether the file is still the same.
 */
async function proven(
  handle: FileHandle,
  { checkpoints, whole }: PartStory,
  hashes: Hashes,
  done: boolean,
): Promise<{ size: number; hashes: Hashes }> {
  const end = checkpoints.at(-1)?.at ?? 0
  let good: { size: number; hashes: Hashes } = { size: 0, hashes: copied(hashes) }
  let at = 0
  const readTo = async (goal: number) => {
    at += await hashRange(handle, at, goal, hashes)
    return at === goal
  }
  for (const checkpoint of checkpoints) {
    const last = checkpoint.at === end && whole && !done
    const before = last && (await readTo(end - 1)) ? { size: end - 1, hashes: copied(hashes) } : undefined
    if (!(await readTo(checkpoint.at)) || !matches(hashes, checkpoint)) break
    good = before ?? { size: checkpoint.at, hashes: copied(hashes) }
  }
  return good
}

function matches(hashes: Hashes, { sha256 }: Checkpoint): boolean {
  return hashes.get('sha256')?.copy().digest('hex') === sha256
}

function copied(hashes: Hashes): Hashes {
  return new Map([...hashes].map(([algorithm, hash]) => [algorithm, hash.copy()]))
}

/** @returns how many bytes there were, at most `to - from` */
async function hashRange(handle: FileHandle, from: number, to: number, hashes: Hashes): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(to - from, 1)))
  let at = from
  while (at < to) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, to - at), at)
    if (bytesRead === 0) break
    for (const hash of hashes.values()) hash.update(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
  return at - from
}
