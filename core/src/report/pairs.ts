import { grouped } from './grouped.ts'

/** Entries of two lists, as they belong together. */
export interface Pairs<Entry> {
  readonly both: readonly (readonly [old: Entry, now: Entry])[]
  readonly removed: readonly Entry[]
  readonly added: readonly Entry[]
}

/**
 * Brings two lists together by what their entries are called; where one of the lists has several of a name, by the finer
 * name, and those that are alike even then in their order.
 */
export function pairs<Entry>(
  old: readonly Entry[],
  now: readonly Entry[],
  name: (entry: Entry) => string,
  finer: (entry: Entry) => string,
): Pairs<Entry> {
  const both: (readonly [Entry, Entry])[] = []
  const removed: Entry[] = []
  const added: Entry[] = []
  const before = grouped(old, name)
  for (const [id, entries] of grouped(now, name)) {
    const others = before.get(id) ?? []
    before.delete(id)
    const only = entries.length === 1 && others.length === 1
    const left = grouped(others, only ? () => '' : finer)
    for (const entry of entries) {
      const other = left.get(only ? '' : finer(entry))?.shift()
      if (other === undefined) added.push(entry)
      else both.push([other, entry])
    }
    removed.push(...[...left.values()].flat())
  }
  removed.push(...[...before.values()].flat())
  return { both, removed, added }
}
