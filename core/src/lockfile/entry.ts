import { printable } from '../format.ts'
import type { ExpectedDigest } from '../model/digest.ts'
import { type LockEntry, type LockEvidence, type LockSignature, lockedKey } from '../model/lock.ts'
import type { StoreRecord } from '../model/record.ts'
import { requestDigest } from '../model/request-digest.ts'
import type { Resolution, Resolved, SignatureSource } from '../model/resolved.ts'
import { lockedUrl } from './locked-url.ts'

type Mask = (text: string) => string

/** The bytes that a resolution leads to, as far as a lock file tells of them. */
export interface LockedBytes {
  readonly size: number
  readonly sha256: string
  /** What verifiers found, where the bytes went through them. */
  readonly found: StoreRecord['evidence']
}

/** A resolution and its bytes as a lock file holds them. @param mask masks the secrets that are known of */
export function toEntry(resolved: Resolved, bytes: LockedBytes, mask: Mask): LockEntry {
  const { request, key, format, member, signatures = [] } = resolved
  const url = (text: string) => lockedUrl(text, mask)
  const hex = (algorithm: string) => resolved.digests.find((digest) => digest.algorithm === algorithm)?.value
  const [sha384, sha512] = [hex('sha384'), hex('sha512')]
  const [first, ...others] = resolved.urls
  return {
    name: request.name,
    platform: request.platform,
    arch: request.arch,
    request: request.version,
    request_digest: requestDigest(request),
    version: key.version,
    ...(key.name !== request.name && { resolved_name: key.name }),
    ...(key.platform !== request.platform && { resolved_platform: key.platform }),
    ...(key.arch !== request.arch && { resolved_arch: key.arch }),
    source: resolved.source,
    urls: [url(first), ...others.map(url)],
    size: bytes.size,
    sha256: bytes.sha256,
    ...(sha384 !== undefined && { sha384 }),
    ...(sha512 !== undefined && { sha512 }),
    ...(format !== undefined && { format }),
    ...(member !== undefined && { member }),
    ...(resolved.normalise === false && { normalise: false }),
    minimum_trust: resolved.minimumTrust,
    ...(signatures.length > 0 && { signatures: signatures.map((one) => toLockSignature(one, url)) }),
    evidence: evidence(resolved, bytes, mask),
  }
}

function toLockSignature(source: SignatureSource, shown: Mask): LockSignature {
  if (source.over === 'artifact') return { over: source.over, url: shown(source.url) }
  const { over, checksumUrl, url } = source
  return { over, checksum_url: shown(checksumUrl), ...(url !== undefined && { url: shown(url) }) }
}

function toSignatureSource(signature: LockSignature): SignatureSource {
  if (signature.over === 'artifact') return { over: signature.over, url: signature.url }
  const { over, checksum_url, url } = signature
  return { over, checksumUrl: checksum_url, ...(url !== undefined && { url }) }
}

function evidence(resolved: Resolved, { found }: LockedBytes, mask: Mask): LockEvidence[] {
  const text = (value: string) => lockedUrl(printable(value).replace(/\s+/g, ' '), mask)
  const signed = found.flatMap(({ verifier, trust, summary, from }) =>
    trust === 'signed'
      ? [{ how: 'signed', verifier, summary: text(summary), ...(from && { from: text(from) }) } as const]
      : [],
  )
  const known = resolved.digests.flatMap(({ origin, from }) =>
    origin === 'lock' ? [] : [{ how: origin, from: text(from) }],
  )
  const all = [...signed, ...known]
  return all.length === 0 ? [{ how: 'tofu' }] : all
}

/** The digests that the bytes of a locked package must have. @param from what messages call the lock file */
export function lockedDigests(entry: LockEntry, from: string): ExpectedDigest[] {
  return (['sha256', 'sha384', 'sha512'] as const).flatMap((algorithm) => {
    const value = entry[algorithm]
    return value === undefined ? [] : [{ algorithm, value, origin: 'lock', from } as const]
  })
}

/** What a source would have answered, from the lock file alone, but for its digests and headers. */
export function toResolution(entry: LockEntry): Resolution {
  const { urls, size, format, member, normalise, signatures } = entry
  return {
    ...lockedKey(entry),
    urls,
    digests: [],
    minimumTrust: entry.minimum_trust,
    size,
    ...(format !== undefined && { format }),
    ...(member !== undefined && { member }),
    ...(normalise !== undefined && { normalise }),
    ...(signatures !== undefined && { signatures: signatures.map(toSignatureSource) }),
  }
}
