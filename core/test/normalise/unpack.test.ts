import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import formatTar from '../../../plugins/format-tar/src/index.ts'
import formatZip from '../../../plugins/format-zip/src/index.ts'
import { judgedMembers } from '../../src/normalise/members.ts'
import type { Member } from '../../src/plugins/types.ts'
import { callScope } from '../../src/run/context.ts'
import { smallTar, smallZip } from '../../testing/archives.ts'
import { faultLine } from '../support/fault.ts'
import { fileMember, listed } from '../support/repack.ts'
import { publish } from '../support/store.ts'
import { tempFolders } from '../support/temp.ts'
import { worldOf } from '../support/world.ts'

const folder = tempFolders()

async function read(members: AsyncIterable<Member>): Promise<string[]> {
  const lines: string[] = []
  for await (const { path, type, mode, linkName, body } of members) {
    const parts: Uint8Array[] = []
    for await (const part of body ?? []) parts.push(part)
    const content = body ? ` ${Buffer.concat(parts).length}` : ''
    lines.push(`${type} ${path} ${mode.toString(8)}${linkName ? ` → ${linkName}` : ''}${content}`)
  }
  return lines
}

const SMALL = [
  'directory bin 755',
  'file bin/tool 755 9020',
  'symlink bin/tool-link 777 → tool',
  'file README 644 7',
  'file empty 644 0',
]

/** A world whose store holds these bytes, kept as they are. */
async function stored(bytes: Buffer) {
  const world = worldOf(folder(), {}, [formatTar(), formatZip()])
  const kept = { type: 'kept', format: 'file', source_size: bytes.length } as const
  const record = await publish(world.store, {}, 'x', kept, 'tool.bin')
  const file = world.store.fileOf(record)
  writeFileSync(file, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const { unpack } = callScope(world.context()).store
  return { file, unpack, record: { ...record, size: bytes.length, sha256 } }
}

describe('unpacking a stored package', () => {
  it.each([
    ['a tar', smallTar()],
    ['a zip', smallZip()],
  ])('hands out the members of %s', async (_what, bytes) => {
    const { unpack, record } = await stored(bytes)
    expect(await read(unpack(record))).toEqual(SMALL)
  })

  it('refuses a file that is not the one recorded, before anything is read of it', async () => {
    const { file, unpack, record } = await stored(smallZip())
    writeFileSync(file, smallZip([{ path: 'evil', content: 'x' }]))
    expect(await faultLine(() => read(unpack(record)))).toMatch(
      /^E_CORRUPT: \S+\/tool\.bin has SHA-256 [0-9a-f]{64}, recorded is [0-9a-f]{64}$/,
    )
  })

  it('refuses what is no archive', async () => {
    const { unpack, record } = await stored(Buffer.from('MZ a program'))
    expect(await faultLine(() => read(unpack(record)))).toBe(
      'E_FORMAT: no format plugin recognises the download; it starts with "MZ a program"',
    )
  })

  it('passes over bodies that nobody reads', async () => {
    for (const bytes of [smallTar(), smallZip()]) {
      const { unpack, record } = await stored(bytes)
      const paths: string[] = []
      for await (const { path, body } of unpack(record)) {
        paths.push(path)
        // of one, the first part only
        if (path === 'bin/tool') for await (const _ of body ?? []) break
      }
      expect(paths).toEqual(['bin', 'bin/tool', 'bin/tool-link', 'README', 'empty'])
    }
  })
})

describe('members of a format plugin', () => {
  const signal = new AbortController().signal
  const members = (...all: Member[]) =>
    read(judgedMembers({ format: 'x', members: listed(all) }, { sourceBytes: 1000, signal }))

  it.each<readonly [string, Member[], string]>([
    [
      'a path that leads out',
      [fileMember('../x', 'x')],
      'E_POLICY: member "../x" has a path that leads out of the archive',
    ],
    [
      'a link out',
      [{ path: 'a', type: 'symlink', mode: 0o777, size: 0, mtime: 0, linkName: '../x' }],
      'E_POLICY: member "a" is a link to "../x", which leads out of the archive',
    ],
    [
      'a body longer than stated',
      [{ ...fileMember('a', 'xy'), size: 1 }],
      'E_ARCHIVE: member "a" has another size than its header says',
    ],
    [
      'a body shorter than stated',
      [{ ...fileMember('a', 'xy'), size: 3 }],
      'E_ARCHIVE: member "a" has another size than its header says',
    ],
    ['nothing', [], 'E_ARCHIVE: the archive holds nothing'],
  ])('refuses %s', async (_what, all, fault) => {
    expect(await faultLine(() => members(...all))).toBe(fault)
  })

  it('stops a bomb at its cap', async () => {
    const limits = { entries: 10, totalBytes: 100, ratio: 2, ratioFrom: 10 }
    const bomb = { format: 'x', members: listed([fileMember('a', 'x'.repeat(50))]) }
    expect(await faultLine(() => read(judgedMembers(bomb, { sourceBytes: 20, signal, limits })))).toBe(
      'E_POLICY: member "a" takes the archive over 2 times the size of the download',
    )
  })
})
