import type { Located } from '../../located.ts'
import { own } from '../../own.ts'
import type { ReportEntry } from '../../report/types.ts'
import { codeql, pypy, rubyBuilder, rubyInstaller, versionsManifest } from '../../resolvers/index.ts'
import type { Resolver, ToolQuery } from '../../resolvers/resolver.ts'
import { resolverPlatform } from '../image.ts'
import type { Listing, Section, Supply, ToolsetImage, Wanted } from '../section.ts'

type Platform = ToolsetImage['platform']

/** A tool of the tool cache: what the setup actions look for. */
interface CachedTool {
  /** Folder in the tool cache, and name of the package: one spelling, whatever the toolset's. */
  readonly name: string
  readonly listing: Pick<Listing, 'classes' | 'names' | 'under' | 'lookFor' | 'version'> &
    Partial<Pick<Listing, 'rule'>>
  /** How the image lists the version that is on the path. */
  readonly onPath: readonly string[]
  /** The project's version of what is listed there. */
  readonly onPathVersion?: Listing['version']
  resolver(platform: Platform): Resolver
  /** What the files are of, where the toolset's arch is only a folder's name. */
  readonly arch?: ToolQuery['arch']
}

const UNDER_CACHED = { classes: ['cached-tool'], under: 'Cached Tools' } as const

/** By the toolset's name in lower case. */
const TOOLS: Readonly<Record<string, CachedTool>> = {
  python: {
    name: 'Python',
    listing: { ...UNDER_CACHED, names: ['Python'] },
    onPath: ['Python', 'Python 3', 'Python3'],
    resolver: () => versionsManifest,
  },
  node: {
    name: 'node',
    listing: { ...UNDER_CACHED, names: ['Node.js', 'Node'] },
    onPath: ['Node.js', 'Node'],
    resolver: () => versionsManifest,
  },
  go: {
    name: 'go',
    listing: { ...UNDER_CACHED, names: ['Go'] },
    onPath: ['Go'],
    resolver: () => versionsManifest,
  },
  pypy: {
    name: 'PyPy',
    listing: { ...UNDER_CACHED, names: ['PyPy'], lookFor: (entry: ReportEntry) => entry.raw },
    onPath: ['PyPy'],
    resolver: () => pypy,
    // "x86" of the Windows toolsets is where the setup action looks; there are files for 64 bits only
    arch: 'x64',
  },
  ruby: {
    name: 'Ruby',
    listing: { ...UNDER_CACHED, names: ['Ruby'] },
    onPath: ['Ruby'],
    // up to 3.1 it tells its patch level: 2.5.9p229
    onPathVersion: (listed) => listed.replace(/p\d+$/, ''),
    resolver: (platform) => (platform === 'win32' ? rubyInstaller : rubyBuilder),
  },
  codeql: {
    name: 'CodeQL',
    listing: {
      classes: ['tool', 'list', 'cached-tool'],
      names: ['CodeQL Action Bundle', 'CodeQL Action Bundles'],
      // there were two on some images
      rule: 'newest',
    },
    onPath: [],
    resolver: () => codeql,
  },
}

/** What belongs to one arch of an entry. */
interface Branch {
  readonly arch: string
  readonly versions: Located | undefined
  readonly default: Located | undefined
}

/** `toolcache`: versions beside each other, in the folders that the setup actions look into. */
export const toolcache: Section = {
  key: 'toolcache',
  *rows(value, image) {
    for (const entry of value.list()) yield* entryRows(entry, image)
  },
}

