import {
  defineSource,
  fetchChecksum,
  type PackageRequest,
  pinnedDigests,
  type Resolution,
  type TrustLevel,
} from '@pkgcache/core'
import { fillTemplate } from './template.ts'

/** Any package whose request carries a `url` template, with what evidence the user gives: a pin, a checksum file. */
export default defineSource({
  name: 'source-url',
  async resolve(request, ctx): Promise<Resolution | undefined> {
    const { name, version, platform, arch, format, normalise } = request
    if (request.url === undefined) return undefined
    const url = fillTemplate(request.url, request, `url of ${name}`)
    const pinned = pinnedDigests(request)
    const published =
      request.checksumUrl === undefined
        ? []
        : [
            await fetchChecksum(
              ctx,
              fillTemplate(request.checksumUrl, request, `checksumUrl of ${name}`),
              pathOf(url),
            ),
          ]
    return {
      name,
      version,
      platform,
      arch,
      urls: [url],
      digests: [...pinned, ...published],
      minimumTrust: minimumTrust(request),
      ...(format !== undefined && { format }),
      ...(normalise !== undefined && { normalise }),
    }
  },
  // the template may hold a password or a token, which a lock file does not
  locate: (request) =>
    request.url === undefined
      ? undefined
      : { urls: [fillTemplate(request.url, request, `url of ${request.name}`)] },
})

/** As much as the evidence that the user gave can prove. */
function minimumTrust(request: PackageRequest): TrustLevel {
  if (request.sha256 !== undefined) return 'pinned'
  return request.checksumUrl === undefined ? 'tofu' : 'checksum-file'
}

/** The path of a URL as a checksum list may spell it. */
function pathOf(url: string): string {
  const path = new URL(url).pathname.replace(/^\/+/, '')
  try {
    return decodeURIComponent(path)
  } catch {
    // a literal % that encodes nothing: the list will spell it like the URL
    return path
  }
}
