import type { Documents } from '../documents.ts'
import type { Located } from '../located.ts'
import { own } from '../own.ts'
import { flag, hex, member, openIndex, optionalText, size, text, url, version } from './reading.ts'
import type { Resolver, ResolverOptions, ToolDownload, ToolQuery } from './resolver.ts'
import { fits } from './spec.ts'

const actions = (repository: string) =>
  `https://raw.githubusercontent.com/actions/${repository}/main/versions-manifest.json`

/** Where the manifests are, by the tool's name in lower case. */
const MANIFESTS: Readonly<Record<string, string>> = {
  python: actions('python-versions'),
  node: actions('node-versions'),
  'node.js': actions('node-versions'),
  go: actions('go-versions'),
}

interface Release {
  readonly version: string
  readonly stable: boolean
  readonly files: readonly File[]
}

interface File {
  readonly platform: string
  readonly arch: string
  readonly platformVersion: string | undefined
  readonly download: ToolDownload
}

/**
 * Manifests of actions/python-versions, node-versions, go-versions, and of whoever builds tools in that manner: in the
 * order of the file, the first file for the machine among the versions that fit, as the images' Install-Toolset script
 * takes it. A version without a file for the machine is passed over, so `3.9.*` is 3.9.13 on Windows.
 */
export const versionsManifest: Resolver = {
  name: 'versions-manifest',
  async resolve(query, documents, options = {}): Promise<readonly ToolDownload[]> {
    for (const release of await releasesFor(query, documents)) {
      if (!isWanted(release, query, options)) continue
      const file = release.files.find((candidate) => isFor(candidate, query))
      if (file !== undefined) return [file.download]
    }
    return []
  },
}

async function releasesFor(query: ToolQuery, documents: Documents): Promise<readonly Release[]> {
  const tool = query.tool.toLowerCase()
  const index = query.index ?? own(MANIFESTS, tool)
  return index === undefined ? [] : await documents.index(index, readManifest)
}

function isWanted(release: Release, query: ToolQuery, options: ResolverOptions): boolean {
  if (query.version !== undefined) return release.version === query.version
  if (!fits(query.spec, release.version)) return false
  return release.stable || options.prereleases === true || release.version === query.spec
}

function isFor(file: File, { platform, arch, platformVersion }: ToolQuery): boolean {
  if (file.platform !== platform || file.arch !== arch) return false
  return file.platformVersion === undefined || file.platformVersion === platformVersion
}

function readManifest(value: unknown, place: string): readonly Release[] {
  return openIndex(value, place)
    .list()
    .map((entry) => {
      const number = version(entry, 'version')
      const files = member(entry, 'files').list()
      return {
        version: number,
        stable: flag(entry, 'stable'),
        // what is built with one toolset is for those who ask for that toolset; queries name none
        files: files
          .filter((file) => file.get('toolset') === undefined)
          .map((file) => readFile(file, number)),
      }
    })
}

function readFile(file: Located, number: string): File {
  const [sha256, bytes] = [hex(file, ['sha256', 'hash'], 64), size(file, 'size')]
  return {
    platform: text(file, 'platform'),
    arch: text(file, 'arch'),
    platformVersion: optionalText(file, 'platform_version'),
    download: {
      version: number,
      url: url(file, 'download_url'),
      evidence: 'manifest',
      ...(sha256 !== undefined && { sha256, from: file.place.file }),
      ...(bytes !== undefined && { size: bytes }),
    },
  }
}
