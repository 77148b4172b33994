import type { Documents } from '../documents.ts'
import { member, openIndex, refuse, version } from './reading.ts'
import type { Resolver, ToolDownload, ToolQuery } from './resolver.ts'
import { fits } from './spec.ts'

const DIST = 'https://nodejs.org/dist'

/** A file as it ends, with what the index calls it. */
interface Kind {
  readonly name: string
  readonly suffix: string
}

const UNIX: Readonly<Record<string, Kind>> = {
  'linux-x64': { name: 'linux-x64', suffix: 'linux-x64.tar.gz' },
  'linux-arm64': { name: 'linux-arm64', suffix: 'linux-arm64.tar.gz' },
  'linux-x86': { name: 'linux-x86', suffix: 'linux-x86.tar.gz' },
  'darwin-x64': { name: 'osx-x64-tar', suffix: 'darwin-x64.tar.gz' },
  'darwin-arm64': { name: 'osx-arm64-tar', suffix: 'darwin-arm64.tar.gz' },
}

const INSTALLERS: Readonly<Record<string, Kind>> = {
  ...UNIX,
  'win32-x64': { name: 'win-x64-msi', suffix: 'x64.msi' },
  'win32-x86': { name: 'win-x86-msi', suffix: 'x86.msi' },
  'win32-arm64': { name: 'win-arm64-msi', suffix: 'arm64.msi' },
}

const ARCHIVES: Readonly<Record<string, Kind>> = {
  ...UNIX,
  'win32-x64': { name: 'win-x64-zip', suffix: 'win-x64.zip' },
  'win32-x86': { name: 'win-x86-zip', suffix: 'win-x86.zip' },
  'win32-arm64': { name: 'win-arm64-zip', suffix: 'win-arm64.zip' },
}

/** Node.js from nodejs.org: the MSI for Windows, as the images install their default Node; else the `.tar.gz`. */
export const nodejs: Resolver = from('nodejs', INSTALLERS)

/** Node.js from nodejs.org as an archive: `.zip` for Windows, else `.tar.gz`. */
export const nodejsArchive: Resolver = from('nodejs-archive', ARCHIVES)

function from(name: string, kinds: Readonly<Record<string, Kind>>): Resolver {
  return {
    name,
    async resolve(query, documents): Promise<readonly ToolDownload[]> {
      const kind = kinds[`${query.platform}-${query.arch}`]
      if (kind === undefined) return []
      const exact = exactVersion(query)
      if (exact !== undefined) return [{ version: exact, url: urlOf(exact, kind), evidence: 'template' }]
      const found = await newest(query, kind, documents)
      return found === undefined ? [] : [{ version: found, url: urlOf(found, kind), evidence: 'index' }]
    },
  }
}

/** The index is not asked for what has only one name. */
function exactVersion({ version: wanted, spec }: ToolQuery): string | undefined {
  return /^v?(\d+\.\d+\.\d+)$/.exec(wanted ?? spec)?.[1]
}

async function newest(query: ToolQuery, kind: Kind, documents: Documents): Promise<string | undefined> {
  if (query.version !== undefined) return undefined
  const releases = await documents.index(query.index ?? `${DIST}/index.json`, readReleases)
  const spec = query.spec.replace(/^v/, '')
  return releases.find((release) => fits(spec, release.version) && release.files.has(kind.name))?.version
}

function urlOf(found: string, { suffix }: Kind): string {
  return `${DIST}/v${found}/node-v${found}-${suffix}`
}

interface Release {
  readonly version: string
  readonly files: ReadonlySet<unknown>
}

/** Newest first, as nodejs.org has it. */
function readReleases(value: unknown, place: string): readonly Release[] {
  return openIndex(value, place)
    .list()
    .map((entry) => {
      const tag = version(entry, 'version')
      if (!/^v\d/.test(tag)) return refuse(member(entry, 'version'), 'does not begin with "v"')
      const files = member(entry, 'files').list()
      return { version: tag.slice(1), files: new Set(files.map((file) => file.value)) }
    })
}
