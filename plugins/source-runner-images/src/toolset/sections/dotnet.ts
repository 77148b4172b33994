import type { Located } from '../../located.ts'
import { dotnet as dotnetReleases } from '../../resolvers/index.ts'
import type { ToolQuery } from '../../resolvers/resolver.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import { dotnetAptRows, dotnetToolRows } from './dotnet-tools.ts'

/** `dotnet.versions`: of each channel the newest SDK of each feature band. macOS: by arch. */
export const dotnet: Section = {
  key: 'dotnet',
  *rows(value, image) {
    const versions = value.get('versions')
    if (versions) yield* channelRows(versions, image.arch, image)
    for (const [arch, of] of value.get('arch')?.entries() ?? []) {
      const list = of.get('versions')
      if (list && (arch === 'x64' || arch === 'arm64')) yield* channelRows(list, arch, image)
      else of.fault('is no arch with versions')
    }
    const tools = value.get('tools')
    if (tools) yield* dotnetToolRows(tools, image)
    const apt = value.get('aptPackages')
    if (apt) yield* dotnetAptRows(apt, image)
  },
}

function* channelRows(
  versions: Located,
  arch: ToolQuery['arch'],
  { platform }: ToolsetImage,
): Iterable<Wanted> {
  for (const at of versions.list()) {
    const requested = at.text()
    if (requested === undefined) continue
    yield {
      section: 'dotnet.versions',
      tool: '.NET SDK',
      name: 'dotnet-sdk',
      requested,
      platform,
      arch,
      path: at.path,
      listing: {
        classes: ['list', 'tool'],
        names: ['.NET Core SDK', '.NET SDK', '.NET Core SDKs'],
        rule: 'all',
        group: featureBand,
      },
      supply: {
        kind: 'resolver',
        resolver: dotnetReleases,
        query: { tool: 'dotnet', spec: requested, platform, arch },
      },
    }
  }
}

/** SDK 8.0.412 is of band 8.0.4xx: the hundreds of its last part. */
function featureBand(version: string): string {
  return /^\d+\.\d+\.\d/.exec(version)?.[0] ?? version
}
