import type { Located } from '../../located.ts'
import { adoptium } from '../../resolvers/index.ts'
import type { ToolQuery } from '../../resolvers/resolver.ts'
import type { Section, Supply, ToolsetImage, Wanted } from '../section.ts'
import { mavenRows } from './maven.ts'

// the images have had these builds under three names
const TEMURIN = /temurin|^adopt(ium|openjdk)?$/i

/**
 * `java.versions`: JDKs by their majors. Windows and Ubuntu: a list; macOS: one by arch; older toolsets: `vendors`, each
 * with a list. On Ubuntu `java.maven` beside it.
 */
export const java: Section = {
  key: 'java',
  *rows(value, image) {
    if (value.get('versions')) yield* versionRows(value, image.arch, image)
    for (const vendor of value.get('vendors')?.list() ?? []) {
      yield* versionRows(vendor, image.arch, image, vendor.get('name')?.text())
    }
    for (const arch of ['x64', 'arm64'] as const) {
      const of = value.get(arch)
      if (of) yield* versionRows(of, arch, image)
    }
    const maven = value.get('maven')
    if (maven) yield* mavenRows(maven, image, 'java.maven')
  },
}

function* versionRows(
  of: Located,
  arch: ToolQuery['arch'] & string,
  { platform }: ToolsetImage,
  vendor?: string,
): Iterable<Wanted> {
  for (const at of of.get('versions')?.list() ?? []) {
    const requested = at.text()
    if (requested === undefined) continue
    yield {
      section: 'java.versions',
      tool: 'Java',
      name: 'temurin-jdk',
      requested,
      platform,
      arch,
      path: at.path,
      listing: { classes: ['java'], names: ['Java'], arch, rule: 'fits' },
      supply: jdk({ tool: 'Java', spec: requested, platform, arch }, vendor),
    }
  }
}

function jdk(query: Omit<ToolQuery, 'version'>, vendor: string | undefined): Supply {
  if (vendor === undefined || TEMURIN.test(vendor)) return { kind: 'resolver', resolver: adoptium, query }
  return { kind: 'unknown', reason: `no index of the JDKs of ${vendor} is known` }
}
