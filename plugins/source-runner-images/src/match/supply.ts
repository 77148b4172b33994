import { PkgcacheError, printable, shorten, toPkgcacheError } from '@pkgcache/core'
import type { Documents } from '../documents.ts'
import { documentFault, type Tell } from '../located.ts'
import { offlineFault } from '../offline.ts'
import type { ResolverOptions, ToolDownload, UrlEvidence } from '../resolvers/resolver.ts'
import type { Supply } from '../toolset/section.ts'
import { urlFault } from './url.ts'

/** Where a row's file is, or why there is none. */
export interface Supplied {
  readonly download?: ToolDownload
  readonly evidence?: UrlEvidence
  /** Where what changes can be had; no file of a version. */
  readonly floatingUrl?: string
  readonly reason?: string
}

/** What looking for the file of one row needs. */
export interface SupplyMeans extends ResolverOptions {
  readonly documents: Documents
  readonly tell: Tell
  /** The row's place in its toolset. */
  readonly at: { readonly file: string; readonly path: string }
}

type SupplyOf<Kind extends Supply['kind']> = Extract<Supply, { kind: Kind }>

type Supplies = {
  readonly [Kind in Supply['kind']]: (
    of: SupplyOf<Kind>,
    version: string | undefined,
    means: SupplyMeans,
  ) => readonly Supplied[] | Promise<readonly Supplied[]>
}

const SUPPLIES: Supplies = {
  resolver: resolved,
  toolset: (of, _, means) => [checked({ ...of, evidence: 'toolset' }, means)],
  elsewhere: ({ evidence, reason, url }) => [
    { evidence, reason, ...(url !== undefined && { floatingUrl: url }) },
  ],
  unknown: ({ reason }) => [{ reason }],
  nothing: ({ reason }) => [{ reason }],
}

/** The files of a supply, for a version known from a report or for what is asked for. Throws E_ABORTED alone. */
export async function supply<Kind extends Supply['kind']>(
  of: SupplyOf<Kind>,
  version: string | undefined,
  means: SupplyMeans,
): Promise<readonly Supplied[]> {
  // one row of the table, which TypeScript cannot tell from `of.kind` alone
  return SUPPLIES[of.kind as Kind](of, version, means)
}

async function resolved(
  { resolver, query }: SupplyOf<'resolver'>,
  version: string | undefined,
  means: SupplyMeans,
): Promise<readonly Supplied[]> {
  try {
    const options = { prereleases: means.prereleases ?? false }
    const asked = version === undefined ? query : { ...query, version }
    const downloads = await resolver.resolve(asked, means.documents, options)
    if (downloads.length > 0) return downloads.map((download) => checked(download, means))
    const reason = `${resolver.name} has no ${version ?? query.spec} for ${query.platform}/${query.arch}`
    // what the image has may be gone or yet to come; what the toolset asks for must be there, where there is an index
    if (version === undefined && resolver.exactOnly !== true)
      means.tell(documentFault('E_TOOLSET', means.at, `${query.tool}: ${reason}`))
    return [{ reason }]
  } catch (thrown) {
    const error = toPkgcacheError(thrown)
    if (error.code === 'E_ABORTED') throw error
    means.tell(unasked(error, means))
    return [{ reason: `${resolver.name} could not be asked: ${named(error)}` }]
  }
}

/** Faults of documents have their URL as the item. */
function named({ item, message }: PkgcacheError): string {
  return item === undefined || message.includes(item) ? message : `${item}: ${message}`
}

/** An index that cannot be had is told with the first place that needs it. */
function unasked(error: PkgcacheError, { at: { file, path } }: SupplyMeans): PkgcacheError {
  const { code, retryable } = error
  const { hint } = code === 'E_NOT_CACHED' ? offlineFault(error) : error
  return new PkgcacheError(code, `${path}: ${named(error)}`, { item: file, hint, retryable, cause: error })
}

/** A URL that is none, or stands for several, is no download. */
function checked(download: ToolDownload, { tell, at }: SupplyMeans): Supplied {
  const wrong = urlFault(download.url)
  if (wrong === undefined) return { download, evidence: download.evidence }
  const what = `${JSON.stringify(shorten(printable(download.url), 200))} ${wrong}`
  tell(documentFault('E_VERSION_INDEX', at, what, 'the index or toolset that names it is wrong'))
  return { reason: `its URL ${wrong}` }
}
