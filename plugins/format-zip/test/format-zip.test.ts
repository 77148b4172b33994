import {
  flipBit,
  formatConformance,
  type ReadMember,
  rawTar,
  rawZip,
  readFormat,
  SMALL_MEMBERS,
  SMALL_MTIME,
  smallTar,
  smallZip,
} from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import zip from '../src/index.ts'

const valid = smallZip()
const content = (index: number): Buffer => Buffer.from(SMALL_MEMBERS[index]?.content ?? '')
const members: readonly ReadMember[] = [
  { path: 'bin/', type: 'directory', mode: 0o755, size: 0, mtime: SMALL_MTIME, content: Buffer.alloc(0) },
  {
    path: 'bin/tool',
    type: 'file',
    mode: 0o755,
    size: content(1).length,
    mtime: SMALL_MTIME,
    content: content(1),
  },
  {
    path: 'bin/tool-link',
    type: 'symlink',
    mode: 0o777,
    size: 0,
    mtime: SMALL_MTIME,
    linkName: 'tool',
    content: Buffer.alloc(0),
  },
  { path: 'README', type: 'file', mode: 0o644, size: 7, mtime: SMALL_MTIME, content: content(3) },
  { path: 'empty', type: 'file', mode: 0o644, size: 0, mtime: SMALL_MTIME, content: Buffer.alloc(0) },
]
const two = rawZip([
  { name: 'a', content: 'first' },
  { name: 'b', content: 'second' },
])
const large = rawZip([
  { name: 'one', content: Buffer.alloc(80 * 1024 * 1024) },
  { name: 'two', content: Buffer.alloc(80 * 1024 * 1024), mode: 0, method: 0 },
])

function only(entry: Partial<Parameters<typeof rawZip>[0][number]>): Buffer {
  return rawZip([{ name: 'a', content: 'hello', ...entry }])
}

async function firstMember(bytes: Uint8Array): Promise<ReadMember | undefined> {
  return (await readFormat(zip(), bytes))?.members?.[0]
}

