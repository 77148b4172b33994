import { PkgcacheError } from '../errors/error.ts'
import { printable } from '../format.ts'
import { algorithmOfHex, type ExpectedDigest } from '../model/digest.ts'
import type { PackageRequest } from '../model/request.ts'

/**
 * The digest that the user pinned with `sha256`, for a source to put among its `digests`; empty when there is none.
 * @throws E_CONFIG when it is not 64 hex digits
 */
export function pinnedDigests(request: PackageRequest): readonly ExpectedDigest[] {
  const { name, sha256 } = request
  if (sha256 === undefined) return []
  if (algorithmOfHex(sha256) === 'sha256') {
    return [
      {
        algorithm: 'sha256',
        value: sha256.toLowerCase(),
        origin: 'pinned',
        from: `sha256 of ${name} in the config`,
      },
    ]
  }
  throw new PkgcacheError(
    'E_CONFIG',
    `sha256 of ${printable(name)} is ${JSON.stringify(printable(sha256.slice(0, 80)))}`,
    {
      hint: 'a SHA-256 is written as 64 hex digits',
    },
  )
}
