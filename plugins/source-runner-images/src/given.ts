import { PkgcacheError, toPkgcacheError } from '@pkgcache/core'
import type { Documents } from './documents.ts'
import { reportFor } from './match/pair.ts'
import { matchRows, withoutRepeats } from './match/rows.ts'
import type { RunnerImagesOptions } from './options.ts'
import { readReport } from './report/index.ts'
import type { SoftwareReport } from './report/types.ts'
import { readSourceList } from './sources/read.ts'
import type { SourceRow } from './sources/types.ts'
import { readToolset, type Toolset } from './toolset/read.ts'

/** The rows that a config leads to. */
export interface Given {
  readonly rows: readonly SourceRow[]
  readonly faults: readonly PkgcacheError[]
  /** True: the rows were held against a report. */
  readonly hasReport: boolean
  /** The source list, or the report. */
  readonly place: string
}

/** Rows of a source list, or of toolsets matched with reports. @throws E_CONFIG for options that exclude each other */
export async function givenRows(options: RunnerImagesOptions, documents: Documents): Promise<Given> {
  const { sources } = options
  const reports = [options.report ?? []].flat()
  const toolsets = [options.toolset ?? []].flat()
  if (sources !== undefined) {
    if (reports.length + toolsets.length === 0) return listRows(sources, documents)
    throw misused('`sources` stands in place of `report` and `toolset`', 'give one or the other')
  }
  if (toolsets.length === 0) throw misused('a report alone asks for nothing', 'give a `toolset` too')
  return matchedRows(await readAll(reports, toolsets, documents), options, documents)
}

function misused(what: string, hint: string): PkgcacheError {
  return new PkgcacheError('E_CONFIG', `source-runner-images: ${what}`, { hint })
}

async function matchedRows(
  { reports, toolsets, faults }: ReadInputs,
  { prereleases }: RunnerImagesOptions,
  documents: Documents,
): Promise<Given> {
  const means = { documents, ...(prereleases !== undefined && { prereleases }) }
  const matched = await Promise.all(
    toolsets.map((toolset) => {
      // one of another system is told as such
      const report = reportFor(toolset, reports) ?? reports[0]
      return matchRows({ toolsets: [toolset], ...means, ...(report && { report }) })
    }),
  )
  return {
    rows: matched.flatMap(({ rows }) => rows),
    faults: [...faults, ...withoutRepeats(matched.flatMap((one) => one.faults))],
    hasReport: reports.length > 0,
    place: reports[0]?.file ?? '',
  }
}

async function listRows(place: string, documents: Documents): Promise<Given> {
  try {
    const list = readSourceList(await documents.json(place, 'E_SOURCE_LIST'))
    return { rows: [...list.sources, ...list.unresolved], faults: list.faults, hasReport: true, place }
  } catch (thrown) {
    return { rows: [], faults: [located(thrown, place)], hasReport: false, place }
  }
}

/** Reports and toolsets, as far as they can be read. */
export interface ReadInputs {
  readonly reports: readonly SoftwareReport[]
  readonly toolsets: readonly Toolset[]
  readonly faults: readonly PkgcacheError[]
}

/** Reads reports and toolsets; one that is broken leaves the others. */
export async function readAll(
  reportPlaces: readonly string[],
  toolsetPlaces: readonly string[],
  documents: Documents,
): Promise<ReadInputs> {
  const faults: PkgcacheError[] = []
  const attempt = async <T>(places: readonly string[], read: (place: string) => Promise<T>): Promise<T[]> => {
    const settled = await Promise.allSettled(places.map(read))
    return settled.flatMap((one, index) => {
      if (one.status === 'fulfilled') return [one.value]
      faults.push(located(one.reason, places[index] ?? ''))
      return []
    })
  }
  const reports = await attempt(reportPlaces, (place) =>
    documents.made(place, 'E_SOFTWARE_REPORT', readReport),
  )
  const [first] = reports
  const { platform, arch } = first?.image ?? {}
  const hint = { ...(platform && { platform }), ...(arch && { arch }) }
  const toolsets = await attempt(toolsetPlaces, (place) =>
    documents.made(place, 'E_TOOLSET', readToolset, hint),
  )
  faults.push(...[...reports, ...toolsets].flatMap((one) => one.faults))
  return { reports, toolsets, faults }
}

function located(thrown: unknown, place: string): PkgcacheError {
  const error = toPkgcacheError(thrown)
  if (error.code === 'E_ABORTED') throw error
  return error.item === undefined ? error.at({ item: place }) : error
}