describe('format-zip', () => {
  const cases = formatConformance({
    plugin: () => zip(),
    valid: { bytes: valid, hint: 'zip', expected: { format: 'zip', members } },
    foreign: {
      tar: smallTar(),
      'a text': Buffer.from('PKzip is a program\n'),
      'a program with a zip behind': Buffer.concat([Buffer.from('MZ'), valid]),
      empty: Buffer.alloc(0),
    },
    truncated: {
      'magic only': valid.subarray(0, 4),
      'half of it': valid.subarray(0, valid.length >> 1),
      'no end record': valid.subarray(0, -22),
      'last byte missing': valid.subarray(0, -1),
    },
    damaged: {
      'one bit in the data': flipBit(two, 33),
      'data behind the end record': rawZip([{ name: 'a' }], { trailing: Buffer.from('more') }),
      'a comment longer than stated': Buffer.concat([rawZip([], { comment: 'x' }), Buffer.from('y')]),
      'another zip before': Buffer.concat([two, valid]),
      'another zip before, offsets counting it': rawZip([{ name: 'a' }], { prefix: two }),
      'more members than counted': rawZip([{ name: 'a' }, { name: 'b' }], { count: 1 }),
      'fewer members than counted': rawZip([{ name: 'a' }], { count: 2 }),
    },
    large: () => large,
  })
  for (const { name, run } of cases) it(name, run)

  it('keeps the order of the directory and reads zip64, an empty zip and gaps', async () => {
    const gap = rawZip([{ name: 'a', content: 'hello' }], {
      gap: Buffer.alloc(100),
      zip64: true,
      comment: 'ok',
    })
    expect((await firstMember(gap))?.content.toString()).toBe('hello')
    expect(await readFormat(zip(), rawZip([]))).toEqual({ format: 'zip', members: [] })
    expect((await readFormat(zip(), two))?.members?.map(({ path }) => path)).toEqual(['a', 'b'])
  })

  it('reads what a streaming writer leaves for the data descriptor', async () => {
    expect((await firstMember(only({ flags: 0x808 })))?.content.toString()).toBe('hello')
    // libarchive states the size all the same
    const stated = only({ flags: 0x808, local: { size: 5 } })
    expect((await firstMember(stated))?.content.toString()).toBe('hello')
  })

  it.each([
    ['encrypted', { flags: 0x801 }, 'member "a" is encrypted'],
    [
      'strongly encrypted',
      { flags: 0x841 },
      'member "a" is damaged or cannot be read: strong encryption is not supported',
    ],
    ['another method', { method: 12 }, 'member "a" uses compression method 12; only 0 and 8 are read'],
    [
      'another name',
      { local: { name: 'b' } },
      'member "a" has name "b" in its own header, unlike in the central directory',
    ],
    [
      'another method',
      { local: { method: 0 } },
      'member "a" has compression method 0 in its own header, unlike in the central directory',
    ],
    [
      'another size',
      { local: { size: 6 } },
      'member "a" has size 6 in its own header, unlike in the central directory',
    ],
    [
      'another compressed size',
      { local: { compressedSize: 1 } },
      'member "a" has compressed size 1 in its own header, unlike in the central directory',
    ],
    [
      'another CRC',
      { local: { crc: 0xab } },
      'member "a" has CRC ab in its own header, unlike in the central directory',
    ],
    [
      'other flags',
      { local: { flags: 0x801 } },
      'member "a" has flags 0x801 in its own header, unlike in the central directory',
    ],
    ['wrong CRC', { crc: 1 }, 'member "a" does not match its CRC-32'],
    ['shorter than stated', { size: 6 }, 'member "a" holds 5 bytes, not the 6 stated'],
    ['longer than stated', { size: 4 }, 'member "a" is longer than the 4 bytes stated'],
    ['stored with two sizes', { method: 0, size: 6 }, 'member "a" is stored, but states 5 and 6 bytes'],
    [
      'data behind the compressed',
      { data: Buffer.concat([Buffer.from('03000000', 'hex')]), size: 0, crc: 0 },
      'member "a" has 2 bytes behind its compressed data',
    ],
    [
      'a name that is no UTF-8',
      { name: Buffer.from([0x61, 0xff]) },
      'member "a�" has a name that is not valid UTF-8',
    ],
    [
      'a name with an escape sequence',
      { name: '\u001b[2J', flags: 0x801 },
      'member "\\\\u001b[2J" is encrypted',
    ],
    [
      'a folder with content',
      { name: 'a/', mode: 0o40755 },
      'member "a/" is a folder with 5 bytes of content',
    ],
    ['a long link', { mode: 0o120777, content: 'x'.repeat(4097) }, 'member "a" is a link of 4097 bytes'],
    [
      'a link that is no UTF-8',
      { mode: 0o120777, content: Buffer.from([0xff]) },
      'member "a" is a link to a name that is not valid UTF-8',
    ],
    [
      'an extra field too long',
      { extra: Buffer.from('5554ff00', 'hex') },
      'member "a" is damaged or cannot be read: extra field length exceeds extra field buffer size',
    ],
    [
      'an offset to nowhere',
      { offset: 7 },
      'member "a" is damaged or truncated: invalid local file header signature: 0xa3000808',
    ],
  ])('names the member: %s', async (_name, entry, message) => {
    await expect(readFormat(zip(), only(entry))).rejects.toMatchObject({ code: 'E_ARCHIVE', message })
  })

  it.each([
    [
      'twice the same data',
      [
        { name: 'a', content: 'x' },
        { name: 'a', content: 'x', offset: 0 },
      ],
    ],
    [
      'data within data',
      [
        { name: 'a', method: 0, content: rawZip([{ name: 'b' }]) },
        { name: 'b', offset: 31 },
      ],
    ],
  ])('refuses overlapping members: %s', async (_name, entries) => {
    await expect(readFormat(zip(), rawZip(entries))).rejects.toMatchObject({
      code: 'E_ARCHIVE',
      message: expect.stringMatching(/^member "[ab]" overlaps another member$/),
    })
  })

  it.each([
    ['a device', 0o020644],
    ['a FIFO', 0o010644],
    ['a socket', 0o140644],
  ])('refuses %s', async (_name, mode) => {
    await expect(readFormat(zip(), only({ mode }))).rejects.toMatchObject({
      code: 'E_POLICY',
      message: 'member "a" is a device, FIFO or socket',
    })
  })

  it.each([
    ['a plain text', 'hello', 0o644],
    ['a script', '#!/bin/sh\n', 0o755],
    ['ELF', Buffer.from('7f454c4602', 'hex'), 0o755],
    ['Mach-O', Buffer.from('cffaedfe07', 'hex'), 0o755],
    ['nothing', '', 0o644],
  ])('gives %s a mode where the archive has none', async (_name, text, mode) => {
    for (const entry of [{ host: 0 }, { host: 10, externalAttributes: 0x20 }, { mode: 0 }]) {
      const member = await firstMember(only({ ...entry, content: text }))
      expect(member).toMatchObject({ type: 'file', mode, content: Buffer.from(text) })
    }
  })

  it('keeps Unix modes of both hosts that have them, and knows folders by any sign', async () => {
    expect(await firstMember(only({ mode: 0o104711 }))).toMatchObject({ mode: 0o4711 })
    expect(await firstMember(only({ host: 19, mode: 0o100600 }))).toMatchObject({ mode: 0o600 })
    for (const entry of [
      { name: 'd/', host: 0 },
      { name: 'd', host: 0, externalAttributes: 0x10 },
      { name: 'd', mode: 0o40755 },
    ]) {
      expect(await firstMember(only({ ...entry, content: '' }))).toMatchObject({
        type: 'directory',
        mode: 0o755,
      })
    }
  })

  it.each([
    ['backslashes', 'a\\b', 0x800, 'a\\b'],
    ['a way out', '../../etc/passwd', 0x800, '../../etc/passwd'],
    ['an absolute path', '/etc/passwd', 0x800, '/etc/passwd'],
    ['a drive', 'C:\\x', 0x800, 'C:\\x'],
    ['UTF-8', 'é', 0x800, 'é'],
    ['CP437', Buffer.from([0x82]), 0, 'é'],
  ])('leaves names to core: %s', async (_name, name, flags, path) => {
    expect((await firstMember(only({ name, flags })))?.path).toBe(path)
  })

  it.each([
    ['the DOS time as UTC', {}, SMALL_MTIME],
    ['the extended timestamp', { extra: Buffer.from('55540500010000f165', 'hex') }, 0x65f10000],
    ['nothing before 1970', { extra: Buffer.from('5554050001000000ff', 'hex') }, 0],
  ])('takes as mtime: %s', async (_name, entry, mtime) => {
    const before = process.env.TZ
    for (const zone of ['America/New_York', 'Asia/Tokyo']) {
      process.env.TZ = zone
      expect((await firstMember(only(entry)))?.mtime).toBe(mtime)
    }
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  })

  it('does not take a tar for a zip because of what it holds', async () => {
    expect(await readFormat(zip(), rawTar([{ name: 'a.zip', content: valid }]))).toBeUndefined()
  })
})
