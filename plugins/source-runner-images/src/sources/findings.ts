import { plainName } from '../match/names.ts'
import { urlFault } from '../match/url.ts'
import { own } from '../own.ts'
import type { SoftwareReport } from '../report/types.ts'
import { fits } from '../resolvers/spec.ts'
import { resolverPlatform } from '../toolset/image.ts'
import { PROJECTS, projectOf } from './projects.ts'
import type { ListEntry } from './read.ts'
import type { SourceRow } from './types.ts'
import { urlWords } from './url-words.ts'

/** What can be said of an entry; those of `notes` do not make it wrong. */
export const FINDINGS = {
  wrong: [
    'url-is-pattern',
    'placeholder-url',
    'no-such-url',
    'url-without-version',
    'other-platform',
    'other-arch',
    'installer',
    'other-url',
    'version-is-pattern',
    'other-version',
    'no-such-version',
    'tied-to-other-version',
    'not-in-report',
    'part-of-name',
    'other-digest',
  ],
  notes: ['copy', 'sha256-unknown', 'size-unknown'],
} as const

export type FindingCode = (typeof FINDINGS)['wrong'][number] | (typeof FINDINGS)['notes'][number]

/** One thing that is said of an entry. */
export interface Finding {
  readonly code: FindingCode
  /** One sentence. */
  readonly message: string
}

/** An entry, and what it is held against. */
export interface Subject {
  readonly entry: ListEntry
  /** What it should be, as far as that is known. */
  readonly expected: SourceRow | undefined
  readonly report: SoftwareReport | undefined
  /** What says that there is no such version. */
  readonly missing: string | undefined
}

/** @returns a sentence, where there is something to say */
type Check = (subject: Subject, row: SourceRow) => string | undefined

/** Every check, in the order in which findings are told. */
const CHECKS: Readonly<Record<FindingCode, Check>> = {
  'url-is-pattern': (_, { downloadUrl: url = '' }) =>
    isPattern(url)
      ? `its URL holds ${/[*{]/.exec(url)?.[0] ?? 'a pattern'}: no file has such a name`
      : undefined,
  'placeholder-url': (_, { downloadUrl: url = '' }) => {
    const fault = url === '' || isPattern(url) ? undefined : urlFault(url)
    return fault && `its URL ${fault}`
  },
  'no-such-url': (_, { downloadUrl: url = '' }) => {
    const project = projectOf(url)
    if (project === undefined || project.shape.test(url.slice(project.at.length))) return undefined
    return `no file of ${project.name} has such a name; one of its own: ${project.at}${project.example}`
  },
  'url-without-version': ({ expected }, { downloadUrl: url = '' }) =>
    !isPattern(url) && !WHOLE.test(url) && WHOLE.test(expected?.downloadUrl ?? '')
      ? 'its URL names no whole version'
      : undefined,
  'version-is-pattern': ({ expected }, row) =>
    isWhole(row, expected) ? undefined : `${row.version} is what is asked for, no version`,
  'other-version': ({ expected, missing }, row) =>
    missing === undefined &&
    expected?.downloadUrl !== undefined &&
    isWhole(row, expected) &&
    row.version !== expected.version
      ? `${row.requested ?? row.version} is ${expected.version}, not ${row.version}`
      : undefined,
  'no-such-version': ({ missing }) => missing,
  'tied-to-other-version': (_, row) => {
    const tied = tiedTo(row)
    const asked = row.requested ?? row.version
    return tied === undefined || fits(asked, tied)
      ? undefined
      : `it is tied to ${tied}, which is not ${asked}`
  },
  'not-in-report': ({ expected, report }, row) =>
    report && row.matchedFrom.upstream && expected?.matchedFrom.upstream === false
      ? `it says that the image has it, and the report of ${report.image.name} lists none that fits`
      : undefined,
  'part-of-name': partOfName,
  'other-platform': (_, row) => {
    const { platform } = urlWords(row.downloadUrl ?? '')
    const own = resolverPlatform(row.platform)
    return platform && own && platform !== own
      ? `its URL is of ${platform}, it is for ${row.platform}`
      : undefined
  },
  'other-arch': ({ expected }, row) => {
    const { arch } = urlWords(row.downloadUrl ?? '')
    // PyPy's x86 is a folder's name: what the index has there counts
    const meant = urlWords(expected?.downloadUrl ?? '').arch ?? own(ARCHES, row.arch.toLowerCase())
    return arch && meant && arch !== meant ? `its URL is of ${arch}, it is for ${row.arch}` : undefined
  },
  installer: (_, { section = 'toolcache', downloadUrl: url = '' }) =>
    section === 'toolcache' && /\.(exe|msi|pkg|dmg)$/i.test(url)
      ? 'its URL is that of an installer; the tool cache is filled from an archive'
      : undefined,
  'other-url': (subject, row) =>
    isOtherUrl(subject, row) && !isCopy(subject, row)
      ? `its URL is not the one that the ${subject.expected?.urlEvidence} has`
      : undefined,
  'other-digest': ({ expected }, { sha256, sha512, size }) => {
    const differs = (a: unknown, b: unknown) => a !== undefined && b !== undefined && a !== b
    if (differs(sha256, expected?.sha256)) return `its SHA-256 is not ${expected?.sha256}`
    if (differs(sha512, expected?.sha512)) return `its SHA-512 is not ${expected?.sha512}`
    return differs(size, expected?.size) ? `its size is not ${expected?.size} bytes` : undefined
  },
  copy: (subject, row) =>
    isOtherUrl(subject, row) && isCopy(subject, row) ? 'its URL leads to a copy at another place' : undefined,
  'sha256-unknown': ({ entry, expected }, { sha256 }) =>
    sha256 === undefined && (entry.unknown.includes('sha256') || expected?.sha256 !== undefined)
      ? 'its SHA-256 is not known'
      : undefined,
  'size-unknown': ({ entry }) => (entry.unknown.includes('size') ? 'its size is not known' : undefined),
}

