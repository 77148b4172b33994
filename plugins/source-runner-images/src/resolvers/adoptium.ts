import { PkgcacheError } from '@pkgcache/core'
import type { Documents } from '../documents.ts'
import type { Located } from '../located.ts'
import {
  isSameJava,
  type JavaVersion,
  nameInFile,
  readJavaVersion,
  releaseName,
  writeJavaVersion,
} from './java-version.ts'
import { hex, member, openIndex, size, text, url } from './reading.ts'
import type { Resolver, ToolDownload, ToolQuery } from './resolver.ts'

const API = 'https://api.adoptium.net/v3/assets'
const SYSTEMS = { win32: 'windows', linux: 'linux', darwin: 'mac' } as const
/** As the API and as file names have them. */
const ARCHS = { x64: ['x64', 'x64'], arm64: ['aarch64', 'aarch64'], x86: ['x32', 'x86-32'] } as const

interface Binary {
  /** `os arch`, as the API spells them. */
  readonly machine: string
  readonly java: JavaVersion
  readonly download: ToolDownload
}

/**
 * JDKs of Eclipse Temurin. Asked as the images ask (`/v3/assets/latest/<major>/hotspot`), then for the very version;
 * where the API cannot be had or does not know it, the URL is made by the rules of Adoptium's release names.
 * `query.version` may be what reports say: `21.0.7+6.0`, `8.0.452+9`, `25.0.0+36`.
 */
export const adoptium: Resolver = {
  name: 'adoptium',
  async resolve(query, documents): Promise<readonly ToolDownload[]> {
    const wanted = query.version ?? query.spec
    const java = readJavaVersion(wanted)
    if (java !== undefined) return [(await exactBinary(java, query, documents)) ?? byConvention(java, query)]
    const major = /^(\d+)(?:\.\*)?$/.exec(wanted)?.[1]
    if (major === undefined) return []
    const found = (await documents.index(latestOf(major), readLatest)).find(isFor(query))
    return found === undefined ? [] : [found.download]
  },
}

function latestOf(major: string | number): string {
  return `${API}/latest/${major}/hotspot`
}

/** The API's word on one build; undefined where it has none, or cannot be had. */
async function exactBinary(
  java: JavaVersion,
  query: ToolQuery,
  documents: Documents,
): Promise<ToolDownload | undefined> {
  const exact = `${API}/version/${encodeURIComponent(writeJavaVersion(java))}?${filters(query)}`
  const asked = [
    { place: latestOf(java.feature), read: readLatest },
    { place: exact, read: readReleases },
  ]
  for (const { place, read } of asked) {
    const binaries = await documents.index(place, read).catch(noneIfAway)
    const found = binaries.find((binary) => isFor(query)(binary) && isSameJava(binary.java, java))
    if (found !== undefined) return found.download
  }
  return undefined
}

/** An API that answers something else is told of; one that is away is not needed. */
function noneIfAway(error: unknown): readonly Binary[] {
  if (error instanceof PkgcacheError && error.code !== 'E_VERSION_INDEX' && error.code !== 'E_ABORTED')
    return []
  throw error
}

function filters({ platform, arch }: ToolQuery): string {
  const fixed = 'heap_size=normal&image_type=jdk&jvm_impl=hotspot&project=jdk&vendor=eclipse'
  return `architecture=${ARCHS[arch][0]}&os=${SYSTEMS[platform]}&${fixed}`
}

function isFor({ platform, arch }: ToolQuery): (binary: Binary) => boolean {
  const machine = `${SYSTEMS[platform]} ${ARCHS[arch][0]}`
  return (binary) => binary.machine === machine
}

/** github.com/adoptium/temurin<feature>-binaries: one repository for each feature release. */
function byConvention(java: JavaVersion, { platform, arch }: ToolQuery): ToolDownload {
  const { feature } = java
  const end = platform === 'win32' ? 'zip' : 'tar.gz'
  const machine = `${ARCHS[arch][1]}_${SYSTEMS[platform]}`
  const file = `OpenJDK${feature}U-jdk_${machine}_hotspot_${nameInFile(java)}.${end}`
  const tag = encodeURIComponent(releaseName(java))
  const releases = `https://github.com/adoptium/temurin${feature}-binaries/releases/download`
  return { version: writeJavaVersion(java), url: `${releases}/${tag}/${file}`, evidence: 'template' }
}

/** `/v3/assets/latest/…`: a list of binaries, each with its release. */
function readLatest(value: unknown, place: string): readonly Binary[] {
  return openIndex(value, place)
    .list()
    .flatMap((asset) => {
      const java = readRelease(asset)
      return java === undefined ? [] : readBinary(member(asset, 'binary'), java)
    })
}

/** `/v3/assets/version/…`: a list of releases, each with its binaries. */
function readReleases(value: unknown, place: string): readonly Binary[] {
  return openIndex(value, place)
    .list()
    .flatMap((release) => {
      const java = readRelease(release)
      if (java === undefined) return []
      return member(release, 'binaries')
        .list()
        .flatMap((binary) => readBinary(binary, java))
    })
}

/** @returns undefined for early builds, `jdk-26+10-ea-beta`: nobody asks for those. @throws E_VERSION_INDEX */
function readRelease(of: Located): JavaVersion | undefined {
  return readJavaVersion(text(of, 'release_name'))
}

/** JDKs only: JREs, sources, debug symbols are listed beside them. */
function readBinary(binary: Located, java: JavaVersion): readonly Binary[] {
  if (text(binary, 'image_type') !== 'jdk') return []
  const file = member(binary, 'package')
  const [sha256, bytes] = [hex(file, ['checksum'], 64), size(file, 'size')]
  const download: ToolDownload = {
    version: writeJavaVersion(java),
    url: url(file, 'link'),
    evidence: 'index',
    ...(sha256 !== undefined && { sha256, from: file.place.file }),
    ...(bytes !== undefined && { size: bytes }),
  }
  return [{ machine: `${text(binary, 'os')} ${text(binary, 'architecture')}`, java, download }]
}
