import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../src/fetch/part.ts'
import { Parts } from '../../src/fetch/parts.ts'
import type { DigestAlgorithm, ExpectedDigest } from '../../src/model/digest.ts'
import { currentOwner } from '../../src/store/owner.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const MIB = 1 << 20
const BYTES = randomBytes(3 * MIB + 1234)
const hex = (bytes: Uint8Array, algorithm = 'sha256') => createHash(algorithm).update(bytes).digest('hex')
const URL_ = 'https://user:password@upstream.example/tool?version=1'
const DIGEST: ExpectedDigest = { algorithm: 'sha256', value: hex(BYTES), origin: 'pinned', from: 'a pin' }
const ALGORITHMS: readonly DigestAlgorithm[] = ['sha256', 'sha512']

const open = (dir: string, digests: readonly ExpectedDigest[] = [DIGEST], url = URL_): Promise<Part> =>
  new Parts(dir).open(url, digests, ALGORITHMS)

/** A part with the first `length` bytes, written in pieces as they come from a connection. */
async function begun(dir: string, length: number, options: Begin = {}): Promise<Part> {
  const part = await open(dir, options.digests)
  const validator = 'validator' in options ? options.validator : '"v1"'
  await part.begin({ servedBy: 'https://mirror.example/tool', validator, total: options.total })
  for (let at = 0; at < length; at += 70_000)
    await part.add(BYTES.subarray(at, Math.min(at + 70_000, length)))
  await part.settle()
  return part
}

interface Begin {
  readonly digests?: readonly ExpectedDigest[]
  readonly validator?: string | undefined
  readonly total?: number
}

/** Makes the one part in a folder look like that of another process. */
function ownedBy(dir: string, owner: object): void {
  const [journal = ''] = readdirSync(dir).filter((name) => name.endsWith('.journal'))
  const [first = '', ...rest] = readFileSync(join(dir, journal), 'utf8').split('\n')
  const header = { ...JSON.parse(first), owner: { ...currentOwner(), ...owner } }
  const lines = rest.filter((line) => !line.includes('released'))
  writeFileSync(join(dir, journal), [JSON.stringify(header), ...lines].join('\n'))
}

const bytesFile = (dir: string) =>
  join(dir, readdirSync(dir).find((name) => !name.endsWith('.journal')) ?? 'none')
// no process has this id: it is above the kernel's largest
const DEAD = { pid: 2 ** 22 + 1 }

/** Receives the rest and says what the whole hashes to. */
async function completed(part: Part): Promise<string[]> {
  await part.add(BYTES.subarray(part.size))
  const { sha256, sha512 } = await part.finish()
  const onDisk = hex(readFileSync(part.file))
  await part.discard()
  return [sha256, sha512 ?? '', onDisk]
}
const ALL_RIGHT = [hex(BYTES), hex(BYTES, 'sha512'), hex(BYTES)]

