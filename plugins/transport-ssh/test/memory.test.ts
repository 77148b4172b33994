import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deliveryOf, leftOut, sshdAvailable, transportContext } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import { bench } from './kit.ts'

const SUITE = 'what a node remembers'
const PATH = 'runc/runc-1.3.0-amd64.tar.zst'

describe.skipIf(leftOut(SUITE, sshdAvailable()))(SUITE, () => {
  const at = bench()
  const ctx = transportContext()
  const memory = () => join(at.root, '.pkgcache', 'digests')

  it('is a line for each file, of its last state only', async () => {
    const session = await at.open()
    for (const size of [1000, 2000, 3000]) {
      const delivery = await deliveryOf(join(at.folder, 'a'), randomBytes(size), PATH)
      await session.place(delivery, ctx)
      const { ino } = await stat(join(at.root, PATH))
      const lines = (await readFile(memory(), 'utf8')).trimEnd().split('\n')
      expect(lines.map((line) => line.split('\t').slice(1))).toEqual([[join(at.root, PATH), delivery.sha256]])
      expect(lines[0]).toMatch(new RegExp(`^${ino}:${size}:\\S+ \\S+ \\+0000\\|\\S+ \\S+ \\+0000\t`))
    }
    expect((await stat(memory())).mode & 0o777).toBe(0o644)
  })

  it('spares hashing what did not change, and not what did', async () => {
    const session = await at.open()
    const delivery = await deliveryOf(join(at.folder, 'a'), randomBytes(5000), PATH)
    await session.place(delivery, ctx)
    // a memory that lies shows that it is asked: no hashing could come to this
    const truth = await readFile(memory(), 'utf8')
    await writeFile(memory(), truth.replace(delivery.sha256, 'f'.repeat(64)))
    expect(await session.check(delivery, ctx)).toBe('differs')
    expect(await session.check({ ...delivery, rehash: true }, ctx)).toBe('present')
    expect(await readFile(memory(), 'utf8')).toBe(truth)
  })

  it.each([
    ['one byte changed, times put back', { keepTimes: true }],
    ['one byte changed', { keepTimes: false }],
  ])('finds a file of the same size with %s', async (_title, { keepTimes }) => {
    const session = await at.open()
    const content = randomBytes(5000)
    const delivery = await deliveryOf(join(at.folder, 'a'), content, PATH)
    await session.place(delivery, ctx)
    const file = join(at.root, PATH)
    const { atime, mtime } = await stat(file)
    const spoiled = Buffer.from(content)
    spoiled.writeUInt8(spoiled.readUInt8(2500) ^ 1, 2500)
    await writeFile(file, spoiled)
    if (keepTimes) await utimes(file, atime, mtime)
    expect(await session.check({ ...delivery, rehash: true }, ctx)).toBe('differs')
    expect(await session.place({ ...delivery, rehash: true }, ctx)).toEqual({
      state: 'sent',
      sentBytes: 5000,
    })
    expect(content.equals(await readFile(file))).toBe(true)
    expect(await session.place(delivery, ctx)).toEqual({ state: 'present', sentBytes: 0 })
  })

  it('is not kept through a link', async () => {
    await mkdir(join(at.folder, 'elsewhere'))
    await symlink(join(at.folder, 'elsewhere'), join(at.root, '.pkgcache'))
    const session = await at.open()
    const delivery = await deliveryOf(join(at.folder, 'a'), randomBytes(5000), PATH)
    expect(await session.place(delivery, ctx)).toMatchObject({ state: 'sent' })
    expect(await session.place(delivery, ctx)).toMatchObject({ state: 'present' })
    expect(await readdir(join(at.folder, 'elsewhere'))).toEqual([])
  })

  it('tells what was delivered from what is of others', async () => {
    const session = await at.open()
    const kept = 'win32/x64/Python/3.12.10/python.zip'
    for (const path of [PATH, kept]) {
      await session.place(await deliveryOf(join(at.folder, 'a'), randomBytes(100), path), ctx)
    }
    await writeFile(join(at.root, 'runc', 'notes.txt'), 'mine')
    await writeFile(join(at.root, '.hidden'), 'not shown')
    await symlink('/etc/hostname', join(at.root, 'link'))
    expect(await session.list(ctx)).toEqual([
      { remotePath: 'runc/notes.txt', size: 4, delivered: false },
      { remotePath: PATH, size: 100, delivered: true },
      { remotePath: kept, size: 100, delivered: true },
    ])
    await session.remove(PATH, ctx)
    await session.remove(PATH, ctx)
    expect((await session.list(ctx)).map(({ remotePath }) => remotePath)).toEqual(['runc/notes.txt', kept])
    await rm(at.root, { recursive: true })
    expect(await session.list(ctx)).toEqual([])
  })

  it('says what machine it is', async () => {
    const expected = { x64: 'amd64', arm64: 'arm64' }[process.arch as 'x64' | 'arm64'] ?? process.arch
    expect(await (await at.open()).arch(ctx)).toBe(expected)
  })
})
