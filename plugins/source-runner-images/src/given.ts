import { PkgcacheError, toPkgcacheError } from '@pkgcache/core'
import type { Documents } from './documents.ts'
import { matchRows } from './match/rows.ts'
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

/** Rows of a source list, or of toolsets matched with a report. @throws E_CONFIG for options that exclude each other */
export async function givenRows(options: RunnerImagesOptions, documents: Documents): Promise<Given> {
  const { report, sources, prereleases } = options
  const toolsets = [options.toolset ?? []].flat()
  if (sources !== undefined) {
    if (report === undefined && toolsets.length === 0) return listRows(sources, documents)
    throw new PkgcacheError(
      'E_CONFIG',
      'source-runner-images: `sources` stands in place of `report` and `toolset`',
      {
        hint: 'give one or the other; `pkgcache sources update` brings a list up to date',
      },
    )
  }
  const read = await readAll(report, toolsets, documents)
  const matched = await matchRows({
    toolsets: read.toolsets,
    documents,
    ...(read.report && { report: read.report }),
    ...(prereleases !== undefined && { prereleases }),
  })
  return {
    rows: matched.rows,
    faults: [...read.faults, ...matched.faults],
    hasReport: read.report !== undefined,
    place: report ?? '',
  }
}

async function listRows(place: string, documents: Documents): Promise<Given> {
  try {
    const { sources, unresolved } = readSourceList(await documents.json(place, 'E_SOURCE_LIST'))
    return { rows: [...sources, ...unresolved], faults: [], hasReport: true, place }
  } catch (thrown) {
    return { rows: [], faults: [located(thrown, place)], hasReport: false, place }
  }
}

/** A report and toolsets, as far as they can be read. */
export interface ReadInputs {
  readonly report: SoftwareReport | undefined
  readonly toolsets: readonly Toolset[]
  readonly faults: readonly PkgcacheError[]
}

/** Reads a report and toolsets; one that is broken leaves the others. */
export async function readAll(
  report: string | undefined,
  toolsets: readonly string[],
  documents: Documents,
): Promise<ReadInputs> {
  const faults: PkgcacheError[] = []
  const attempt = async <T>(place: string, read: () => Promise<T>): Promise<T[]> => {
    try {
      return [await read()]
    } catch (thrown) {
      faults.push(located(thrown, place))
      return []
    }
  }
  const [held] =
    report === undefined
      ? []
      : await attempt(report, async () => readReport(await documents.json(report, 'E_SOFTWARE_REPORT')))
  faults.push(...(held?.faults ?? []))
  const { platform, arch } = held?.image ?? {}
  const hint = { ...(platform && { platform }), ...(arch && { arch }) }
  const read = await Promise.all(
    toolsets.map((place) =>
      attempt(place, async () => readToolset(await documents.json(place, 'E_TOOLSET'), hint)),
    ),
  )
  const sound = read.flat()
  return { report: held, toolsets: sound, faults: [...faults, ...sound.flatMap((toolset) => toolset.faults)] }
}

function located(thrown: unknown, place: string): PkgcacheError {
  const error = toPkgcacheError(thrown)
  return error.item === undefined ? error.at({ item: place }) : error
}
