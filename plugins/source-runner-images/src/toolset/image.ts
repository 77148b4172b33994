import type { Located } from '../located.ts'
import { own } from '../own.ts'
import type { ToolsetImage } from './section.ts'

type Platform = ToolsetImage['platform']

/** What is known where a toolset does not tell. */
export interface ToolsetHint {
  readonly platform?: Platform
  readonly platformVersion?: string
  /** Of the images' machines, by platform. */
  readonly archs?: Partial<Readonly<Record<Platform, ToolsetImage['arch']>>>
}

/** Platforms as toolsets spell them. */
const SPELLED: Readonly<Record<string, Platform>> = {
  win32: 'win32',
  win64: 'win32',
  linux: 'linux',
  darwin: 'darwin',
}

/** Sections that only toolsets of one system have. */
const TELLING: Readonly<Record<string, Platform>> = {
  windowsFeatures: 'win32',
  visualStudio: 'win32',
  MsysPackages: 'win32',
  choco: 'win32',
  serviceFabric: 'win32',
  apt: 'linux',
  node_modules: 'linux',
  xcode: 'darwin',
}

/** Words in paths: `images/windows/toolsets/toolset-2025.json`. */
const IN_PATHS: readonly (readonly [RegExp, Platform])[] = [
  [/(^|[^a-z])win(dows|\d)?/i, 'win32'],
  [/ubuntu|linux/i, 'linux'],
  [/mac-?os|darwin/i, 'darwin'],
]

/** What a toolset is for: by its own words first, then by its sections, by its path, by what the caller knows. */
export function imageOf(root: Located, file: string, hint: ToolsetHint): ToolsetImage | undefined {
  const tools = root.get('toolcache')
  const rows = tools?.isList ? tools.list() : []
  const named = (key: string) =>
    rows.map((row) => row.get(key)?.value).find((value) => typeof value === 'string')
  const platform =
    own(SPELLED, named('platform') ?? '') ??
    Object.entries(TELLING).find(([key]) => root.get(key) !== undefined)?.[1] ??
    IN_PATHS.find(([pattern]) => pattern.test(file))?.[1] ??
    hint.platform
  if (platform === undefined) return undefined
  const release = platform === 'linux' ? (named('platform_version') ?? releaseIn(file)) : undefined
  const platformVersion = release ?? hint.platformVersion
  return {
    platform,
    arch: machineOf(rows) ?? hint.archs?.[platform] ?? 'x64',
    ...(platform === 'linux' && platformVersion !== undefined && { platformVersion }),
  }
}

const MACHINES: Readonly<Record<string, ToolsetImage['arch']>> = {
  x64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
}

/** By the archs of its tools; programs for x86 say nothing, and on macOS one toolset is for both machines. */
function machineOf(tools: readonly Located[]): ToolsetImage['arch'] | undefined {
  const archs = tools.flatMap((tool) => {
    const arch = tool.get('arch')?.value
    return (typeof arch === 'string' && MACHINES[arch]) || []
  })
  return archs.includes('x64') ? 'x64' : archs[0]
}

/** `toolset-2404.json` is of Ubuntu 24.04. */
export function releaseIn(file: string): string | undefined {
  const [, year, month] = /(\d\d)\.?(04|10)(?=[^/\\]*$)/.exec(file) ?? []
  return year && month ? `${year}.${month}` : undefined
}

/** A platform as a toolset spells it, as resolvers know it; undefined for none of them. */
export function resolverPlatform(spelled: string): Platform | undefined {
  return own(SPELLED, spelled)
}
