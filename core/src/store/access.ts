import { readFile } from 'node:fs/promises'
import { OWN_FILE, writeFileAtomic } from './atomic.ts'

// like relatime: good enough for "unused for days", and a second run writes nothing
const GRANULARITY_MS = 24 * 3600_000

/** A number that a date can be made of. */
function isTime(at: unknown): at is number {
  return typeof at === 'number' && Number.isFinite(new Date(at).getTime())
}

/** When artifacts were last used: apart from records and index, so that reading rewrites neither. */
export class AccessTimes {
  readonly #file: string
  readonly #temp: () => string

  /** @param temp start of the paths of temporary files */
  constructor(file: string, temp: () => string) {
    this.#file = file
    this.#temp = temp
  }

  /** Milliseconds since the epoch, by key id. A file that cannot be read counts as empty. */
  async read(): Promise<Record<string, number>> {
    try {
      const parsed: unknown = JSON.parse(await readFile(this.#file, 'utf8'))
      if (typeof parsed !== 'object' || parsed === null) return {}
      return Object.fromEntries(Object.entries(parsed).filter(([, at]) => isTime(at)))
    } catch {
      return {}
    }
  }

  /** Notes a use of each key, unless one was noted within the last day. */
  async touch(ids: readonly string[], now: number): Promise<void> {
    const times = await this.read()
    const stale = ids.filter((id) => now - (times[id] ?? 0) > GRANULARITY_MS)
    if (stale.length === 0) return
    const merged = { ...times, ...Object.fromEntries(stale.map((id) => [id, now])) }
    await writeFileAtomic(this.#file, JSON.stringify(merged), OWN_FILE, this.#temp())
  }

  /** Forgets keys that are no longer stored. */
  async forget(ids: readonly string[]): Promise<void> {
    const times = await this.read()
    for (const id of ids) delete times[id]
    await writeFileAtomic(this.#file, JSON.stringify(times), OWN_FILE, this.#temp())
  }
}
