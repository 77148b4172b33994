import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
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
// at a kill, on average: what four connections bring between two checkpoints, and what is under way in sockets
const LOST_AT_MOST = 4 * 96 * KIB

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

/** A run that nobody kills, and what it still had to fetch. */
async function finish(): Promise<{ code: number | null; fetched: number; verify: number | null }> {
  const first = six.server.requests.length
  const env = { PKGCACHE_HOME: join(six.dir, 'home') }
  const { code } = await runProgram(BIN, ['run', '--json'], { cwd: six.dir, env })
  const { code: verify } = await runProgram(BIN, ['verify'], { cwd: six.dir, env })
  return { code, fetched: servedSince(six.server, first), verify }
}

/** Bytes of each download that are known durable: by its record, or by the last line of its journal. */
async function durable(): Promise<Map<string, number>> {
  const cache = await createCache(six.config())
  const known = new Map<string, number>()
  for (const { url, source_size } of await cache.list()) known.set(new URL(url).pathname, source_size)
  await cache.close()
  const folder = join(cache.store, '.pkgcache/parts')
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.journal') || !existsSync(join(folder, name.replace(/\.journal$/, '')))) continue
    const [header, ...lines] = (await readFile(join(folder, name), 'utf8')).split('\n').filter(Boolean)
    if (header === undefined) continue
    const path = new URL((JSON.parse(header) as { servedBy: string }).servedBy).pathname
    const at = Math.max(0, ...lines.map((line) => (JSON.parse(line) as { at?: number }).at ?? 0))
    known.set(path, Math.max(at, known.get(path) ?? 0))
  }
  return known
}

/** Requests of a run that ask for bytes which were durable before it. */
function askedTwice(first: number, before: ReadonlyMap<string, number>): string[] {
  return six.server.requests.slice(first).flatMap(({ path, headers }) => {
    const start = Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0)
    const have = path.endsWith('.tar') ? (before.get(path) ?? 0) : 0
    return start < have ? [`${path} from ${start}, where ${have} bytes were there`] : []
  })
}

const sum = (known: ReadonlyMap<string, number>) => [...known.values()].reduce((all, bytes) => all + bytes, 0)

it(`${KILLS} runs of six packages, killed at random moments, seed ${SEED}`, {
  timeout: 900_000,
}, async () => {
  const next = random(SEED)
  let [kills, stores, served, undone] = [0, 1, 0, 0]
  let known: ReadonlyMap<string, number> = new Map()
  while (kills < KILLS) {
    const first = six.server.requests.length
    // from before the first byte to about the time a whole run takes
    if (await runAndKill(150 + next() * 1500)) kills++
    expect(await soundness(), `after kill ${kills}`).toEqual([])
    expect(askedTwice(first, known), `after kill ${kills}`).toEqual([])
    const now = await durable()
    const came = servedSince(six.server, first)
    served += came
    undone += came - (sum(now) - sum(known))
    known = now
    if (sum(now) < six.bytes) continue
    // all six are there: on with an empty store
    await six.renew()
    stores++
    known = new Map()
  }
  const first = six.server.requests.length
  const { code, fetched, verify } = await finish()
  expect({ code, verify }).toEqual({ code: 0, verify: 0 })
  expect(askedTwice(first, known)).toEqual([])
  expect(fetched).toBeLessThanOrEqual(1.05 * (six.bytes - sum(known)))
  // all in all: one download per store, and what was not durable yet when a process died
  expect(served + fetched - undone).toBeLessThanOrEqual(1.05 * stores * six.bytes)
  // of which little is lost at each kill: what comes between two checkpoints
  expect(undone / kills).toBeLessThanOrEqual(LOST_AT_MOST)
  console.log(
    `${kills} kills over ${stores} stores of ${six.bytes} bytes: ${served + fetched} served, ${undone} of them not durable at a kill; the last run fetched ${fetched}`,
  )
})
