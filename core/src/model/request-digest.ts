import { hash } from 'node:crypto'
import { plainVersion } from './names.ts'
import type { PackageRequest } from './request.ts'

/** Digest of everything in a request that decides what comes of it. */
export function requestDigest(request: PackageRequest): string {
  const { name, version, platform, arch, url, sha256, checksumUrl, format, normalise, extra } = request
  const { signatureUrl, signatureOver } = request
  const exactly = [name, plainVersion(version), platform, arch]
  const signed = (signatureUrl ?? signatureOver) ? [signatureUrl, signatureOver] : []
  const decisive = [...exactly, url, sha256, checksumUrl, format, normalise, extra, ...signed]
  return hash('sha256', JSON.stringify(decisive))
}