/** All that is to be said of an entry. */
export function findingsOf(subject: Subject): Finding[] {
  return Object.entries(CHECKS).flatMap(([code, check]) => {
    const message = check(subject, subject.entry.row)
    return message === undefined ? [] : [{ code: code as FindingCode, message }]
  })
}

const WHOLE = /\d+\.\d+\.\d+/
const ARCHES: Readonly<Record<string, string>> = { x64: 'x64', amd64: 'x64', x86: 'x86', arm64: 'arm64' }

function isPattern(url: string): boolean {
  return /[*{}]/.test(url)
}

/** False for `3.9.*`, `latest`, and for `3.1` where 3.1.7 is meant. */
function isWhole({ version }: SourceRow, expected: SourceRow | undefined): boolean {
  if (isSpec(version)) return false
  const { version: meant = version } = expected ?? {}
  return meant === version || !/^\d+(\.\d+)?$/.test(version) || !fits(version, meant)
}

/** True for what stands for several versions by its spelling. */
export function isSpec(version: string): boolean {
  return /[*^~<>|\s]|^(latest|unknown|)$|(^|\.)x$/i.test(version)
}

/** Version of the report's entry that an older row was tied to: `3.9.19` of `3.9.19 [PyPy 7.3.16]`. */
function tiedTo({ matchedFrom: { upstreamVersion } }: SourceRow): string | undefined {
  return upstreamVersion?.trim().split(/\s/)[0] || undefined
}

/** A row that was tied to something whose name has the tool's name in it, or whose URL is of such a project. */
function partOfName({ report }: Subject, row: SourceRow): string | undefined {
  const tool = plainName(row.tool ?? row.name)
  const project = projectOf(row.downloadUrl ?? '')
  // rows of sections have the names of package managers: `7zip.install`
  const guessed = row.section === undefined
  if (
    guessed &&
    project &&
    !project.tools.includes(tool) &&
    project.tools.some((name) => tool.includes(name))
  )
    return `its URL is of ${project.name}, which is only part of its name`
  const { upstreamVersion } = row.matchedFrom
  const tied = report?.entries.filter(({ raw }) => raw === upstreamVersion) ?? []
  const names = tied.map(({ name }) => plainName(name))
  if (names.length === 0 || names.some((name) => name === tool || sameProject(name, tool))) return undefined
  const part = tied.find((_, index) => isPart(names[index] ?? '', tool))
  return part && `it is tied to ${part.name}, which is another tool: its name is only part of the other`
}

function isPart(a: string, b: string): boolean {
  return a !== '' && b !== '' && (a.includes(b) || b.includes(a))
}

function sameProject(a: string, b: string): boolean {
  return PROJECTS.some(({ tools }) => tools.includes(a) && tools.includes(b))
}

function isOtherUrl({ expected }: Subject, row: SourceRow): boolean {
  const { downloadUrl: url } = row
  const meant = expected?.downloadUrl
  if (url === undefined || meant === undefined || isPattern(url)) return false
  return row.version === expected?.version && decoded(url) !== decoded(meant)
}

function isCopy({ expected }: Subject, { downloadUrl = '' }: SourceRow): boolean {
  const name = (url: string) => decoded(url).split('/').at(-1)
  return projectOf(downloadUrl) === undefined && name(downloadUrl) === name(expected?.downloadUrl ?? '')
}

/** Adoptium writes `%2B` for `+`: what both stand for counts. */
function decoded(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}