describe('a part', () => {
  it('that was kept is gone on with, to the byte', async () => {
    const dir = folder()
    await (await begun(dir, 2 * MIB + 17)).keep()
    const part = await open(dir)
    expect([part.size, part.validator, part.servedBy, part.isWhole]).toEqual([
      2 * MIB + 17,
      '"v1"',
      'https://mirror.example/tool',
      false,
    ])
    expect(await completed(part)).toEqual(ALL_RIGHT)
    expect(readdirSync(dir)).toEqual([])
  })

  it('of a dead process is gone on with, and its name is ours', async () => {
    const dir = folder()
    await (await begun(dir, 2 * MIB)).keep()
    const before = bytesFile(dir)
    ownedBy(dir, DEAD)
    const part = await open(dir)
    expect([part.size, existsSync(before), part.file === before]).toEqual([2 * MIB, false, false])
    expect(await completed(part)).toEqual(ALL_RIGHT)
  })

  it('of a living process is left alone', async () => {
    const dir = folder()
    const first = await begun(dir, 2 * MIB)
    const second = await open(dir)
    expect(second.size).toBe(0)
    await second.begin({ servedBy: 'https://mirror.example/tool', validator: '"v1"', total: undefined })
    expect(await completed(second)).toEqual(ALL_RIGHT)
    expect(await completed(first)).toEqual(ALL_RIGHT)
  })

  it('of a process that cannot be asked is copied once it is silent, so that no two write to one file', async () => {
    const dir = folder()
    await (await begun(dir, 2 * MIB)).keep()
    ownedBy(dir, { host: 'elsewhere' })
    const before = bytesFile(dir)
    const early = await open(dir)
    expect(early.size).toBe(0)
    utimesSync(before, 1, 1)
    const { ino } = statSync(before)
    const part = await open(dir)
    expect([part.size, existsSync(before)]).toEqual([2 * MIB, false])
    expect(statSync(part.file).ino).not.toBe(ino)
    expect(await completed(part)).toEqual(ALL_RIGHT)
  })

  it.each<readonly [string, (file: string) => void, number]>([
    [
      'whose end never reached the disk goes on from the last checkpoint before',
      (file) => truncateSync(file, 2 * MIB + 5),
      2 * MIB,
    ],
    ['with zeros where a page was lost goes on from before it', (file) => zero(file, MIB + 100), MIB],
    ['with a changed first byte begins anew', (file) => zero(file, 0), 0],
    [
      'with bytes nobody wrote down loses those',
      (file) => writeFileSync(file, 'more', { flag: 'a' }),
      3 * MIB,
    ],
  ])('%s', async (_, damage, size) => {
    const dir = folder()
    await (await begun(dir, 3 * MIB)).keep()
    damage(bytesFile(dir))
    const part = await open(dir)
    expect(part.size).toBe(size)
    expect(await completed(part)).toEqual(ALL_RIGHT)
  })

  it.each<readonly [string, Begin, number]>([
    ['without a validator is not gone on with', { validator: undefined }, 0],
    ['for other digests is another part', { digests: [{ ...DIGEST, value: '0'.repeat(64) }] }, 0],
  ])('%s', async (_, options, size) => {
    const dir = folder()
    await (await begun(dir, MIB, options)).keep()
    const part = await open(dir)
    expect(part.size).toBe(size)
  })

  it('is known by its URL without user and password', async () => {
    const dir = folder()
    await (await begun(dir, MIB)).keep()
    expect((await open(dir, [DIGEST], 'https://upstream.example/tool?version=2')).size).toBe(0)
    expect((await open(dir, [DIGEST], 'https://other:user@upstream.example/tool?version=1')).size).toBe(MIB)
    expect(readdirSync(dir).join()).not.toMatch(/upstream|password/)
  })

  it('that is whole needs no upstream where a digest decides', async () => {
    const dir = folder()
    const first = await begun(dir, BYTES.length, { validator: undefined })
    await first.finish()
    await first.keep()
    const part = await open(dir)
    expect([part.isWhole, part.size]).toEqual([true, BYTES.length])
    expect(await completed(part)).toEqual(ALL_RIGHT)
  })

  it('that is whole asks for its last byte where none does: upstream says whether it is still that file', async () => {
    const dir = folder()
    const first = await begun(dir, BYTES.length, { digests: [] })
    await first.finish()
    await first.keep()
    const part = await open(dir, [])
    expect([part.isWhole, part.size]).toEqual([false, BYTES.length - 1])
    expect(await completed(part)).toEqual(ALL_RIGHT)
  })

  it('whose process died before it could say so is whole when it has the announced length', async () => {
    const dir = folder()
    await (await begun(dir, BYTES.length, { total: BYTES.length })).keep()
    ownedBy(dir, DEAD)
    const part = await open(dir)
    expect(part.isWhole).toBe(true)
    expect(await completed(part)).toEqual(ALL_RIGHT)
  })

  it.each([
    ['empty', ''],
    ['no JSON', '{'],
    ['another schema', '{"part":2,"owner":{"pid":1},"servedBy":"x"}'],
    ['without an owner', '{"part":1,"servedBy":"x"}'],
    ['a list', '[1,2]'],
    ['null', 'null\nnull\nnull'],
    ['a number where an object is due', '{"part":1,"owner":7,"servedBy":"x"}'],
  ])('with a journal that is %s is none', async (_, text) => {
    const dir = folder()
    await (await begun(dir, MIB)).keep()
    writeFileSync(`${bytesFile(dir)}.journal`, text)
    expect((await open(dir)).size).toBe(0)
  })

  it.each([
    ['beyond the end', { at: 9 * MIB, sha256: 'f'.repeat(64) }],
    ['negative', { at: -1, sha256: 'f'.repeat(64) }],
    ['no number', { at: '5', sha256: 'f'.repeat(64) }],
    ['huge', { at: 2 ** 60, sha256: 'f'.repeat(64) }],
  ])('with a checkpoint %s goes on from the one before', async (_, line) => {
    const dir = folder()
    await (await begun(dir, MIB)).keep()
    writeFileSync(`${bytesFile(dir)}.journal`, `${JSON.stringify(line)}\n`, { flag: 'a' })
    const part = await open(dir)
    expect(part.size).toBe(MIB)
    expect(await completed(part)).toEqual(ALL_RIGHT)
  })

  it('takes the longest of several, and no other stays', async () => {
    const dir = folder()
    const parts = [await begun(dir, MIB), await begun(dir, 2 * MIB), await begun(dir, 17)]
    for (const part of parts) await part.keep()
    const part = await open(dir)
    expect(part.size).toBe(2 * MIB)
    await part.discard()
    expect(readdirSync(dir)).toEqual([])
  })
})

function zero(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
  writeFileSync(file, bytes)
}

describe('clearing', () => {
  const none = async () => new Set<string>()

  it('removes what was published after all', async () => {
    const dir = folder()
    const part = await begun(dir, BYTES.length)
    await part.finish()
    await part.keep()
    await new Parts(dir).clear(none)
    expect(readdirSync(dir).length).toBe(2)
    await new Parts(dir).clear(async () => new Set([hex(BYTES)]))
    expect(readdirSync(dir)).toEqual([])
  })

  it('keeps what is not finished for a week', async () => {
    const dir = folder()
    await (await begun(dir, MIB)).keep()
    const file = bytesFile(dir)
    const at = (days: number) => Date.now() / 1000 - days * 86_400
    utimesSync(file, at(6), at(6))
    await new Parts(dir).clear(none)
    expect(readdirSync(dir).length).toBe(2)
    utimesSync(file, at(8), at(8))
    await new Parts(dir).clear(none)
    expect(readdirSync(dir)).toEqual([])
  })

  it('removes bytes or a journal alone, not at once', async () => {
    const dir = folder()
    writeFileSync(join(dir, 'a.1.b'), 'bytes')
    writeFileSync(join(dir, 'c.1.d.journal'), '')
    await new Parts(dir).clear(none)
    expect(readdirSync(dir).length).toBe(2)
    for (const name of readdirSync(dir)) utimesSync(join(dir, name), 1, 1)
    await new Parts(dir).clear(none)
    expect(readdirSync(dir)).toEqual([])
  })

  it('leaves those of living processes alone, and asks for no record where there is no part', async () => {
    const dir = folder()
    await new Parts(dir).clear(() => Promise.reject(new Error('asked')))
    const part = await begun(dir, BYTES.length)
    await new Parts(dir).clear(async () => new Set([hex(BYTES)]))
    expect(await completed(part)).toEqual(ALL_RIGHT)
  })
})
