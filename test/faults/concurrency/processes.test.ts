import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCache, type VerifyResult } from 'pkgcache'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { BIN, type Ran, runProgram } from '../../e2e/kit.ts'
import { type Six, servedSince, serveSix } from '../six.ts'

const KIB = 1024
const SMALL = [400, 300, 200, 100, 50, 5].map((size) => size * KIB)
const SLOW = { trickle: 8 * KIB, trickleMs: 10 }

const running: Six[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((six) => six.remove()))
})

async function six(...given: Parameters<typeof serveSix>): Promise<Six> {
  const served = await serveSix(...given)
  running.push(served)
  return served
}

const command = ({ dir }: Six, ...args: string[]): Promise<Ran> =>
  runProgram(BIN, args, { cwd: dir, env: { PKGCACHE_HOME: join(dir, 'home') } })

function start({ dir }: Six, ...args: string[]): { child: ChildProcess; ended: Promise<number | string> } {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: dir,
    stdio: 'ignore',
    env: { ...process.env, CI: '', PKGCACHE_HOME: join(dir, 'home') },
  })
  const ended = new Promise<number | string>((done) =>
    child.once('close', (code, signal) => done(code ?? signal ?? 'lost')),
  )
  return { child, ended }
}

/** Waits until upstream has sent so many bytes of packages. */
async function served(of: Six, bytes: number): Promise<void> {
  for (let waited = 0; servedSince(of.server, 0) < bytes; waited += 20) {
    if (waited > 20_000) throw new Error('upstream was not asked')
    await sleep(20)
  }
}

async function verified(of: Six): Promise<VerifyResult> {
  const cache = await createCache(of.config())
  const result = await cache.verify()
  await cache.close()
  return result
}

/** What lies in pkgcache's own folders that should be empty when nobody is at work. */
async function left(of: Six): Promise<string[]> {
  const folders = ['locks', 'tmp', 'parts'].map(async (folder) => {
    const names = await readdir(join(of.config().store, '.pkgcache', folder))
    return names.map((name) => `${folder}/${name}`)
  })
  return (await Promise.all(folders)).flat()
}

/** How often each path was asked for. */
function asked({ server }: Six): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { path } of server.requests) counts[path] = (counts[path] ?? 0) + 1
  return counts
}
const ONCE = Object.fromEntries(
  [...'abcdef'].flatMap((letter) => {
    const path = `/six-${letter}/1.0.0/six-${letter}.tar`
    return [
      [path, 1],
      [`${path}.sha256`, 1],
    ]
  }),
)

/** Runs that are in the store just now. */
async function runsIn(of: Six): Promise<number> {
  const names = await readdir(join(of.config().store, '.pkgcache', 'locks'))
  return names.filter((name) => name.startsWith('shared.')).length
}

