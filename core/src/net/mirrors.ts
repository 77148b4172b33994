/** A URL to ask, and whether it is the origin itself. */
export interface Candidate {
  readonly url: string
  readonly origin: boolean
}

/** URL prefix → ordered prefixes that stand in for it. */
export interface MirrorRules {
  readonly mirrors: Readonly<Record<string, readonly string[]>>
  /** Never ask the origin of a URL that has mirrors. */
  readonly mirrorsOnly: boolean
}

/**
 * What to ask for `url`, in order: its mirrors, then the origin unless `mirrorsOnly`. The longest matching prefix
 * decides, so that a rule for one host overrides one for `https://`.
 */
export function mirrorCandidates(url: string, rules: MirrorRules): Candidate[] {
  const [prefix] = Object.keys(rules.mirrors)
    .filter((candidate) => url.startsWith(candidate))
    .sort((a, b) => b.length - a.length)
  if (prefix === undefined) return [{ url, origin: true }]
  const rest = url.slice(prefix.length)
  const mirrored = (rules.mirrors[prefix] ?? []).map((mirror) => ({
    url: mirror + rest,
    origin: mirror === prefix,
  }))
  const asked = mirrored.some((candidate) => candidate.origin)
  return rules.mirrorsOnly || asked ? mirrored : [...mirrored, { url, origin: true }]
}
