import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { Locks } from '../../src/store/locks.ts'
import { currentOwner } from '../../src/store/owner.ts'
import { faultOf } from '../support/fault.ts'
import { inSignal } from '../support/store.ts'
import { tempFolders } from '../support/temp.ts'

const HOLDER = fileURLToPath(new URL('./fixtures/hold-lock.ts', import.meta.url))
const folder = tempFolders()
const children: ChildProcessByStdio<Writable, Readable, null>[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Another process that holds a lock by the time this is done. */
async function holder(path: string, kind: 'key' | 'shared' | 'exclusive') {
  const args = ['--conditions=@pkgcache/source', '--import', 'jiti/register', HOLDER, path, kind]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('held\n')
  return child
}

/** True while `taking` is not done, asked after others had time to act. */
async function waits(taking: Promise<unknown>): Promise<boolean> {
  return Promise.race([taking.then(() => false), sleep(300, true)])
}

describe('a lock', () => {
  it('is taken by one at a time, in this process too', async () => {
    const locks = new Locks(folder())
    let inside = 0
    let most = 0
    const work = async () => {
      const release = await locks.key('tool', inSignal())
      most = Math.max(most, ++inside)
      await sleep(5)
      inside--
      await release()
    }
    await Promise.all(Array.from({ length: 10 }, work))
    expect(most).toBe(1)
  })

  it('of another key is another lock', async () => {
    const locks = new Locks(folder())
    const releases = [
      await locks.key('a', inSignal()),
      await locks.key('b', inSignal()),
      await locks.index(inSignal()),
    ]
    for (const release of releases) await release()
  })

  it('leaves nothing behind', async () => {
    const path = join(folder(), 'made', 'on', 'the', 'way')
    const locks = new Locks(path)
    for (const take of ['index', 'shared', 'exclusive'] as const) await (await locks[take](inSignal()))()
    await (await locks.key('a', inSignal()))()
    expect(readdirSync(path)).toEqual([])
    expect((statSync(path).mode & 0o777).toString(8)).toBe('700')
  })

  it('is waited for until cancelled', async () => {
    const locks = new Locks(folder())
    const release = await locks.key('tool', inSignal())
    const controller = new AbortController()
    const waiting = locks.key('tool', controller.signal)
    controller.abort()
    expect((await faultOf(() => waiting)).code).toBe('E_ABORTED')
    await release()
    await (await locks.key('tool', inSignal()))()
  })

  it('held by another process is waited for', async () => {
    const path = folder()
    const child = await holder(path, 'key')
    const taking = new Locks(path).key('tool', inSignal())
    expect(await waits(taking)).toBe(true)
    child.stdin.end()
    await (await taking)()
    expect(readdirSync(path)).toEqual([])
  })

  it('of a process that was killed is taken over', async () => {
    const path = folder()
    const child = await holder(path, 'key')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(readdirSync(path).length).toBe(1)
    await (await new Locks(path).key('tool', inSignal()))()
    expect(readdirSync(path)).toEqual([])
  })

  it('of a dead process is taken over by one of many only', async () => {
    const path = folder()
    const child = await holder(path, 'key')
    child.kill('SIGKILL')
    await once(child, 'exit')
    let inside = 0
    let most = 0
    const work = async () => {
      const release = await new Locks(path).key('tool', inSignal())
      most = Math.max(most, ++inside)
      await sleep(2)
      inside--
      await release()
    }
    await Promise.all(Array.from({ length: 8 }, work))
    expect(most).toBe(1)
  })
})

describe('the owner of a lock', () => {
  /** A key's lock file with the given owner, made by somebody else. */
  async function leftBy(owner: unknown, ageMs = 0): Promise<{ path: string; lock: string }> {
    const path = folder()
    const release = await new Locks(path).key('tool', inSignal())
    const [name = ''] = readdirSync(path)
    await release()
    const lock = join(path, name)
    writeFileSync(lock, typeof owner === 'string' ? owner : JSON.stringify(owner))
    const then = new Date(Date.now() - ageMs)
    utimesSync(lock, then, then)
    return { path, lock }
  }
  const me = currentOwner()

  it('is this process, by host, boot, id and start', () => {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    expect(me).toMatchObject({
      pid: process.pid,
      started: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19],
    })
    expect(me.space).toContain(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  })

  it.each<readonly [string, unknown, number]>([
    ['whose process id another one has now', { ...me, started: '1' }, 0],
    ['whose process is gone', { ...me, pid: 2 ** 22 + 1 }, 0],
    ['on another machine, silent for a minute', { ...me, host: 'elsewhere' }, 61_000],
    ['in another container, silent for a minute', { ...me, space: 'other' }, 61_000],
    ['that cannot be read, a minute ago', '', 61_000],
    ['that is nonsense, a minute ago', 'null', 61_000],
    ['without a process id, a minute ago', {}, 61_000],
  ])('%s is dead', async (_, owner, age) => {
    const { path } = await leftBy(owner, age)
    await (await new Locks(path).key('tool', inSignal(5000)))()
    expect(readdirSync(path)).toEqual([])
  })

  it.each<readonly [string, unknown, number]>([
    ['that lives, however long ago it wrote', me, 3_600_000],
    ['on another machine, heard of lately', { ...me, host: 'elsewhere' }, 30_000],
    ['in another container, heard of lately', { ...me, space: 'other' }, 30_000],
    ['that is just being written', '', 0],
    ['that is nonsense', 'null', 0],
  ])('%s is waited for', async (_, owner, age) => {
    const { path, lock } = await leftBy(owner, age)
    const controller = new AbortController()
    const taking = new Locks(path).key('tool', controller.signal)
    expect(await waits(taking)).toBe(true)
    controller.abort()
    expect((await faultOf(() => taking)).code).toBe('E_ABORTED')
    expect(readFileSync(lock, 'utf8')).toBe(typeof owner === 'string' ? owner : JSON.stringify(owner))
  })
})

describe('the store lock', () => {
  it('is shared by any number', async () => {
    const path = folder()
    const child = await holder(path, 'shared')
    const locks = new Locks(path)
    const releases = [await locks.shared(inSignal()), await locks.shared(inSignal())]
    for (const release of releases) await release()
    child.stdin.end()
  })

  it('kept exclusively keeps others out, in another process too', async () => {
    const path = folder()
    const child = await holder(path, 'exclusive')
    const sharing = new Locks(path).shared(inSignal())
    expect(await waits(sharing)).toBe(true)
    child.stdin.end()
    await (await sharing)()
  })

  it('is taken exclusively when the last sharer is done, and lets nobody in meanwhile', async () => {
    const path = folder()
    const child = await holder(path, 'shared')
    const locks = new Locks(path)
    const mine = await locks.shared(inSignal())
    const order: string[] = []
    const taking = locks.exclusive(inSignal()).then((release) => {
      order.push('exclusive')
      return release
    })
    expect(await waits(taking)).toBe(true)
    const late = locks.shared(inSignal()).then((release) => {
      order.push('late')
      return release
    })
    child.stdin.end()
    expect(await waits(taking)).toBe(true)
    await mine()
    await (await taking)()
    await (await late)()
    expect(order).toEqual(['exclusive', 'late'])
    expect(readdirSync(path)).toEqual([])
  })

  it('does not wait for a sharer that was killed', async () => {
    const path = folder()
    const child = await holder(path, 'shared')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await (await new Locks(path).exclusive(inSignal()))()
    expect(readdirSync(path)).toEqual([])
  })

  it('that is not got leaves the way free', async () => {
    const locks = new Locks(folder())
    const mine = await locks.shared(inSignal())
    const controller = new AbortController()
    const taking = locks.exclusive(controller.signal)
    expect(await waits(taking)).toBe(true)
    controller.abort()
    expect((await faultOf(() => taking)).code).toBe('E_ABORTED')
    await (await locks.shared(inSignal()))()
    await mine()
  })
})

describe('a locks folder', () => {
  it('that cannot be made is a fault of the store', async () => {
    const path = join(folder(), 'file')
    writeFileSync(path, '')
    mkdirSync(join(path, '..', 'other'))
    expect((await faultOf(() => new Locks(join(path, 'locks')).key('tool', inSignal()))).code).toBe('E_STORE')
  })
})
