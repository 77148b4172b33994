import { constants } from 'node:fs'
import { type FileHandle, open, readFile, rm } from 'node:fs/promises'
import { currentOwner, type Owner } from '../store/owner.ts'

/** A place in a part up to which its content is known. */
export interface Checkpoint {
  /** Bytes from the start. */
  readonly at: number
  /** SHA-256 of those bytes, hex. */
  readonly sha256: string
}

/** What is known of a part whose process may be gone. */
export interface PartStory {
  readonly owner: Owner
  /** Its owner is done with it, but still lives. */
  readonly released: boolean
  /** Strong ETag or Last-Modified of the bytes; undefined when upstream gave none. */
  readonly validator: string | undefined
  /** What served it, without credentials. */
  readonly servedBy: string
  /** Rising. */
  readonly checkpoints: readonly Checkpoint[]
  /** Bytes of the whole, as upstream announced them. */
  readonly total: number | undefined
  /** True when the last checkpoint is the end of the download. */
  readonly whole: boolean
}

/** Where bytes came from, and what tells them from those of another version. */
export type Served = Pick<PartStory, 'servedBy' | 'validator' | 'total'>

const SCHEMA = 1

interface Header {
  readonly part: number
  readonly owner: Owner
  readonly servedBy: string
  readonly validator?: string | undefined
  readonly total?: number | undefined
}

/**
 * The journal beside a part: one JSON line when it begins, one per block that was written. Nothing in it is synced:
 * each line says what the bytes before must hash to, so a line that tells of bytes that were lost is found out.
 */
export class PartJournal {
  readonly file: string
  readonly #handle: FileHandle

  private constructor(file: string, handle: FileHandle) {
    this.file = file
    this.#handle = handle
  }

  /** @param file must not exist */
  static async begin(file: string, served: Served): Promise<PartJournal> {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL
    const journal = new PartJournal(file, await open(file, flags, 0o600))
    const { servedBy, validator, total } = served
    const header: Header = { part: SCHEMA, owner: currentOwner(), servedBy, validator, total }
    try {
      await journal.#say(header)
      return journal
    } catch (error) {
      await journal.close()
      await rm(file, { force: true })
      throw error
    }
  }

  async #say(line: object): Promise<void> {
    await this.#handle.appendFile(`${JSON.stringify(line)}\n`)
  }

  async checkpoint({ at, sha256 }: Checkpoint): Promise<void> {
    await this.#say({ at, sha256 })
  }

  /** The last checkpoint is the end of the download. */
  async whole(): Promise<void> {
    await this.#say({ whole: true })
  }

  /** Whoever comes next may take the part over, though this process lives on. */
  async release(): Promise<void> {
    await this.#say({ released: true })
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** What a journal tells; undefined when it is none. A last line that was cut off is passed over. */
export async function readJournal(file: string): Promise<PartStory | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const [first, ...rest] = text.split('\n').map(parseLine)
  if (!isHeader(first)) return undefined
  const checkpoints: Checkpoint[] = []
  for (const line of rest) {
    if (!isCheckpoint(line)) continue
    // one that goes back: the part was cut there, and what had come after does not count any more
    while ((checkpoints.at(-1)?.at ?? 0) >= line.at) checkpoints.pop()
    checkpoints.push(line)
  }
  return {
    owner: first.owner,
    servedBy: first.servedBy,
    validator: first.validator,
    total: first.total,
    checkpoints,
    whole: rest.some((line) => line?.whole === true) || checkpoints.at(-1)?.at === first.total,
    released: rest.some((line) => line?.released === true),
  }
}

function parseLine(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isHeader(line: unknown): line is Header {
  const { part, owner, servedBy, validator, total } = (line ?? {}) as Partial<Header>
  return (
    part === SCHEMA &&
    typeof owner?.pid === 'number' &&
    typeof servedBy === 'string' &&
    ['string', 'undefined'].includes(typeof validator) &&
    ['number', 'undefined'].includes(typeof total)
  )
}

function isCheckpoint(line: unknown): line is Checkpoint {
  const { at, sha256 } = (line ?? {}) as Partial<Checkpoint>
  return Number.isSafeInteger(at) && Number(at) > 0 && typeof sha256 === 'string'
}
