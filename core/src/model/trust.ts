/** Trust verdicts, best first (DESIGN 5). */
export const TRUST_LEVELS = ['signed', 'pinned', 'checksum-file', 'tofu', 'unverified'] as const
/** One of `TRUST_LEVELS`. */
export type TrustLevel = (typeof TRUST_LEVELS)[number]

/** True when `level` is at least as good as `minimum`. */
export function trustAtLeast(level: TrustLevel, minimum: TrustLevel): boolean {
  return TRUST_LEVELS.indexOf(level) <= TRUST_LEVELS.indexOf(minimum)
}

/** The better of several levels; `unverified` when there is none. */
export function bestTrust(levels: readonly TrustLevel[]): TrustLevel {
  return TRUST_LEVELS.find((level) => levels.includes(level)) ?? 'unverified'
}

/** The stricter of two minimums. */
export function stricterTrust(a: TrustLevel, b: TrustLevel): TrustLevel {
  return trustAtLeast(a, b) ? a : b
}
