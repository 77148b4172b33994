import type { PackageKey } from '../model/names.ts'

/** Text whose plain order is the natural one: case aside, and numbers by value, so that 1.9.0 comes before 1.10.0. */
export function natural(text: string): string {
  return text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(20, '0'))
}

/** Orders packages by name, version, platform and arch. */
export function packageSortKey({ name, version, platform, arch }: PackageKey): string {
  const text = `${name}\u0000${version}\u0000${platform}\u0000${arch}`
  // The spelling itself comes last: it decides between texts that differ in case or leading zeros only.
  return `${natural(text)}\u0000${text}`
}

/** A sorted copy; each key is computed once, and the same list gives the same order on every machine. */
export function sortedBy<Item>(items: readonly Item[], sortKey: (item: Item) => string): Item[] {
  return items
    .map((item) => ({ item, key: sortKey(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item)
}
