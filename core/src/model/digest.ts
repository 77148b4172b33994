/** Digest algorithms that count as evidence. MD5 and SHA-1 do not. */
export const DIGEST_ALGORITHMS = ['sha256', 'sha384', 'sha512'] as const
/** One of `DIGEST_ALGORITHMS`. */
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number]

/** How an expected digest is known. */
export type DigestOrigin = 'pinned' | 'lock' | 'checksum-file'

/** A digest that the downloaded bytes must have. */
export interface ExpectedDigest {
  readonly algorithm: DigestAlgorithm
  /** Lower-case hex. */
  readonly value: string
  readonly origin: DigestOrigin
  /** Where it was read: a URL, or the config's own word. */
  readonly from: string
}

const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/** The algorithm whose hex digests are this long, if any. */
export function algorithmOfHex(hex: string): DigestAlgorithm | undefined {
  if (!/^[0-9a-fA-F]+$/.test(hex)) return undefined
  return DIGEST_ALGORITHMS.find((algorithm) => HEX_LENGTH[algorithm] === hex.length)
}
