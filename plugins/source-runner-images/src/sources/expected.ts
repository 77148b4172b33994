import { PkgcacheError, toPkgcacheError } from '@pkgcache/core'
import type { Documents } from '../documents.ts'
import { matchRows, withoutRepeats } from '../match/rows.ts'
import type { SoftwareReport } from '../report/types.ts'
import type { ResolverOptions, ToolDownload } from '../resolvers/resolver.ts'
import { fits } from '../resolvers/spec.ts'
import { releaseIn } from '../toolset/image.ts'
import { readToolset, type Toolset } from '../toolset/read.ts'
import { isSpec } from './findings.ts'
import { pairRows } from './pair.ts'
import type { ListEntry } from './read.ts'
import type { SourceRow } from './types.ts'

/** What the entries of a list are held against. */
export interface Held extends ResolverOptions {
  readonly report?: SoftwareReport
  readonly toolsets: readonly Toolset[]
  readonly documents: Documents
}

/** What an entry should be, as far as it is known. */
export interface Expected {
  readonly row?: SourceRow
  /** Why there is no row, or none with a URL. */
  readonly reason?: string
  /** No index has the version that the entry has: what says so. */
  readonly missing?: string
}

/** What each entry should be; what could not be asked for it, each once. */
export async function expectedRows(entries: readonly ListEntry[], input: Held) {
  const asked = await matchRows(input)
  const wanted = asked.rows.filter(({ status }) => status !== 'report-only')
  const pairs = pairRows(
    entries.map(({ row }) => row),
    wanted,
  )
  const expected = new Map<ListEntry, Expected>()
  for (const entry of entries) {
    const known = ofToolset(entry.row, pairs.get(entry.row), input)
    if (known) expected.set(entry, known)
  }
  const own = await byThemselves(
    entries.filter((entry) => !expected.has(entry)),
    input,
  )
  const faults = [...asked.faults, ...own.faults.filter(({ code }) => code !== 'E_TOOLSET').map(atItsPlace)]
  return { expected: new Map([...expected, ...own.expected]), faults: withoutRepeats(faults) }
}

/** What a toolset says of an entry; undefined where it is to be looked for by itself. */
function ofToolset(row: SourceRow, asked: SourceRow | undefined, { report }: Held): Expected | undefined {
  const { section = 'toolcache', version } = row
  if (asked === undefined)
    return section === 'toolcache'
      ? undefined
      : { reason: `no toolset was given that asks for it in ${section}` }
  // without a report nothing says which of the versions that fit is meant
  const free = report === undefined && !isSpec(version) && fits(asked.requested ?? '*', version)
  if (!free || version === asked.version) return { row: asked }
  return section === 'toolcache'
    ? undefined
    : { reason: `${asked.version} fits, too; without a report nothing says which is meant` }
}

/** What entries should be that no toolset tells of: rows of the tool cache that ask for what they say. */
async function byThemselves(entries: readonly ListEntry[], input: Held) {
  const toolsets = new Map(entries.map((entry) => [entry, toolsetOf(entry)] as const))
  const expected = new Map<ListEntry, Expected>()
  const told: PkgcacheError[] = []
  for (const [entry, toolset] of toolsets) {
    // what the image has is meant, where it is known
    const known = input.report ? undefined : await exactFile(entry, toolset, entry.row, { input, told })
    if (known) expected.set(entry, known)
  }
  const rest = [...toolsets].filter(([entry]) => expected.get(entry)?.row === undefined)
  const asked = rest.filter(([entry]) => expected.get(entry)?.reason === undefined)
  const { rows, faults } = await matchRows({ ...input, toolsets: asked.map(([, toolset]) => toolset) })
  told.push(...faults)
  for (const [entry, toolset] of asked) {
    const row = rows.find(({ matchedFrom }) => matchedFrom.toolset === entry.path)
    const held = row ? { row } : { reason: toolset.faults[0]?.message ?? 'nothing is known of it' }
    const byImage = input.report === undefined || row === undefined || row.status === 'matched'
    const own = byImage ? expected.get(entry) : await exactFile(entry, toolset, row, { input, told })
    expected.set(entry, { ...held, ...own })
  }
  return { expected, faults: told }
}

/** A toolset that asks for one entry, by whose path it goes. */
function toolsetOf({ row, path }: ListEntry): Toolset {
  const { tool, name, platform, arch, requested, version } = row
  const release = releaseOf(row)
  const entry = { name: tool ?? name, platform, arch, versions: [requested ?? version] }
  const value = { toolcache: [{ ...entry, ...(release !== undefined && { platform_version: release }) }] }
  return readToolset({ place: path, value, fetchedAt: '' })
}

/** Release of the Linux that a row is for: its URL tells, or the toolset's name. */
function releaseOf({ platform, downloadUrl = '', matchedFrom: { toolset } }: SourceRow): string | undefined {
  if (platform !== 'linux') return undefined
  return /(?:linux|ubuntu)-(\d\d\.\d\d)\b/.exec(downloadUrl)?.[1] ?? releaseIn(toolset)
}

interface Asking {
  readonly input: Held
  readonly told: PkgcacheError[]
}

/**
 * The file of the exact version that an entry has; undefined where it has none, or nobody can tell.
 * @param like what the rest of the row is taken from
 */
async function exactFile(
  { row }: ListEntry,
  { wanted: [wanted] }: Toolset,
  like: SourceRow,
  { input: { documents, prereleases = false }, told }: Asking,
): Promise<Expected | undefined> {
  if (isSpec(row.version) || wanted?.supply.kind !== 'resolver') return undefined
  const { resolver, query } = wanted.supply
  const version = exactVersion(row)
  try {
    const [file] = await resolver.resolve({ ...query, version }, documents, { prereleases })
    if (file) return { row: withFile(like, file) }
    const unsure = query.platform === 'linux' && query.platformVersion === undefined
    if (unsure || /^\d+(\.\d+)?$/.test(row.version)) return undefined
    return { missing: `${resolver.name} has no ${version} for ${row.platform}/${row.arch}` }
  } catch (thrown) {
    const error = toPkgcacheError(thrown)
    if (error.code === 'E_ABORTED') throw error
    told.push(error)
    return { reason: `${resolver.name} could not be asked: ${error.message}` }
  }
}

/** Several releases of PyPy run one Python: the URL tells which is meant. */
function exactVersion({ version, downloadUrl = '' }: SourceRow): string {
  const [, release] = /\/pypy[\d.]+-v([\d.]+)-/.exec(downloadUrl) ?? []
  return release === undefined ? version : `${version} [PyPy ${release}]`
}

/** A row with another file in place of its own. */
function withFile(row: SourceRow, { version, url, evidence, sha256, sha512, size }: ToolDownload): SourceRow {
  const { sha256: _sha256, sha512: _sha512, size: _size, ...rest } = row
  return {
    ...rest,
    version,
    downloadUrl: url,
    urlEvidence: evidence,
    ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
    ...(sha512 !== undefined && { sha512: sha512.toLowerCase() }),
    ...(size !== undefined && { size }),
  }
}

/** The toolset that was made up here is of no use to whoever reads the fault. */
function atItsPlace(fault: PkgcacheError): PkgcacheError {
  return fault.cause instanceof PkgcacheError ? fault.cause : fault
}
