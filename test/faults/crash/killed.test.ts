import { randomBytes } from 'node:crypto'
import { leftOut, smallTar } from '@pkgcache/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { missingProgram } from '../../e2e/kit.ts'
import { type Change, inspect, recover, type Stage, setStage } from './stage.ts'

const MIB = 1 << 20
const SMALL = smallTar()
const OTHER = smallTar([{ path: 'bin/tool', content: 'another one' }])
const LARGE = smallTar([{ path: 'data', content: randomBytes(3 * MIB + 5000) }])

const skip = leftOut('killed at every change of the disk', missingProgram('zstd'))

const stages: Stage[] = []
afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.remove()))
})

async function stageWith(content: Uint8Array): Promise<Stage> {
  const stage = await setStage(content)
  stages.push(stage)
  return stage
}

/** The changes of a run on a stage that `prepare` has set; each is a case. */
async function changesOf(
  content: Uint8Array,
  prepare: (stage: Stage) => Promise<unknown>,
): Promise<Change[]> {
  const stage = await setStage(content)
  try {
    await prepare(stage)
    await stage.run()
    return stage.changes()
  } finally {
    await stage.remove()
  }
}

const nothing = async () => undefined
const named = (changes: readonly Change[]) =>
  changes.map((change) => [`${change.thread} ${change.at}: ${change.op} ${change.path}`, change] as const)

/** Kills a run there, and says how. */
async function killAt(stage: Stage, change: Change): Promise<void> {
  const { code } = await stage.run(change)
  // a run that takes other turns may end before: then nothing was killed, and it must have gone well
  const reached = stage.changes().length > 0
  expect([code === null || code === 0, reached]).toEqual([true, true])
}

const first = skip ? [] : await changesOf(SMALL, nothing)

describe.skipIf(skip)('a first run, killed before each of its changes of the disk', () => {
  it('has as many as this table knows of', () => {
    expect(first.length).toBeGreaterThan(90)
    expect(first.filter(({ thread }) => thread === 'worker').length).toBeGreaterThan(2)
  })

  it.each(named(first))('%s', async (_, change) => {
    const stage = await stageWith(SMALL)
    await killAt(stage, change)
    const found = await inspect(stage)
    // an artifact without its record is nothing yet
    expect(found.problems.filter((problem) => problem !== 'unindexed')).toEqual([])
    expect(found.indexParses).toBe(true)
    const { state, content, ...rest } = await recover(stage)
    expect(rest).toEqual({ exitCode: 0, problems: [], left: [] })
    expect(['published', 'cached']).toContain(state)
    expect(content).toMatch(/^[0-9a-f]{64}$/)
  })
})

/** A store with another version of the same package, as upstream had it before. */
const published = async (stage: Stage) => {
  await stage.run()
  await stage.replace(OTHER)
}
const replacing = skip ? [] : await changesOf(SMALL, published)
const touching = replacing.filter(({ path }) => /records|parts|archive|tool-1|index|store$|^$/.test(path))

describe.skipIf(skip)('a run that replaces an artifact, killed before each change near it', () => {
  it.each(named(touching))('%s', async (_, change) => {
    const stage = await stageWith(SMALL)
    await published(stage)
    await killAt(stage, change)
    const { problems, indexParses } = await inspect(stage)
    expect(problems.filter((problem) => problem !== 'unindexed')).toEqual([])
    expect(indexParses).toBe(true)
    const { exitCode, problems: after, left } = await recover(stage)
    expect({ exitCode, after, left }).toEqual({ exitCode: 0, after: [], left: [] })
  })
})

/** A store with the part of a process that was killed after two blocks. */
const halfDone = async (stage: Stage) => {
  const changes = await changesOf(LARGE, nothing)
  const writes = changes.filter(({ op, path }) => op === 'write' && path.startsWith('/.pkgcache/parts/'))
  const third = writes[2]
  if (third === undefined) throw new Error('the download has no third block')
  expect((await stage.run(third)).code).toBe(null)
}
const resuming = skip ? [] : (await changesOf(LARGE, halfDone)).filter(({ path }) => path.includes('/parts/'))

describe.skipIf(skip)('a run that goes on with a part, killed before each change of parts', () => {
  it('has such changes', () => {
    expect(resuming.length).toBeGreaterThan(8)
  })

  it.each(named(resuming))('%s', async (_, change) => {
    const stage = await stageWith(LARGE)
    await halfDone(stage)
    await killAt(stage, change)
    const before = stage.server.requests.length
    const { exitCode, problems, left } = await recover(stage)
    expect({ exitCode, problems, left }).toEqual({ exitCode: 0, problems: [], left: [] })
    // what was on disk is not fetched again
    const served = stage.server.requests.slice(before).reduce((sum, { bytes }) => sum + bytes, 0)
    expect(served).toBeLessThanOrEqual(LARGE.length - 2 * MIB)
  })
})
