import { PkgcacheError } from '../src/errors/error.ts'
import type { PackageKey } from '../src/model/names.ts'
import type { Requirement } from '../src/model/requirement.ts'
import type { ItemResult } from '../src/model/run.ts'
import type { ReportRequest } from '../src/plugins/types.ts'
import { sampleRecord, sampleResult } from './samples.ts'

const FROM = '/images/toolset-2025.json'

/** Section, tool, what is asked for, the exact version, and bytes of the file. */
type Tool = readonly [section: string, tool: string, requested: string, version: string, size: number]

const TOOLS: readonly Tool[] = [
  ['toolcache', 'Python', '3.9.*', '3.9.13', 27_900_000],
  ['toolcache', 'Python', '3.12.*', '3.12.10', 26_500_000],
  ['toolcache', 'Python', '3.13.*', '3.13.5', 28_100_000],
  ['toolcache', 'node', '20.*', '20.19.4', 33_800_000],
  ['toolcache', 'node', '22.*', '22.17.1', 34_300_000],
  ['toolcache', 'go', '1.24.*', '1.24.5', 82_400_000],
  ['java', 'Temurin', '17', '17.0.15+6', 196_000_000],
  ['java', 'Temurin', '21', '21.0.7+6', 211_000_000],
  ['node', 'node', '22.*', '22.17.1', 34_300_000],
]

const COMPONENTS = 228

function keyOf(tool: string, version: string): PackageKey {
  return { name: tool, version, platform: 'win32', arch: 'x64' }
}

function wanted([section, tool, requested, version]: Tool): Requirement {
  return {
    ...{ from: FROM, section, tool, requested, platform: 'win32', arch: 'x64', status: 'matched' },
    ...{ inReport: true, reportName: tool === 'node' ? 'Node.js' : tool, version },
    evidence: section === 'java' ? 'index' : 'manifest',
    url: `https://dl.example/${tool}/${version}/${tool}-${version}-win32-x64.zip`,
    ...{ downloadable: true, key: keyOf(tool, version) },
  }
}

const BARE = { from: FROM, platform: 'win32', arch: 'x64', inReport: true, status: 'matched' } as const

/** Rows without a package: an index that is down, a version that nobody has, and what only installers bring. */
const OTHERS: readonly Requirement[] = [
  ...['8.0', '9.0'].map((requested): Requirement => {
    const reason = 'https://builds.example/releases-index.json: 503 Service Unavailable'
    return { ...BARE, section: 'dotnet', tool: '.NET SDK', requested, downloadable: true, reason }
  }),
  {
    ...{ ...BARE, section: 'mysql', tool: 'MySQL', requested: '5.6', downloadable: true },
    ...{ inReport: false, status: 'not-in-report', reason: 'the report holds no MySQL 5.6' },
  },
  ...Array.from({ length: COMPONENTS }, (_, index): Requirement => {
    const tool = `Microsoft.VisualStudio.Component.${index + 1}`
    const reason = 'the Visual Studio installer alone brings it'
    const row = { ...BARE, section: 'visualStudio', tool, requested: '', evidence: 'floating', reason }
    return { ...row, platform: '', arch: '', status: 'not-downloadable', downloadable: false }
  }),
  ...['7zip.install', 'aria2', 'cmake.install'].map((tool): Requirement => {
    const reason = 'a package of Chocolatey'
    const row = { ...BARE, section: 'choco', tool, requested: 'latest', evidence: 'package-manager', reason }
    return { ...row, platform: '', arch: '', status: 'not-downloadable', downloadable: false }
  }),
]

function itemsOf(tools: readonly Tool[], lost: readonly string[]): ItemResult[] {
  const keys = new Map(
    tools.map(([section, tool, , version, size]) => [`${tool} ${version}`, { section, tool, version, size }]),
  )
  // a package that two sections ask for is one item, of the one that asked last
  return [...keys].map(([id, { section, tool, version, size }]): ItemResult => {
    const key = keyOf(tool, version)
    const file = `win32/x64/${tool}/${version}/${tool}-${version}-win32-x64.zip`
    if (lost.includes(id)) {
      const message = `https://dl.example/${tool}/${version}: 404 Not Found`
      const hint = 'check the version; upstream lists its releases'
      const place = { stage: 'fetch', plugin: 'fetch-http' }
      return {
        key,
        section,
        state: 'failed',
        error: new PkgcacheError('E_NOT_FOUND', message, { hint, ...place }),
      }
    }
    const sizes = { size, source_size: size, unpacked_size: size }
    const shape = { file, ...sizes, type: 'kept', format: 'zip', source: 'source-runner-images' } as const
    const record = sampleRecord({ ...key, ...shape, trust: tool === 'Temurin' ? 'checksum-file' : 'tofu' })
    return { key, section, state: 'published', record, fetchedBytes: size }
  })
}

/**
 * A run for the toolset of an image: nine rows with eight packages of which one is not to be had, three rows that no
 * package was found for, and 231 of which there is nothing to download.
 */
export function toolsetRun(): ReportRequest {
  const items = itemsOf(TOOLS, ['Python 3.13.5'])
  const records = items.flatMap((item) => (item.state === 'failed' ? [] : [item.record]))
  const requirements = [...TOOLS.map(wanted), ...OTHERS]
  return { result: sampleResult({ items, requirements, exitCode: 1 }), records }
}

/** The run of the week before: another version of go, no Temurin 21, every package there, no row for MySQL. */
export function toolsetRunBefore(): ReportRequest {
  const others = TOOLS.filter(([, tool, requested]) => tool !== 'go' && requested !== '21')
  const tools: readonly Tool[] = [...others, ['toolcache', 'go', '1.24.*', '1.24.4', 82_300_000]]
  const items = itemsOf(tools, [])
  const records = items.flatMap((item) => (item.state === 'failed' ? [] : [item.record]))
  const requirements = [...tools.map(wanted), ...OTHERS.filter(({ section }) => section !== 'mysql')]
  const times = { startedAt: '2025-11-14T22:30:00.000Z', finishedAt: '2025-11-14T22:30:42.500Z' }
  return { result: sampleResult({ items, requirements, ...times }), records }
}
