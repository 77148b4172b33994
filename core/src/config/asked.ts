import type { EnsureOptions } from '../cache.types.ts'
import { PkgcacheError } from '../errors/error.ts'
import { isSameMachine } from '../model/arch.ts'
import { plainVersion } from '../model/names.ts'
import { isFor, type NodeSpec } from '../model/node.ts'
import type { PackageRequest } from '../model/request.ts'
import { parseSpec, toRequests } from './settings.ts'
import type { Config, PackageConfig } from './types.ts'

/** What a config says of packages, for one that is asked for by name. */
export interface Asked {
  readonly packages: NonNullable<Config['packages']>
  readonly platform: string
  readonly arches: readonly string[]
}

/**
 * A spec takes over what the config says of that package (its URL, its checksum), but not its version. Without an
 * arch asked for, those of the nodes count. Nodes that are named get it, whatever its `to` says. @throws E_USAGE for a node that takes none of it
 */
export function askedRequests(
  spec: string,
  options: EnsureOptions,
  nodes: readonly NodeSpec[],
  config: Asked,
): PackageRequest[] {
  const { platform } = options
  const asked = parseSpec(spec)
  const declared = config.packages.find(
    (entry): entry is PackageConfig => typeof entry !== 'string' && entry.name === asked.name,
  )
  const same = declared && plainVersion(declared.version) === plainVersion(asked.version)
  const { sha256, to: _, ...known } = declared ?? {}
  const spelled = [declared?.arch ?? config.arches].flat()
  const arch = options.arch === undefined ? archesOf(nodes, spelled) : [options.arch]
  const entry = {
    ...known,
    ...(same && sha256 !== undefined && { sha256 }),
    ...asked,
    ...(arch.length > 0 && { arch }),
    ...(platform && { platform }),
  }
  const requests = toRequests(entry, config.platform, config.arches)
  for (const node of nodes) checkMeant(node, requests, spec)
  return requests
}

/**
 * The arches of nodes that have one: what is ensured for a node is ensured in its arch.
 * @param spelled arches as the package's project spells them
 */
function archesOf(nodes: readonly NodeSpec[], spelled: readonly string[]): string[] {
  const arches = nodes.flatMap(({ arch }) => arch ?? [])
  return [...new Set(arches.map((arch) => spelled.find((one) => isSameMachine(one, arch)) ?? arch))]
}

/** @throws E_USAGE when nothing of what is asked for is meant for a node that is named */
function checkMeant(node: NodeSpec, requests: readonly PackageRequest[], spec: string): void {
  if (requests.some((request) => isFor(node, request))) return
  const arches = requests.map(({ arch }) => arch).join(', ')
  throw new PkgcacheError(
    'E_USAGE',
    `node ${node.name} takes ${node.arch} only, but ${spec} is asked for ${arches}`,
    {
      hint: 'leave --arch out to have the node’s own',
    },
  )
}
