import { hash } from 'node:crypto'
import { plainVersion } from './names.ts'
import type { PackageRequest } from './request.ts'

/** Digest of everything in a request that decides what comes of it. */
export function requestDigest(request: PackageRequest): string {
  const { name, version, platform, arch, url, sha256, checksumUrl, format, normalise, extra } = request
  const exactly = [name, plainVersion(version), platform, arch]
  return hash('sha256', JSON.stringify([...exactly, url, sha256, checksumUrl, format, normalise, extra]))
}