function* entryRows(entry: Located, image: ToolsetImage): Iterable<Wanted> {
  const spelled = entry.get('name')?.text()
  if (spelled === undefined) return void entry.fault('has no name')
  const tool = own(TOOLS, spelled.toLowerCase())
  const platform = entry.get('platform')?.text() ?? image.platform
  const index = entry.get('url')?.text()
  const release = entry.get('platform_version')?.text() ?? image.platformVersion
  const means = { entry, spelled, tool, platform, index, release }
  for (const branch of branchesOf(entry, image)) {
    if (branch.versions === undefined) {
      entry.fault(`has no versions for ${branch.arch}`)
      continue
    }
    for (const version of branch.versions.list()) yield* versionRow(version, branch.arch, means, 'toolcache')
    if (branch.default && tool && tool.onPath.length > 0)
      yield* versionRow(branch.default, branch.arch, means, 'toolcache.default')
  }
}

/** Windows and Ubuntu have one arch as a text; macOS an object by arch. */
function branchesOf(entry: Located, image: ToolsetImage): Branch[] {
  const arch = entry.get('arch')
  const inner = (arch: string, of: Located) => ({
    arch,
    versions: of.get('versions'),
    default: of.get('default'),
  })
  if (arch === undefined) return [inner(image.arch, entry)]
  if (arch.isObject) return arch.entries().map(([name, of]) => inner(name, of))
  const text = arch.text()
  return text === undefined ? [] : [inner(text, entry)]
}

interface Means {
  readonly entry: Located
  readonly spelled: string
  readonly tool: CachedTool | undefined
  readonly platform: string
  readonly index: string | undefined
  readonly release: string | undefined
}

function* versionRow(at: Located, arch: string, means: Means, section: string): Iterable<Wanted> {
  const requested = at.text()
  if (requested === undefined) return
  const { tool, spelled, platform } = means
  const listing = tool && (section === 'toolcache' ? tool.listing : onPath(tool))
  yield {
    section,
    tool: spelled,
    ...(tool && { name: tool.name }),
    requested,
    platform,
    arch,
    path: at.path,
    listing: { classes: ['cached-tool'], names: [spelled], rule: 'fits', ...listing, ...machine(arch, tool) },
    supply: supplyOf(requested, arch, means),
  }
}

function onPath({ onPath: names, onPathVersion: version, listing }: CachedTool): CachedTool['listing'] {
  const { lookFor } = listing
  return {
    classes: ['tool'],
    names,
    under: 'Language and Runtime',
    ...(version && { version }),
    ...(lookFor && { lookFor }),
  }
}

/** A report of another machine does not list it. */
function machine(arch: string, tool: CachedTool | undefined): { readonly arch?: string } {
  return tool?.arch === undefined ? { arch } : {}
}

// "aarch64" is Ruby's folder on Windows for arm64
const ARCHES: Readonly<Record<string, ToolQuery['arch']>> = {
  x64: 'x64',
  x86: 'x86',
  arm64: 'arm64',
  aarch64: 'arm64',
}

function supplyOf(spec: string, spelledArch: string, { entry, spelled, tool, ...means }: Means): Supply {
  const platform = resolverPlatform(means.platform)
  const arch = tool?.arch ?? own(ARCHES, spelledArch)
  if (platform === undefined || arch === undefined) {
    const what = `${means.platform}/${spelledArch}`
    entry.fault(`is for ${what}, which no index is known to have files for`)
    return { kind: 'unknown', reason: `no index is known to have files for ${what}` }
  }
  if (tool === undefined && means.index === undefined) {
    entry.fault(`is ${spelled}, for which no index is known`, 'give the entry a `url` of a versions manifest')
    return { kind: 'unknown', reason: `no index of ${spelled} is known` }
  }
  const query = {
    tool: tool?.name ?? spelled,
    spec,
    platform,
    arch,
    ...(means.release !== undefined && platform === 'linux' && { platformVersion: means.release }),
    ...(means.index !== undefined && { index: means.index }),
  }
  // whatever has a manifest of its own is read by that
  const resolver =
    tool && (means.index === undefined || !isManifest(tool, platform))
      ? tool.resolver(platform)
      : versionsManifest
  return { kind: 'resolver', resolver, query }
}

function isManifest(tool: CachedTool, platform: Platform): boolean {
  return tool.resolver(platform) === versionsManifest
}
