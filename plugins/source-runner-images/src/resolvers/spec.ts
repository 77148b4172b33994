/**
 * True when a version is of what a toolset asks for: equal parts from the left, `*` and a missing rest stand for
 * anything. `3.9.*`, `3.9` and `3.9*` all take 3.9.13, and none of them takes 3.90.0. A letter at the end is a release
 * of the version before it, as OpenSSL numbers: `1.1.1` takes 1.1.1w.
 */
export function fits(spec: string, version: string): boolean {
  if (spec === '*' || spec === 'latest') return true
  const wanted = spec.replace(/\.?\*$/, '')
  return (
    version === wanted ||
    (version.startsWith(wanted) && /^(?:[.+-]|[a-z]$)/.test(version.slice(wanted.length)))
  )
}

/** Compares versions part by part, numbers as numbers: below 0 when `a` is the older. A prerelease is older than its release. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = comparePart(left[index], right[index])
    if (order !== 0) return order
  }
  return 0
}

/** `3.14.0-beta.4`, `3.5.0-preview1`, `9.0.100-rc.2.24474.11`: not a final release. */
export function isPrerelease(version: string): boolean {
  return /\d[-.]?(?:a|b|rc|alpha|beta|preview|pre|dev|nightly)(?![a-z])/i.test(version)
}

function partsOf(version: string): string[] {
  return version.match(/\d+|[A-Za-z]+/g) ?? []
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  // a word after the numbers is a prerelease: older than nothing, newer than no number
  if (a === undefined) return /^\d/.test(b ?? '') ? -1 : 1
  if (b === undefined) return /^\d/.test(a) ? 1 : -1
  const [first, second] = [Number(a), Number(b)]
  if (Number.isNaN(first) && Number.isNaN(second)) return a < b ? -1 : 1
  if (Number.isNaN(first)) return -1
  if (Number.isNaN(second)) return 1
  return first - second
}
