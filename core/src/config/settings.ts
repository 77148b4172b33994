import { homedir } from 'node:os'
import { join } from 'node:path'
import { PkgcacheError } from '../errors/error.ts'
import type { NodeSpec } from '../model/node.ts'
import type { PackageRequest } from '../model/request.ts'
import type { TrustLevel } from '../model/trust.ts'
import type { MirrorRules } from '../net/mirrors.ts'
import { type ArchiveLimits, DEFAULT_LIMITS } from '../normalise/policy.ts'
import { PluginHost } from '../plugins/host.ts'
import type { Plugin } from '../plugins/types.ts'
import type { Schemas } from '../schemas.ts'
import { STAGES } from '../stages.ts'
import { extentFault } from './extent.ts'
import { expand, nodeFaults, toNode } from './nodes.ts'
import { explainFaults } from './schema-faults.ts'
import type { Config, DistributeConfig, LimitsConfig, PackageConfig } from './types.ts'

/** A config with everything filled in: what the run works from. */
export interface Settings {
  /** Absolute path: base of the config's relative paths. */
  readonly dir: string
  /** Absolute path. */
  readonly store: string
  readonly platform: string
  readonly arches: readonly string[]
  readonly requests: readonly PackageRequest[]
  readonly mirrors: MirrorRules
  /** Those of the config; inventories add theirs when a run begins. */
  readonly nodes: readonly NodeSpec[]
  readonly distribute: Required<Pick<DistributeConfig, 'via' | 'fanout'>> &
    Pick<DistributeConfig, 'identityFile'>
  readonly limits: {
    readonly resolve: number
    readonly fetch: number
    readonly normalise: number
    readonly nodes: number
    readonly perHost: number
  }
  /** Against what upstream sends. */
  readonly caps: ArchiveLimits & { readonly downloadBytes: number }
  readonly minimumTrust: TrustLevel
  readonly plugins: readonly Plugin[]
}

const PER_HOST = 4
const DOWNLOAD_BYTES = 16 * 2 ** 30
const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }
const KNOWN_FIELDS = new Set([
  'name',
  'version',
  'platform',
  'arch',
  'url',
  'sha256',
  'checksumUrl',
  'signatureUrl',
  'signatureOver',
  'format',
  'normalise',
  'trust',
  'to',
  'onNode',
  'fallback',
  'section',
])

export interface SettingsContext {
  /** Base of relative paths. */
  readonly dir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly defaultPlugins: readonly Plugin[]
  readonly schemas: Schemas
}

/** @throws E_CONFIG with every fault of the config and of the plugins' options at once */
export function toSettings(config: Config, context: SettingsContext): Settings {
  const extent = extentFault(config)
  if (extent !== undefined) {
    throw new PkgcacheError('E_CONFIG', `the configuration ${extent}`, {
      hint: 'make packages by a function in a config in TypeScript, or split the config',
    })
  }
  const schemaFaults = configFaults(config, context.schemas)
  const isSound = (key: string) => !schemaFaults.some((fault) => fault.startsWith(key))
  const own = isSound('plugins') ? (config?.plugins ?? []) : []
  const faults = [
    ...schemaFaults,
    ...PluginHost.optionFaults(own),
    ...(isSound('nodes') ? nodeFaults(config?.nodes ?? []) : []),
  ]
  if (faults.length > 0) {
    throw new PkgcacheError(
      'E_CONFIG',
      `the configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}`,
      { faults },
    )
  }
  const arches = [config.arch ?? GO_ARCH[process.arch] ?? process.arch].flat()
  const platform = config.platform ?? 'linux'
  return {
    dir: context.dir,
    store: storeRoot(config, context),
    platform,
    arches,
    requests: (config.packages ?? []).flatMap((entry) => toRequests(entry, platform, arches)),
    mirrors: { mirrors: config.mirrors ?? {}, mirrorsOnly: config.mirrorsOnly ?? false },
    nodes: (config.nodes ?? []).map((node) => toNode(node, context.dir)),
    distribute: { via: 'direct', fanout: 2, ...config.distribute },
    limits: { ...stageLimits(config), perHost: config.concurrency?.perHost ?? PER_HOST },
    caps: caps(config.limits ?? {}),
    minimumTrust: config.trust?.minimum ?? 'unverified',
    plugins: withDefaults(own, context.defaultPlugins),
  }
}

function configFaults(config: unknown, schemas: Schemas): string[] {
  const validate = schemas.validator('config')
  return validate(config) ? [] : explainFaults(validate.errors ?? [], 'key')
}

function stageLimits(config: Config): Omit<Settings['limits'], 'perHost'> {
  const entries = STAGES.flatMap(({ concurrency: { key, limit } }) =>
    key ? [[key, config.concurrency?.[key] ?? limit]] : [],
  )
  return Object.fromEntries(entries) as Omit<Settings['limits'], 'perHost'>
}

function caps({ downloadBytes, entries, unpackedBytes, ratio }: LimitsConfig): Settings['caps'] {
  return {
    ...DEFAULT_LIMITS,
    downloadBytes: downloadBytes ?? DOWNLOAD_BYTES,
    ...(entries !== undefined && { entries }),
    ...(unpackedBytes !== undefined && { totalBytes: unpackedBytes }),
    ...(ratio !== undefined && { ratio }),
  }
}

/** The defaults, those replaced for which the config brings its own; then what it adds. */
function withDefaults(own: readonly Plugin[], defaults: readonly Plugin[]): Plugin[] {
  const names = new Set(own.map((plugin) => plugin.name))
  return [...own, ...defaults.filter((plugin) => !names.has(plugin.name))]
}

function storeRoot(config: Config, { dir, env }: SettingsContext): string {
  if (config.store !== undefined) return expand(config.store, dir)
  const home = env.PKGCACHE_HOME || env.OMYKUBE_HOME || join(homedir(), '.pkgcache')
  return join(expand(home, dir), 'cache', 'packages')
}

/** `name@version` or an object, for each of its arches. */
export function toRequests(
  entry: string | PackageConfig,
  platform: string,
  arches: readonly string[],
): PackageRequest[] {
  const config = typeof entry === 'string' ? parseSpec(entry) : entry
  const extra = Object.fromEntries(Object.entries(config).filter(([field]) => !KNOWN_FIELDS.has(field)))
  const { name, version, url, sha256, checksumUrl, format, normalise, trust } = config
  const { signatureUrl, signatureOver, to, onNode, fallback, section } = config
  return [config.arch ?? arches].flat().map((arch) => ({
    name,
    version,
    platform: config.platform ?? platform,
    arch,
    ...(url !== undefined && { url }),
    ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
    ...(checksumUrl !== undefined && { checksumUrl }),
    ...(signatureUrl !== undefined && { signatureUrl }),
    ...(signatureOver !== undefined && { signatureOver }),
    ...(format !== undefined && { format }),
    ...(normalise !== undefined && { normalise }),
    ...(trust !== undefined && { minimumTrust: trust.minimum }),
    ...(to !== undefined && { to: [to].flat() }),
    ...(onNode !== undefined && { onNode }),
    ...(fallback !== undefined && { fallback }),
    ...(section !== undefined && { section }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }))
}

/** @throws E_USAGE */
export function parseSpec(spec: string): { name: string; version: string } & PackageConfig {
  const match = /^([^@\s]+)@([^@\s]+)$/.exec(spec)
  if (match?.[1] && match[2]) return { name: match[1], version: match[2] }
  throw new PkgcacheError('E_USAGE', `${JSON.stringify(spec)} is not of the form name@version`, {
    hint: 'for example containerd@2.1.0',
  })
}
