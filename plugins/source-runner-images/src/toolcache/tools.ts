import { join } from 'node:path'
import {
  formatKey,
  keyId,
  PkgcacheError,
  type Requirement,
  type RunResult,
  type StoreRecord,
} from '@pkgcache/core'
import { layoutOf, type ToolId, type ToolLayout } from './layouts.ts'
import type { ToolFolder } from './place.ts'

const SECTION = 'toolcache'
/** Semantic Versioning 2.0.0, section 2, 9 and 10. */
const SEMVER = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/
const FOLDER_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/

/** A cached package, and where it belongs. */
export interface CachedTool {
  readonly id: ToolId
  readonly layout: ToolLayout
  readonly record: StoreRecord
  /** Absolute path of the tool cache it belongs into. */
  readonly dir: string
  readonly folder: ToolFolder
}

/** What can be written into tool caches, and what cannot. */
export interface CachedTools {
  readonly tools: readonly CachedTool[]
  readonly errors: readonly PkgcacheError[]
}

/**
 * The cached packages of section `toolcache`, each once. One that could not be had has had its failure told.
 * @param dir absolute path of the tool cache; `{platform}` in it stands for `linux`, `win32` or `darwin`
 */
export function cachedTools({ requirements, items }: RunResult, dir: string): CachedTools {
  const records = new Map(
    items.flatMap((item) => (item.state === 'failed' ? [] : [[keyId(item.key), item.record]])),
  )
  const tools = new Map<string, CachedTool>()
  const errors: PkgcacheError[] = []
  for (const requirement of requirements) {
    const record = requirement.section === SECTION && requirement.key && records.get(keyId(requirement.key))
    if (!record) continue
    try {
      const tool = cachedTool(requirement, record, dir)
      // folders that differ in case only are one folder on Windows and macOS
      const place = tool.folder.toLowerCase()
      const taken = tools.get(place)
      if (taken === undefined) tools.set(place, tool)
      else if (taken.record.source_sha256 !== record.source_sha256) throw collision(tool, taken)
    } catch (error) {
      if (!(error instanceof PkgcacheError)) throw error
      errors.push(error.at({ item: formatKey(record) }))
    }
  }
  return { tools: [...tools.values()], errors }
}

function cachedTool(requirement: Requirement, record: StoreRecord, dir: string): CachedTool {
  const { tool, arch } = requirement
  const platform = platformOf(requirement.platform)
  const version = record.version.trim().replace(/^[v=]+/, '')
  const layout = layoutOf(tool)
  if (!SEMVER.test(version)) {
    throw new PkgcacheError(
      'E_TOOL_CACHE',
      `${tool} ${version} is no semantic version, and would never be found`,
      {
        hint: 'the setup actions look for versions such as 1.2.3',
      },
    )
  }
  for (const name of [layout.folder, arch]) {
    if (FOLDER_NAME.test(name)) continue
    const shown = JSON.stringify(name)
    throw new PkgcacheError('E_TOOL_CACHE', `${shown} cannot be the name of a folder in a tool cache`, {
      hint: 'names of tools and archs are letters, digits and ._+-',
    })
  }
  const root = dir.replaceAll('{platform}', platform)
  const folder = join(root, layout.folder, version.replace(/\+.*$/, ''), arch)
  return { id: { tool, version, platform, arch }, layout, record, dir: root, folder }
}

/** Toolsets of Windows say `win64` for PyPy. */
function platformOf(platform: string): ToolId['platform'] {
  if (platform.startsWith('win')) return 'win32'
  return platform === 'darwin' ? 'darwin' : 'linux'
}

function collision({ id, folder }: CachedTool, taken: CachedTool): PkgcacheError {
  const what = `${id.tool} ${id.version} ${id.arch} for ${id.platform}`
  const other = taken.id.platform === id.platform ? 'another build' : `that for ${taken.id.platform}`
  return new PkgcacheError('E_TOOL_CACHE', `${what} belongs where ${other} is written: ${folder}`, {
    hint: "a tool cache is for one platform: write `toolCache: './toolcache/{platform}'`",
  })
}
