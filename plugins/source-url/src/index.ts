import {
  defineSource,
  fetchChecksum,
  listedPath,
  type PackageRequest,
  PkgcacheError,
  pinnedDigests,
  printable,
  type Resolution,
  type SignatureSource,
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
    const checksumUrl = filled(request, 'checksumUrl')
    const signatures = signaturesOf(request, checksumUrl)
    const published =
      checksumUrl === undefined ? [] : [await fetchChecksum(ctx, checksumUrl, listedPath(url))]
    return {
      name,
      version,
      platform,
      arch,
      urls: [url],
      digests: [...pinned, ...published],
      ...(signatures.length > 0 && { signatures }),
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

function filled(request: PackageRequest, field: 'checksumUrl' | 'signatureUrl'): string | undefined {
  const template = request[field]
  return template === undefined ? undefined : fillTemplate(template, request, `${field} of ${request.name}`)
}

/** @throws E_CONFIG for a signature over something that the request does not name */
function signaturesOf(request: PackageRequest, checksumUrl: string | undefined): SignatureSource[] {
  const url = filled(request, 'signatureUrl')
  const fault = (message: string, hint: string) =>
    new PkgcacheError('E_CONFIG', `signatureOver of ${printable(request.name)} ${message}`, { hint })
  if (request.signatureOver === 'checksum-file') {
    if (checksumUrl === undefined)
      throw fault('is "checksum-file", and there is no checksumUrl', 'give the checksumUrl that is signed')
    return [{ over: 'checksum-file', checksumUrl, ...(url !== undefined && { url }) }]
  }
  if (url !== undefined) return [{ over: 'artifact', url }]
  if (request.signatureOver === undefined) return []
  throw fault(
    'is "artifact", and there is no signatureUrl',
    'give the signatureUrl of its detached signature',
  )
}

/** As much as the evidence that the user gave can prove. */
function minimumTrust(request: PackageRequest): TrustLevel {
  if (request.sha256 !== undefined) return 'pinned'
  return request.checksumUrl === undefined ? 'tofu' : 'checksum-file'
}
