import type { Config, PackageConfig } from '@pkgcache/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Expectation,
  type Outcome,
  packageFaults,
  type RunDocument,
  runFaults,
  VERSION,
} from './checks.ts'
import { openStands, type Stands, soundArchive, storeState } from './stand.ts'

/** One fault in one package: what is done, and what must come of it. */
export interface FaultCase<P> extends Expectation {
  readonly what: string
  /**
   * Most memory that the run may take, in bytes. It then has no other package. The least of three runs counts: what
   * the garbage collector leaves lying for a while varies by 30 MB, and memory without bound shows in each.
   */
  readonly peakBytes?: number
  /** On top of the config; cases with the same one share a run. */
  readonly config?: Config
  /** Sets up what goes wrong. @returns what is declared of the package, and mirrors for it alone */
  readonly given: (places: P, name: string) => Given
  /** What must hold beside the rules for all. @returns what is wrong */
  readonly also?: (seen: CaseSeen<P>) => readonly string[]
}

export interface Given {
  readonly package: Partial<PackageConfig>
  readonly mirrors?: Readonly<Record<string, readonly string[]>>
}

export interface CaseSeen<P> {
  readonly healthy: readonly string[]
  readonly places: P
  readonly name: string
  readonly outcome: Outcome
}

/** What the cases of an area have in common. */
export interface Area<P> {
  readonly name: string
  /** Opened once: servers of its own. */
  readonly open: (stands: Stands) => Promise<P>
  readonly close?: (places: P) => Promise<void>
  /** Source text of plugins for the config. */
  readonly plugins?: string
  readonly config?: Config
  readonly env?: (places: P) => Record<string, string>
}

const HEALTHY = ['sound-one', 'sound-two'] as const

interface Named<P> {
  readonly name: string
  readonly fault: FaultCase<P>
}

/** Cases that can share a run: the same config, and the same exit code, so that each is answerable for it. */
function groups<P>(area: string, cases: readonly FaultCase<P>[]): Named<P>[][] {
  const groups = new Map<string, Named<P>[]>()
  cases.forEach((fault, index) => {
    const key = JSON.stringify([fault.exit, fault.config ?? {}, fault.peakBytes && index])
    const group = groups.get(key) ?? []
    group.push({ name: `${area}${String(index + 1).padStart(3, '0')}`, fault })
    groups.set(key, group)
  })
  return [...groups.values()]
}

async function runGroup<P>(
  group: readonly Named<P>[],
  area: Area<P>,
  places: P,
  stands: Stands,
): Promise<Outcome> {
  const most = group[0]?.fault.peakBytes
  const first = await runOnce(group, area, places, stands)
  if (most === undefined) return first
  let least = first
  for (let more = 2; more > 0 && peakOf(least) > most; more--) {
    const again = await runOnce(group, area, places, stands)
    if (peakOf(again) < peakOf(least)) least = again
  }
  return least
}

function peakOf({ ran }: Outcome): number {
  return (ran.peakKiB ?? Number.POSITIVE_INFINITY) * 1024
}

/** Packages that are sound, where the run is not to be alone with its fault. */
function healthyOf<P>(group: readonly Named<P>[]): readonly string[] {
  return group[0]?.fault.peakBytes === undefined ? HEALTHY : []
}

async function runOnce<P>(
  group: readonly Named<P>[],
  area: Area<P>,
  places: P,
  stands: Stands,
): Promise<Outcome> {
  const stand = await stands.open()
  try {
    const given = group.map(({ name, fault }) => ({ name, ...fault.given(places, name) }))
    const sound = healthyOf(group).map((name) => {
      stands.server.route(`/${name}/tool.tar.gz`, { content: soundArchive(name) })
      return { name, version: VERSION, url: `${stands.server.url}/${name}/tool.tar.gz` }
    })
    const packages = given.map(({ name, package: more }) => ({ name, version: VERSION, ...more }))
    const mirrors = Object.assign({}, ...given.map((one) => one.mirrors ?? {})) as Record<string, string[]>
    const more = { ...area.config, ...group[0]?.fault.config }
    const all = [sound[0], ...(stands.base.packages ?? []), ...packages, sound[1]].filter(
      (one) => one !== undefined,
    )
    await stand.configure({ ...stands.base, ...more, mirrors, packages: all }, area.plugins)
    const before = await storeState(stand.store)
    const ran = await stand.run(['run', '--json'], area.env?.(places))
    const after = await storeState(stand.store)
    const verify = await stand.run(['verify'])
    return { ran, document: documentOf(ran.stdout), before, after, verify }
  } finally {
    await stand.remove()
  }
}

export function documentOf(stdout: string): RunDocument | undefined {
  try {
    return JSON.parse(stdout) as RunDocument
  } catch {
    return undefined
  }
}

function memoryFaults({ peakBytes }: Pick<FaultCase<unknown>, 'peakBytes'>, outcome: Outcome): string[] {
  const peak = peakOf(outcome)
  return peakBytes === undefined || peak < peakBytes ? [] : [`took ${Math.round(peak / 1e6)} MB of memory`]
}

/** One test per case. Each checks its package, and all that must hold after the run it was part of. */
export function describeFaults<P>(
  area: Area<P>,
  tables: Readonly<Record<string, readonly FaultCase<P>[]>>,
): void {
  const cases = Object.values(tables).flat()
  const named = groups(area.name.slice(0, 1), cases)
  const outcomes = new Map<FaultCase<P>, CaseSeen<P>>()
  let stands: Stands
  let places: P

  beforeAll(async () => {
    stands = await openStands()
    places = await area.open(stands)
    for (const group of named) {
      const outcome = await runGroup(group, area, places, stands)
      for (const { name, fault } of group) {
        outcomes.set(fault, { places, name, outcome, healthy: healthyOf(group) })
      }
    }
  }, 600_000)
  afterAll(async () => {
    await area.close?.(places)
    await stands.close()
  })

  describe.each(Object.entries(tables))(`faults: ${area.name}: %s`, (_, table) => {
    it.each(table.map((fault) => [fault.what, fault] as const))('%s', (_what, fault) => {
      const seen = outcomes.get(fault)
      if (seen === undefined) throw new Error('its run did not take place')
      const own = [
        ...packageFaults(seen.name, fault, seen.outcome),
        ...(fault.also?.(seen) ?? []),
        ...memoryFaults(fault, seen.outcome),
      ]
      const run = runFaults(seen.outcome, seen.healthy).map((text) => `its run: ${text}`)
      expect([...own, ...run], [...own, ...run].join('\n')).toEqual([])
    })
  })
}
