import type { Located } from '../../located.ts'
import { own } from '../../own.ts'
import { BUILDX, COMPOSE } from '../../resolvers/templates/image-tools.ts'
import type { Section, ToolsetImage, Wanted } from '../section.ts'
import {
  asTool,
  members,
  placed,
  type Told,
  texts,
  told,
  toldAt,
  type VersionRow,
  versionRow,
} from './rows.ts'
import { apt, packageManager, type SupplyOf, vendor } from './supplies.ts'

/** A part of Docker, by its name in toolsets. */
interface Part {
  /** In reports; absent: they never list it. */
  readonly names?: readonly string[]
  /** Name of the package, where the part's own says too little. */
  readonly name?: string
  readonly supply: SupplyOf
}

const COMPONENTS: Readonly<Record<string, Part>> = {
  docker: { names: ['Docker'], supply: vendor('Docker') },
  compose: {
    name: 'docker-compose',
    names: ['Docker Compose v2', 'Docker Compose'],
    supply: vendor(COMPOSE),
  },
  buildx: { name: 'docker-buildx', names: ['Docker-Buildx'], supply: vendor(BUILDX) },
  'docker-ce': { names: ['Docker Server', 'Docker-Moby Server'], supply: apt },
  'docker-ce-cli': { names: ['Docker Client', 'Docker-Moby Client'], supply: apt },
  'containerd.io': { supply: apt },
}

/** `docker`: components (Windows: an object; Ubuntu: apt packages), plugins, and images that are pulled beforehand. */
export const docker: Section = {
  key: 'docker',
  rows: (value, image) =>
    members(value, {
      images: (images) => imageRows(images, image),
      components: (components) =>
        components.isList ? packageRows(components, image) : objectRows(components, image),
      plugins: (plugins) => pluginRows(plugins, image),
    }),
}

function* objectRows(components: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const [tool, at] of components.entries()) {
    const version = toldAt(at)
    if (version) yield* partRow('docker.components', tool, version, image)
  }
}

function* packageRows(components: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const component of components.list()) {
    const tool = told(component, 'package')
    const version = told(component, 'version')
    if (tool && version) yield* partRow('docker.components', tool.text, version, image)
  }
}

const ASSET_ARCHES: Readonly<Record<string, ToolsetImage['arch']>> = {
  amd64: 'x64',
  x86_64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
}

/** `asset` is how the file's name ends: it tells the arch. */
function* pluginRows(plugins: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const plugin of plugins.list()) {
    const tool = told(plugin, 'plugin')
    const version = told(plugin, 'version')
    const arch = archOf(plugin.get('asset')) ?? image.arch
    if (tool && version) yield* partRow('docker.plugins', tool.text, version, { ...image, arch })
  }
}

function archOf(asset: Located | undefined): ToolsetImage['arch'] | undefined {
  const ending = /-([a-z0-9_]+)(?:\.exe)?$/.exec(asset?.text() ?? '')?.[1] ?? ''
  return own(ASSET_ARCHES, ending) ?? asset?.fault('ends in no arch that is known')
}

function* partRow(section: string, tool: string, version: Told, image: ToolsetImage): Iterable<Wanted> {
  const part = own(COMPONENTS, tool)
  if (part === undefined) version.at.fault(`is a version of ${JSON.stringify(tool)}, which is not known`)
  const names = part ? part.names : [tool]
  const row: VersionRow = {
    section,
    tool,
    listing: names && asTool(names),
    supply: part?.supply ?? unknown(tool),
  }
  yield versionRow(part?.name === undefined ? row : { ...row, name: part.name }, version, image)
}

function unknown(tool: string): SupplyOf {
  return () => ({ kind: 'unknown', reason: `nobody here knows where ${tool} is to be had` })
}

const registry = packageManager('a container registry')

/** By repository and tag; Docker takes `latest` where there is no tag. A registry's port has a colon as well. */
function* imageRows(images: Located, image: ToolsetImage): Iterable<Wanted> {
  for (const { at, text } of texts(images)) {
    const [, repository = text, tag = 'latest'] = /^(.*):([^:/]+)$/.exec(text) ?? []
    yield {
      ...placed('docker.images', at, image),
      tool: text,
      requested: tag,
      listing: { classes: ['docker-image'], names: [repository], rule: 'exact', spec: tag },
      supply: registry(text, image),
    }
  }
}
