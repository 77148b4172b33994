import type { ReportEntry, SoftwareReport } from '../report/types.ts'
import { compareVersions, fits } from '../resolvers/spec.ts'
import type { Listing } from '../toolset/section.ts'
import { plainName } from './names.ts'

/** An entry that is meant, with the project's own version of it. */
export interface Listed {
  readonly entry: ReportEntry
  /** Null where the report gives none. */
  readonly version: string | null
}

/** What a report has for one row of a toolset. */
export type Found =
  | { readonly kind: 'none' }
  /** Under that name, in no version that is asked for. */
  | { readonly kind: 'mismatch'; readonly entries: readonly Listed[] }
  /** `also`: further entries that the row accounts for (older than the newest, above the minimum). */
  | { readonly kind: 'one'; readonly listed: Listed; readonly also: readonly Listed[] }
  | { readonly kind: 'ambiguous'; readonly entries: readonly Listed[] }
  /** One per group. */
  | {
      readonly kind: 'several'
      readonly groups: ReadonlyMap<string, Listed>
      readonly also: readonly Listed[]
    }

/** Entries of a report by their names. */
export class ReportIndex {
  readonly report: SoftwareReport
  readonly #byName = new Map<string, ReportEntry[]>()

  constructor(report: SoftwareReport) {
    this.report = report
    for (const entry of report.entries) {
      const name = plainName(entry.name)
      const entries = this.#byName.get(name) ?? []
      entries.push(entry)
      this.#byName.set(name, entries)
    }
  }

  /** Entries of the first of the names that there are any of. */
  #named({ names, classes, under, arch }: Listing): ReportEntry[] {
    const isMeant = (entry: ReportEntry) =>
      classes.includes(entry.class) &&
      (under === undefined || entry.section.some((title) => plainName(title) === plainName(under))) &&
      (arch === undefined || entry.arch === undefined || entry.arch === arch)
    for (const name of names) {
      const entries = (this.#byName.get(plainName(name)) ?? []).filter(isMeant)
      if (entries.length > 0) return entries
    }
    return []
  }

  /** @param requested what the toolset asks for, where the listing has no spec of its own */
  find(listing: Listing, requested: string): Found {
    const listed = this.#named(listing).flatMap((entry) => listedVersions(entry, listing))
    if (listed.length === 0) return { kind: 'none' }
    const spec = listing.spec ?? requested
    const good = listed.filter(({ version }) => satisfies(version, spec, listing.rule))
    if (good.length === 0) return { kind: 'mismatch', entries: listed }
    return RULES[listing.rule](good, listing)
  }
}

/** An entry may hold several: `2.12.5 2.12.6`. */
function listedVersions(entry: ReportEntry, listing: Listing): Listed[] {
  return (entry.versions ?? [entry.version]).map((version) => ({
    entry,
    version: version === null || listing.version === undefined ? version : listing.version(version),
  }))
}

function satisfies(version: string | null, spec: string, rule: Listing['rule']): boolean {
  if (spec === '*' || rule === 'newest') return true
  // `latest` is a tag of container images
  if (rule === 'exact') return version === spec
  if (spec === 'latest') return true
  if (version === null) return false
  if (rule === 'minimum') return compareVersions(version, spec) >= 0
  return fits(spec, version)
}

/** What each rule makes of the entries that satisfy it. */
const RULES: Readonly<Record<Listing['rule'], (good: readonly Listed[], listing: Listing) => Found>> = {
  fits: single,
  exact: single,
  newest,
  minimum: newest,
  all: (good, { group = (version) => version }) => {
    const groups = new Map<string, Listed>()
    for (const one of good) {
      if (one.version === null) continue
      const key = group(one.version)
      const known = groups.get(key)
      if (known?.version == null || compareVersions(one.version, known.version) > 0) groups.set(key, one)
    }
    return { kind: 'several', groups, also: good }
  },
}

function single(good: readonly Listed[]): Found {
  const [first] = good
  if (first === undefined) return { kind: 'none' }
  const differ = good.some(({ version, entry }) => version !== first.version || entry.raw !== first.entry.raw)
  return differ ? { kind: 'ambiguous', entries: good } : { kind: 'one', listed: first, also: good }
}

function newest(good: readonly Listed[]): Found {
  const [first, ...others] = good
  if (first === undefined) return { kind: 'none' }
  const listed = others.reduce(
    (best, one) => (compareVersions(one.version ?? '', best.version ?? '') > 0 ? one : best),
    first,
  )
  return { kind: 'one', listed, also: good }
}
