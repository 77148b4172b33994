import {
  defineSource,
  type ExpectedDigest,
  fetchChecksum,
  type PackageRequest,
  PkgcacheError,
  type PluginContext,
  pinnedDigests,
  type Resolution,
} from '@pkgcache/core'
import { type Located, locate } from './locate.ts'
import { PROJECTS, type Project } from './projects.ts'

/** The nine packages of a Kubernetes node, at their own upstreams, each with the checksum its project publishes. */
export default defineSource({
  name: 'source-kubernetes',
  packages: PROJECTS.map((project) => project.name),
  minimumTrust: 'checksum-file',
  async resolve(request, ctx): Promise<Resolution | undefined> {
    const project = PROJECTS.find((candidate) => candidate.name === request.name)
    if (project === undefined || request.url !== undefined) return undefined
    const located = locate(project, request)
    const pinned = pinnedDigests(request)
    const { version, arch, url, signatures } = located
    const { platform, format, suffix } = located.target
    return {
      name: project.name,
      version,
      platform,
      arch,
      urls: [url],
      digests: [...pinned, await publishedDigest(project, request, located, ctx)],
      ...(signatures.length > 0 && { signatures }),
      format,
      ...(format === 'binary' && { member: `${project.name}${suffix}` }),
      ...(request.normalise !== undefined && { normalise: request.normalise }),
    }
  },
})

/** @throws E_UNKNOWN_VERSION when upstream has no checksum file, hence no such release; what `fetchChecksum` throws */
async function publishedDigest(
  project: Project,
  request: PackageRequest,
  { checksumUrl, file, version, target, arch }: Located,
  ctx: PluginContext,
): Promise<ExpectedDigest> {
  try {
    return await fetchChecksum(ctx, checksumUrl, file)
  } catch (error) {
    const answer = error instanceof PkgcacheError ? error.cause : undefined
    if (!(answer instanceof PkgcacheError && answer.code === 'E_NOT_FOUND')) throw error
    const asked = `${project.name} ${version} for ${target.platform}/${arch}`
    throw new PkgcacheError(
      'E_UNKNOWN_VERSION',
      `there is no release of ${asked}: ${checksumUrl} does not exist`,
      {
        hint: `check the version ${request.version} and the arch at ${project.releases}`,
        cause: error,
      },
    )
  }
}
