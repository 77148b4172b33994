import {
  type Declaration,
  type ExpectedDigest,
  formatKey,
  keyId,
  type PackageKey,
  type PackageRequest,
  PkgcacheError,
  type PluginContext,
  type Requirement,
  type Resolution,
  shownUrl,
} from '@pkgcache/core'
import { openDocuments } from './documents.ts'
import { type Given, givenRows } from './given.ts'
import { packageName } from './match/names.ts'
import type { RunnerImagesOptions } from './options.ts'
import type { UrlEvidence } from './resolvers/resolver.ts'
import type { SourceRow } from './sources/types.ts'

/** Evidence of URLs that stand for one file of one version. */
const FETCHED: readonly UrlEvidence[] = ['manifest', 'index', 'toolset', 'template']

/** Makes packages of the rows of toolsets or of a source list, and tells of each row. */
export async function declareSources(
  declaration: Declaration,
  ctx: PluginContext,
  options: RunnerImagesOptions,
): Promise<void> {
  const documents = openDocuments(ctx, declaration.dir, declaration.frozen)
  const counts = (names: readonly string[] | undefined, section = '') =>
    names === undefined || names.includes(section)
  const isLookedFor = (section: string) =>
    counts(options.sections, section) && counts(declaration.only, section)
  const given = await givenRows(options, documents, isLookedFor)
  for (const fault of given.faults) declaration.fail(fault)
  warnOfNoSection(options.sections ?? [], given, ctx)
  for (const row of given.passedOver) if (counts(options.sections, row.section)) declaration.require(row)
  const rows = given.rows.filter(
    ({ status, section }) => status !== 'report-only' && counts(options.sections, section),
  )
  const urls = new Map<string, string>()
  for (const row of rows) {
    const request = requestOf(row, options)
    const taken = takenBy(row, request, urls)
    if (taken !== undefined && counts(declaration.only, row.section))
      declaration.fail(collision(row, given.place, taken))
    const isNew = request !== undefined && !urls.has(keyId(request))
    if (isNew) declaration.add(request)
    if (isNew) urls.set(keyId(request), row.downloadUrl ?? '')
    declaration.require(requirementOf(row, given, taken === undefined ? request : undefined, taken))
  }
}

/** The other URL that was asked for under the same key before; undefined where there is none. */
function takenBy(
  row: SourceRow,
  request: PackageRequest | undefined,
  urls: ReadonlyMap<string, string>,
): string | undefined {
  const before = request && urls.get(keyId(request))
  return before === row.downloadUrl ? undefined : before
}

/** The store has one file for a name and version: of two, the first is fetched. */
function collision(
  { name, version, platform, arch, downloadUrl = '', matchedFrom }: SourceRow,
  place: string,
  taken: string,
): PkgcacheError {
  const key = formatKey({ name, version, platform, arch })
  return new PkgcacheError(
    'E_SOURCE_LIST',
    `${matchedFrom.path ?? key}: ${shownUrl(downloadUrl)} is not fetched: ${isTaken(taken)}`,
    { item: matchedFrom.toolset || place, hint: 'in a source list, give one of them another `name`' },
  )
}

function isTaken(url: string): string {
  return `${shownUrl(url)} is asked for under the same name and version`
}

/** A section that is misspelt would leave out what was to be alone. */
function warnOfNoSection(sections: readonly string[], { rows, passedOver }: Given, ctx: PluginContext): void {
  const asking = [...rows.filter(({ status }) => status !== 'report-only'), ...passedOver]
  const there = new Set(asking.map(({ section }) => section))
  // of toolsets that could not be read nobody knows
  if (there.size === 0) return
  for (const section of sections.filter((name) => !there.has(name)))
    ctx.logger.warn(
      `nothing belongs to section ${JSON.stringify(section)}; there are ${[...there].join(', ')}`,
    )
}

function isFetched(row: SourceRow): boolean {
  return row.downloadUrl !== undefined && FETCHED.includes(row.urlEvidence ?? 'template')
}

function requestOf(row: SourceRow, { tools = {} }: RunnerImagesOptions): PackageRequest | undefined {
  if (!isFetched(row) || row.downloadUrl === undefined) return undefined
  const { version, platform, arch, section, size } = row
  // older lists have no name but the tool's
  const name = row.tool === undefined ? packageName(row.name) : row.name
  const normalise = tools[row.tool ?? row.name]?.normalise ?? row.normalise ?? false
  const file: ToolFile = {
    url: row.downloadUrl,
    digests: digestsOf(row),
    ...(size !== undefined && { size }),
  }
  const request = { name, version, platform, arch, normalise, extra: { toolFile: file } }
  return section === undefined ? request : { ...request, section }
}

function digestsOf({ sha256, sha512, tool, name, matchedFrom }: SourceRow): ExpectedDigest[] {
  const from = `what ${matchedFrom.toolset || 'the source list'} leads to for ${tool ?? name}`
  const digest = (algorithm: 'sha256' | 'sha512', value: string | undefined): ExpectedDigest[] =>
    value === undefined ? [] : [{ algorithm, value, origin: 'checksum-file', from }]
  return [...digest('sha256', sha256), ...digest('sha512', sha512)]
}

function requirementOf(
  row: SourceRow,
  { hasReport, place }: Given,
  request: PackageRequest | undefined,
  taken: string | undefined,
): Requirement {
  const { section = 'sources', tool = row.name, requested = row.version, status = 'matched' } = row
  const { platform, arch, reportName, version, urlEvidence: evidence, downloadUrl } = row
  const elsewhere = evidence !== undefined && !FETCHED.includes(evidence)
  const reason = taken === undefined ? row.reason : isTaken(taken)
  return {
    from: row.matchedFrom.toolset || place,
    ...{ section, tool, requested, platform, arch, status },
    ...(hasReport && { inReport: row.matchedFrom.upstream }),
    ...(reportName !== undefined && { reportName }),
    ...(version !== 'unknown' && { version }),
    ...(evidence !== undefined && { evidence }),
    ...(downloadUrl !== undefined && { url: shownUrl(downloadUrl) }),
    downloadable: status !== 'not-downloadable' && !elsewhere,
    ...(request && { key: keyOf(request) }),
    ...(reason !== undefined && { reason }),
  }
}

function keyOf({ name, version, platform, arch }: PackageRequest): PackageKey {
  return { name, version, platform, arch }
}

/** What a request that came of a row carries along. */
interface ToolFile {
  readonly url: string
  readonly digests: readonly ExpectedDigest[]
  readonly size?: number
}

/** The file of a request that came of a row; undefined for any other request. @throws E_CONFIG for one of another shape */
export function resolveRow(request: PackageRequest): Resolution | undefined {
  const file = request.extra?.toolFile as Partial<ToolFile> | undefined
  if (file === undefined) return undefined
  if (typeof file.url !== 'string' || !Array.isArray(file.digests))
    throw new PkgcacheError('E_CONFIG', 'toolFile is what toolsets give their packages', {
      hint: 'use `url`',
    })
  const { name, version, platform, arch, normalise = false } = request
  const size = file.size === undefined ? {} : { size: file.size }
  return { name, version, platform, arch, urls: [file.url], digests: file.digests, normalise, ...size }
}
