import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCache } from 'pkgcache'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { BIN, runProgram } from '../../e2e/kit.ts'
import { type Six, servedSince, serveSix } from '../six.ts'

const KILLS = 200
const SEED = Number(process.env.PKGCACHE_TEST_SEED ?? 20261124)
const KIB = 1024
const SIZES = [3000, 2100, 900, 400, 60, 5].map((size) => size * KIB)
// about 1.2 MB/s on each of four connections
const SLOW = { trickle: 12 * KIB, trickleMs: 10 }
// of a kill: what four connections bring within a flush, and what is under way in sockets
const LOST_AT_MOST = 4 * 512 * KIB

let six: Six
beforeAll(async () => {
  six = await serveSix(SIZES, SLOW)
})
afterAll(() => six.remove())

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** @returns whether it was killed, and had not ended by itself */
async function runAndKill(afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [BIN, 'run'], {
    cwd: six.dir,
    stdio: 'ignore',
    env: { ...process.env, CI: '', PKGCACHE_HOME: join(six.dir, 'home') },
  })
  const ended = new Promise<boolean>((done) => child.once('close', (_, signal) => done(signal === 'SIGKILL')))
  await Promise.race([ended, sleep(afterMs)])
  child.kill('SIGKILL')
  return ended
}

/** What must hold whenever a process has died. */
async function soundness(): Promise<string[]> {
  const cache = await createCache(six.config())
  const { problems } = await cache.verify()
  await cache.close()
  const index = await readFile(join(cache.store, 'index.yaml'), 'utf8').catch(() => 'packages: []')
  const parsed: unknown = parse(index)
  return [
    ...problems
      .filter(({ problem }) => problem !== 'unindexed')
      .map(({ problem, file }) => `${problem} ${file}`),
    ...(Array.isArray((parsed as { packages?: unknown }).packages) ? [] : ['the index cannot be parsed']),
  ]
}

async function published(): Promise<number> {
  const cache = await createCache(six.config())
  const { length } = await cache.list()
  await cache.close()
  return length
}

/** A run that nobody kills, and what it still had to fetch. */
async function finish(): Promise<{ code: number | null; fetched: number; verify: number | null }> {
  const first = six.server.requests.length
  const env = { PKGCACHE_HOME: join(six.dir, 'home') }
  const { code } = await runProgram(BIN, ['run', '--json'], { cwd: six.dir, env })
  const { code: verify } = await runProgram(BIN, ['verify'], { cwd: six.dir, env })
  return { code, fetched: servedSince(six.server, first), verify }
}

it(`${KILLS} runs of six packages, killed at random moments, seed ${SEED}`, {
  timeout: 900_000,
}, async () => {
  const next = random(SEED)
  let [kills, stores, killsHere, first] = [0, 1, 0, six.server.requests.length]
  const totals: number[] = []
  while (kills < KILLS) {
    // from before the first byte to about the time a whole run takes
    const killed = await runAndKill(150 + next() * 1500)
    if (killed) [kills, killsHere] = [kills + 1, killsHere + 1]
    expect(await soundness(), `after kill ${kills}`).toEqual([])
    if (killed && (await published()) < SIZES.length) continue
    // all six are there: what came over the line for this store, and on with an empty one
    totals.push(servedSince(six.server, first) - killsHere * LOST_AT_MOST)
    await six.renew()
    ;[stores, killsHere, first] = [stores + 1, 0, six.server.requests.length]
  }
  const before = servedSince(six.server, first)
  const { code, fetched, verify } = await finish()
  expect({ code, verify }).toEqual({ code: 0, verify: 0 })
  totals.push(before + fetched - killsHere * LOST_AT_MOST)
  // nothing is fetched twice but what a kill made undone
  expect(Math.max(...totals)).toBeLessThanOrEqual(1.05 * six.bytes)
  expect(fetched).toBeLessThanOrEqual(1.05 * six.bytes)
  console.log(
    `${kills} kills over ${stores} stores; the last run fetched ${fetched} of ${six.bytes} bytes (${before} before)`,
  )
})
