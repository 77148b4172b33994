import { PkgcacheError, type Requirement, toPkgcacheError } from '@pkgcache/core'
import type { Documents } from './documents.ts'
import { reportFor } from './match/pair.ts'
import { matchRows, withoutRepeats } from './match/rows.ts'
import { offlineFault } from './offline.ts'
import type { RunnerImagesOptions } from './options.ts'
import { readReport } from './report/index.ts'
import type { SoftwareReport } from './report/types.ts'
import { readSourceList } from './sources/read.ts'
import type { SourceRow } from './sources/types.ts'
import type { ToolsetHint } from './toolset/image.ts'
import { readToolset, type Toolset } from './toolset/read.ts'
import type { Wanted } from './toolset/section.ts'

/** The rows that a config leads to. */
export interface Given {
  readonly rows: readonly SourceRow[]
  readonly faults: readonly PkgcacheError[]
  /** True: the rows were held against a report. */
  readonly hasReport: boolean
  /** The source list, or the report. */
  readonly place: string
  /** Rows of sections that are not looked for. */
  readonly passedOver: readonly Requirement[]
}

/** Whether the rows of a section are to be held against reports and indexes. */
export type IsLookedFor = (section: string) => boolean

/** Rows of a source list, or of toolsets matched with reports. @throws E_CONFIG for options that exclude each other */
export async function givenRows(
  options: RunnerImagesOptions,
  documents: Documents,
  isLookedFor: IsLookedFor,
): Promise<Given> {
  const { sources } = options
  const reports = [options.report ?? []].flat()
  const toolsets = [options.toolset ?? []].flat()
  if (sources !== undefined) {
    if (reports.length + toolsets.length === 0) return listRows(sources, documents)
    throw misused('`sources` stands in place of `report` and `toolset`', 'give one or the other')
  }
  if (toolsets.length === 0) throw misused('a report alone asks for nothing', 'give a `toolset` too')
  const read = await readAll(reports, toolsets, documents)
  return matchedRows(read, options, documents, isLookedFor)
}

function misused(what: string, hint: string): PkgcacheError {
  return new PkgcacheError('E_CONFIG', `source-runner-images: ${what}`, { hint })
}

async function matchedRows(
  { reports, toolsets, faults }: ReadInputs,
  { prereleases }: RunnerImagesOptions,
  documents: Documents,
  isLookedFor: IsLookedFor,
): Promise<Given> {
  const means = { documents, ...(prereleases !== undefined && { prereleases }) }
  const matched = await Promise.all(
    toolsets.map((toolset) => {
      // one of another system is told as such
      const report = reportFor(toolset, reports) ?? reports[0]
      const wanted = toolset.wanted.filter(({ section }) => isLookedFor(section))
      return matchRows({ toolsets: [{ ...toolset, wanted }], ...means, ...(report && { report }) })
    }),
  )
  return {
    rows: matched.flatMap(({ rows }) => rows),
    faults: [...faults, ...withoutRepeats(matched.flatMap((one) => one.faults))],
    hasReport: reports.length > 0,
    place: reports[0]?.file ?? '',
    passedOver: toolsets.flatMap((toolset) =>
      toolset.wanted
        .filter(({ section }) => !isLookedFor(section))
        .map((wanted) => passedOver(wanted, toolset.file)),
    ),
  }
}

function passedOver({ section, tool, requested, platform, arch }: Wanted, from: string): Requirement {
  const reason = 'its section does not count in this run'
  return {
    ...{ from, section, tool, requested, platform, arch },
    ...{ status: 'not-looked-for', downloadable: false, reason },
  }
}

async function listRows(place: string, documents: Documents): Promise<Given> {
  try {
    const list = readSourceList(await documents.json(place, 'E_SOURCE_LIST'))
    return {
      rows: [...list.sources, ...list.unresolved],
      faults: list.faults,
      hasReport: true,
      place,
      passedOver: [],
    }
  } catch (thrown) {
    return { rows: [], faults: [located(thrown, place)], hasReport: false, place, passedOver: [] }
  }
}

/** Reports and toolsets, as far as they can be read. */
export interface ReadInputs {
  readonly reports: readonly SoftwareReport[]
  readonly toolsets: readonly Toolset[]
  readonly faults: readonly PkgcacheError[]
}

/** What reports tell of toolsets: the system of the first, the machines of all. */
function hintOf(reports: readonly SoftwareReport[]): ToolsetHint {
  const platform = reports[0]?.image.platform ?? undefined
  const archs = reports.flatMap(({ image }) =>
    image.platform === null || image.arch === null ? [] : [[image.platform, image.arch] as const],
  )
  return { ...(platform && { platform }), archs: Object.fromEntries(archs.reverse()) }
}

/** Reads reports and toolsets; one that is broken leaves the others. */
export async function readAll(
  reportPlaces: readonly string[],
  toolsetPlaces: readonly string[],
  documents: Documents,
): Promise<ReadInputs> {
  const faults: PkgcacheError[] = []
  const attempt = async <T>(places: readonly string[], read: (place: string) => Promise<T>): Promise<T[]> => {
    // named twice, it asks for everything once
    const distinct = [...new Set(places)]
    const settled = await Promise.allSettled(distinct.map(read))
    return settled.flatMap((one, index) => {
      if (one.status === 'fulfilled') return [one.value]
      faults.push(located(one.reason, distinct[index] ?? ''))
      return []
    })
  }
  const reports = await attempt(reportPlaces, (place) =>
    documents.made(place, 'E_SOFTWARE_REPORT', readReport),
  )
  const hint = hintOf(reports)
  const toolsets = await attempt(toolsetPlaces, (place) =>
    documents.made(place, 'E_TOOLSET', readToolset, hint),
  )
  faults.push(...[...reports, ...toolsets].flatMap((one) => one.faults))
  return { reports, toolsets, faults }
}

function located(thrown: unknown, place: string): PkgcacheError {
  const error = toPkgcacheError(thrown)
  if (error.code === 'E_ABORTED') throw error
  const told = error.code === 'E_NOT_CACHED' ? offlineFault(error) : error
  return told.item === undefined ? told.at({ item: place }) : told
}
