import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deliveryOf, leftOut, sshdAvailable, transportContext } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import { partOf } from '../src/paths.ts'
import { bench } from './kit.ts'

const SUITE = 'parts on a node'
const PATH = 'runc/runc-1.3.0-amd64.tar.zst'
const FILE = 'runc-1.3.0-amd64.tar.zst'
/** A run that is over: there is no such process. */
const GONE = { run: '0badc0de', process: 2 ** 30 }
const MIB = 2 ** 20
const SIZE = 10 * MIB + 17

describe.skipIf(leftOut(SUITE, sshdAvailable()))(SUITE, () => {
  const at = bench()
  const ctx = transportContext()
  const content = randomBytes(SIZE)

  const prepare = async (left: Buffer) => {
    const delivery = await deliveryOf(join(at.folder, 'a'), content, PATH)
    await mkdir(join(at.root, 'runc'), { recursive: true })
    const part = partOf(join(at.root, PATH), delivery.sha256, GONE)
    await writeFile(part, left)
    return { delivery, part }
  }

  it.each<[what: string, left: (whole: Buffer) => Buffer, sent: number]>([
    ['half of the file', (whole) => whole.subarray(0, 5 * MIB), SIZE - 5 * MIB],
    ['nothing', () => Buffer.alloc(0), SIZE],
    ['all of it', (whole) => whole, 0],
    ['more than all of it', (whole) => Buffer.concat([whole, randomBytes(100)]), 0],
    [
      'a hole after 5 MiB',
      (whole) => Buffer.concat([whole.subarray(0, 5 * MIB), Buffer.alloc(MIB)]),
      SIZE - 4 * MIB,
    ],
    [
      'another first byte',
      (whole) => Buffer.concat([Buffer.from([255 - (whole[0] ?? 0)]), whole.subarray(1)]),
      SIZE,
    ],
    ['bytes of another file', () => randomBytes(6 * MIB), SIZE],
  ])('are gone on with when they hold %s', async (_what, left, sentBytes) => {
    const { delivery } = await prepare(left(content))
    const session = await at.open()
    expect(await session.place(delivery, ctx)).toEqual({ state: 'sent', sentBytes })
    expect(content.equals(await readFile(join(at.root, PATH)))).toBe(true)
    expect(await readdir(join(at.root, 'runc'))).toEqual([FILE])
  })

  it('of other versions and of other runs are removed', async () => {
    const { delivery } = await prepare(content.subarray(0, 6 * MIB))
    const target = join(at.root, PATH)
    await writeFile(partOf(target, 'f'.repeat(64), GONE), 'other bytes')
    await writeFile(partOf(target, delivery.sha256, GONE), content.subarray(0, MIB))
    await writeFile(
      join(at.root, 'runc', '.other-1.0-amd64.tar.zst.0123456789abcdef.0123.part'),
      'not its own',
    )
    const session = await at.open()
    expect(await session.place(delivery, ctx)).toMatchObject({ state: 'sent' })
    const names = await readdir(join(at.root, 'runc'))
    expect(names.sort()).toEqual(['.other-1.0-amd64.tar.zst.0123456789abcdef.0123.part', FILE])
  })

  it('are refused as links', async () => {
    const { delivery, part } = await prepare(Buffer.alloc(0))
    await rm(part)
    await symlink('/etc/hostname', part)
    const session = await at.open()
    await expect(session.place(delivery, ctx)).rejects.toMatchObject({
      code: 'E_NODE_SYMLINK',
      message: expect.stringContaining(part),
    })
  })

  it('that another run is filling are left to it, and taken when it has let them lie for a minute', async () => {
    const { delivery, part } = await prepare(content.subarray(0, 6 * MIB))
    // this process is there as long as this test
    const live = partOf(join(at.root, PATH), delivery.sha256, { run: '0badc0de', process: process.pid })
    await rename(part, live)
    const session = await at.open()
    expect(await session.place(delivery, ctx)).toEqual({ state: 'sent', sentBytes: SIZE })
    expect((await readdir(join(at.root, 'runc'))).length).toBe(2)
    await writeFile(join(at.root, PATH), 'another file')
    const before = new Date(Date.now() - 130_000)
    await utimes(live, before, before)
    expect(await session.place(delivery, ctx)).toEqual({ state: 'sent', sentBytes: SIZE - 6 * MIB })
    expect(await readdir(join(at.root, 'runc'))).toEqual([FILE])
  })

  it('that change while they are gone on with are begun anew', async () => {
    const { delivery } = await prepare(content.subarray(0, 8 * MIB))
    const session = await at.open()
    let spoiled = false
    const spoil = {
      ...ctx,
      progress: async () => {
        if (spoiled) return
        spoiled = true
        const [part = ''] = (await readdir(join(at.root, 'runc'))).filter((name) => name.endsWith('.part'))
        await truncate(join(at.root, 'runc', part), MIB)
      },
    }
    const { state, sentBytes } = await session.place(delivery, spoil)
    expect([state, sentBytes]).toEqual(['sent', SIZE - 8 * MIB + SIZE])
    expect(content.equals(await readFile(join(at.root, PATH)))).toBe(true)
  })

  it('serve two runs that send the same at the same time', async () => {
    const { delivery } = await prepare(content.subarray(0, MIB))
    const sessions = await Promise.all([at.open(), at.open({ name: 'again' })])
    const placed = await Promise.all(sessions.map((session) => session.place(delivery, ctx)))
    // the one that is later may find it there already
    expect(placed.map(({ state }) => state)).toContain('sent')
    expect(content.equals(await readFile(join(at.root, PATH)))).toBe(true)
    expect(await readdir(join(at.root, 'runc'))).toEqual([FILE])
  })
})
