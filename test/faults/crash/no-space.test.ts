import { leftOut, smallTar } from '@pkgcache/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { missingProgram } from '../../e2e/kit.ts'
import { type Change, inspect, recover, type Stage, setStage } from './stage.ts'

const CONTENT = smallTar()
const TAKING_SPACE = ['open', 'mkdir', 'write', 'writeFile', 'appendFile', 'rename', 'link', 'sync']

const skip = leftOut('no space at every change of the disk', missingProgram('zstd'))
const stages: Stage[] = []
afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.remove()))
})

async function changes(): Promise<Change[]> {
  const stage = await setStage(CONTENT)
  await stage.run()
  const all = stage.changes()
  await stage.remove()
  return all.filter(({ op }) => TAKING_SPACE.includes(op))
}

interface Told {
  readonly error?: { readonly code: string; readonly hint: string | null }
  readonly items?: readonly { readonly state: string; readonly error?: Told['error'] }[]
  readonly errors?: readonly Told['error'][]
}

const places = skip ? [] : await changes()
const CODES = ['ENOSPC', 'EDQUOT', 'EFBIG'] as const

describe.skipIf(skip)('a disk that is full at one change', () => {
  it('is tried at as many as there are', () => {
    expect(places.length).toBeGreaterThan(60)
  })

  it.each(
    places.map(
      (place, index) =>
        [
          `${CODES[index % 3]} at ${place.thread} ${place.at}: ${place.op} ${place.path}`,
          place,
          CODES[index % 3] ?? 'ENOSPC',
        ] as const,
    ),
  )('%s', async (_, place, code) => {
    const stage = await setStage(CONTENT)
    stages.push(stage)
    const ran = await stage.run(place, code)
    const told = JSON.parse(ran.stdout) as Told
    const faults = [
      told.error,
      ...(told.items ?? []).map(({ error }) => error),
      ...(told.errors ?? []),
    ].flatMap((error) => error ?? [])
    expect([ran.code, ...new Set(faults.map((fault) => fault.code))]).toEqual([1, 'E_NOSPC'])
    expect(faults.every(({ hint }) => (hint ?? '').length > 0)).toBe(true)
    // what is not published leaves nothing under its name, and no lock holds up the next run
    expect(await inspect(stage)).toEqual({ problems: [], indexParses: true })
    const { exitCode, problems, left } = await recover(stage)
    expect({ exitCode, problems, left }).toEqual({ exitCode: 0, problems: [], left: [] })
  })
})