describe('several processes on one store', () => {
  it('ten at once fetch each URL once between them', async () => {
    const of = await six(SMALL)
    const codes = await Promise.all(Array.from({ length: 10 }, () => start(of, 'run').ended))
    expect(codes).toEqual(Array.from({ length: 10 }, () => 0))
    expect(asked(of)).toEqual(ONCE)
    expect((await command(of, 'verify')).code).toBe(0)
    expect(await verified(of)).toMatchObject({ checked: 6, problems: [] })
    expect(await left(of)).toEqual([])
  })

  it('of which one is killed while the others wait for it: one of them goes on from there', async () => {
    // the largest of them takes 4 s: as long as all this needs
    const of = await six(SMALL, { trickle: 2 * KIB, trickleMs: 20 })
    const first = start(of, 'run')
    await served(of, 100 * KIB)
    const others = [start(of, 'run'), start(of, 'run'), start(of, 'run')]
    await vi.waitFor(async () => expect(await runsIn(of)).toBe(4), 10_000)
    first.child.kill('SIGKILL')
    expect(await Promise.all([first, ...others].map(({ ended }) => ended))).toEqual(['SIGKILL', 0, 0, 0])
    expect(servedSince(of.server, 0)).toBeLessThan(1.5 * of.bytes)
    expect(await verified(of)).toMatchObject({ checked: 6, problems: [] })
    // what the killed one left goes when a run begins: the others may have begun before
    expect(await start(of, 'run').ended).toBe(0)
    expect(await left(of)).toEqual([])
  })

  it('with other packages each: the index lists all of them', async () => {
    const of = await six(SMALL)
    const specs = (await createCache(of.config()).then(async (cache) => {
      await cache.close()
      return of.config().packages ?? []
    })) as { name: string }[]
    const codes = await Promise.all(specs.map(({ name }) => start(of, 'ensure', `${name}@1.0.0`).ended))
    expect(codes).toEqual([0, 0, 0, 0, 0, 0])
    const listed = JSON.parse((await command(of, 'list', '--json')).stdout) as { packages: unknown[] }
    expect(listed.packages.length).toBe(6)
    expect(asked(of)).toEqual(ONCE)
    expect((await verified(of)).problems).toEqual([])
  })

  it('prune waits for a run, and takes nothing from under it', async () => {
    const of = await six(SMALL, SLOW)
    const run = start(of, 'run')
    await served(of, 50 * KIB)
    const order: string[] = []
    const pruned = command(of, 'prune', '--older-than', '0s', '--json').then((ran) => {
      order.push('prune')
      return ran
    })
    expect(await run.ended.then((code) => [code, order.push('run')])).toEqual([0, 1])
    const { code, stdout } = await pruned
    expect([code, order, (JSON.parse(stdout) as { removed: unknown[] }).removed.length]).toEqual([
      0,
      ['run', 'prune'],
      6,
    ])
    expect(await verified(of)).toMatchObject({ checked: 0, problems: [] })
    expect((await command(of, 'run')).code).toBe(0)
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('one that gets %s ends with %i, and the next fetches the rest only', async (signal, code) => {
    const of = await six(SMALL, SLOW)
    const run = start(of, 'run')
    await served(of, 400 * KIB)
    run.child.kill(signal)
    expect(await run.ended).toBe(code)
    expect((await verified(of)).problems).toEqual([])
    const held = (await left(of)).filter((name) => !name.startsWith('parts/'))
    expect(held).toEqual([])
    const before = of.server.requests.length
    expect((await command(of, 'run')).code).toBe(0)
    expect(servedSince(of.server, before)).toBeLessThan(of.bytes - 200 * KIB)
    expect(await left(of)).toEqual([])
  })
})

// as a process of this machine signs its locks; its id is above the kernel's largest
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const me = {
  host: hostname(),
  space: boot + readlinkSync('/proc/self/ns/pid'),
  pid: 2 ** 22 + 1,
  started: '1',
}

describe('a lock', () => {
  it.each<readonly [string, string, number]>([
    ['of a dead process', JSON.stringify(me), 0],
    ['of another machine that is silent for minutes', JSON.stringify({ ...me, host: 'elsewhere' }), 300],
    ['that is empty, and old', '', 300],
    ['that holds something else, and is old', '[1]', 300],
    ['of an id that another process has by now', JSON.stringify({ ...me, pid: process.pid }), 0],
  ])('%s holds nobody up', async (_, text, age) => {
    const of = await six([KIB])
    const folder = join(of.config().store, '.pkgcache/locks')
    await mkdir(folder, { recursive: true })
    const names = ['store', 'index', 'shared.4194305.0123456789ab']
    for (const name of names) {
      await writeFile(join(folder, name), text)
      const at = Date.now() / 1000 - age
      await utimes(join(folder, name), at, at)
    }
    expect((await command(of, 'run')).code).toBe(0)
    expect((await command(of, 'prune', '--older-than', '1d')).code).toBe(0)
    expect(await left(of)).toEqual([])
  })
})
