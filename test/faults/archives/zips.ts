import { crc32 } from 'node:zlib'
import { flipBit, type RawZipEntry, rawTar, rawZip, smallZip } from '@pkgcache/core/testing'
import { type Bytes, served } from './kit.ts'

const first: RawZipEntry = { name: 'bin/tool', content: '#!/bin/sh\necho tool\n', mode: 0o100755 }
const file = (name: string | Uint8Array, more: Partial<RawZipEntry> = {}): RawZipEntry => ({
  name,
  content: 'content of a file',
  ...more,
})
const u64 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(8 * values.length)
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), index * 8)
  return bytes
}
const extra = (id: number, data: Buffer): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id)
  head.writeUInt16LE(data.length, 2)
  return Buffer.concat([head, data])
}
/** Info-ZIP's field: a name in UTF-8, and the CRC of the one it is meant to replace (APPNOTE 4.6.9). */
const unicodePath = (name: string, path: string): Buffer => {
  const head = Buffer.of(1, 0, 0, 0, 0)
  head.writeUInt32LE(crc32(name), 1)
  return extra(0x7075, Buffer.concat([head, Buffer.from(path)]))
}
const lies = (
  what: string,
  more: Partial<RawZipEntry>,
  says: string | RegExp,
  code: Bytes['code'] = 'E_ARCHIVE',
): Bytes => ({
  what,
  code,
  says,
  form: 'zip',
  bytes: () => rawZip([first, file('x', more)]),
})

const HEADERS: readonly Bytes[] = [
  lies('a wrong CRC', { crc: 1 }, 'member "x" does not match its CRC-32'),
  lies('more content than stated', { size: 2 }, 'member "x"'),
  lies('less content than stated', { size: 2000 }, 'member "x"'),
  lies('a compressed size that is too small', { compressedSize: 3 }, 'member "x"'),
  lies('a compressed size that is too large', { compressedSize: 5000 }, /member "x"|the zip/),
  lies(
    'another name in its own header',
    { local: { name: 'y' } },
    'member "x" has name "y" in its own header',
  ),
  lies(
    'a name outside in its own header',
    { local: { name: '../y' } },
    'member "x" has name "../y" in its own header',
  ),
  lies('another size in its own header', { local: { size: 9 } }, 'member "x" has size 9 in its own header'),
  lies('another CRC in its own header', { local: { crc: 9 } }, 'member "x" has CRC 9 in its own header'),
  lies(
    'another method in its own header',
    { local: { method: 0 } },
    'member "x" has compression method 0 in its own header',
  ),
  lies(
    'other flags in its own header',
    { local: { flags: 0 } },
    'member "x" has flags 0x0 in its own header',
  ),
  lies('encrypted', { flags: 0x801 }, 'member "x" is encrypted'),
  lies('strongly encrypted', { flags: 0x841 }, 'member "x" is damaged or cannot be read: strong encryption'),
  lies('a method that is not read', { method: 12 }, 'member "x" uses compression method 12'),
  lies('a name flagged as UTF-8 that is none', { name: Buffer.from('caf\xe9', 'latin1') }, 'not valid UTF-8'),
  lies(
    'zip64 sizes that are lies',
    { size: 0xffffffff, compressedSize: 0xffffffff, extra: extra(1, u64(2 ** 40, 2 ** 40)) },
    /member "x"|the zip/,
  ),
  lies(
    'zip64 sizes that are missing',
    { size: 0xffffffff, compressedSize: 0xffffffff },
    /member "x"|the zip/,
  ),
  lies(
    'a Unicode path outside',
    { extra: unicodePath('x', '../y') },
    'member "../y" has a path that leads out',
    'E_POLICY',
  ),
  lies(
    'a folder with content',
    { name: 'd/', mode: 0o040755 },
    'member "d/" is a folder with 17 bytes of content',
  ),
  lies(
    'a symlink of 5 kB',
    { mode: 0o120777, content: 'x'.repeat(5000) },
    'member "x" is a link of 5000 bytes',
  ),
  lies('a member at an offset beyond the file', { offset: 1_000_000 }, 'member "x"'),
]

const sound = smallZip()

const FILES: readonly Bytes[] = [
  {
    what: 'a member within the body of another',
    code: 'E_ARCHIVE',
    says: 'member "x" overlaps another member',
    form: 'zip',
    bytes: () =>
      rawZip([{ name: 'outer', method: 0, content: rawZip([file('x')]) }, file('x', { offset: 30 + 5 })]),
  },
  {
    what: 'a Unicode path for another name, which does not count',
    form: 'zip',
    bytes: () => rawZip([first, file('x', { extra: unicodePath('other', '../y') })]),
  },
  {
    what: 'one body for two members',
    code: 'E_ARCHIVE',
    says: 'overlaps another member',
    form: 'zip',
    bytes: () => rawZip([file('x'), file('x', { offset: 0 })]),
  },
  {
    what: 'bytes before the first member',
    code: 'E_ARCHIVE',
    says: /the zip|E_FORMAT/,
    form: 'zip',
    bytes: () => rawZip([first], { prefix: Buffer.from('PK\x03\x04 no member') }),
  },
  {
    what: 'bytes before the directory',
    code: 'E_ARCHIVE',
    says: 'the zip',
    form: 'zip',
    bytes: () => rawZip([first], { gap: Buffer.alloc(100), count: 2 }),
  },
  {
    what: 'bytes behind the end',
    code: 'E_ARCHIVE',
    says: 'the zip',
    form: 'zip',
    bytes: () => rawZip([first], { trailing: Buffer.from('evil') }),
  },
  {
    what: 'a count that is too small',
    code: 'E_ARCHIVE',
    says: 'the zip',
    form: 'zip',
    bytes: () => rawZip([first, file('x')], { count: 1 }),
  },
  {
    what: 'a count that is too large',
    code: 'E_ARCHIVE',
    says: /the zip|member/,
    form: 'zip',
    bytes: () => rawZip([first], { count: 3 }),
  },
  {
    what: 'a zip without its end',
    code: 'E_ARCHIVE',
    says: 'the zip is damaged or truncated',
    form: 'zip',
    bytes: () => sound.subarray(0, -22),
  },
  {
    what: 'a zip cut in the middle',
    code: 'E_ARCHIVE',
    says: 'the zip is damaged or truncated',
    form: 'zip',
    bytes: () => sound.subarray(0, 300),
  },
  {
    what: 'a zip with one bit flipped inside',
    code: 'E_ARCHIVE',
    says: 'member',
    form: 'zip',
    bytes: () => flipBit(sound, 120),
  },
  {
    what: 'an empty zip',
    code: 'E_ARCHIVE',
    says: 'the archive holds nothing',
    form: 'zip',
    bytes: () => rawZip([]),
  },
  {
    what: 'a zip of zeros behind its magic',
    code: 'E_ARCHIVE',
    says: 'the zip',
    form: 'zip',
    bytes: () => Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(2000)]),
  },
  { what: 'a zip64 that is sound', form: 'zip', bytes: () => rawZip([first], { zip64: true }) },
  {
    what: 'archives in a zip',
    form: 'zip',
    bytes: () => rawZip([first, file('evil.tar', { content: rawTar([{ name: '../x', content: 'x' }]) })]),
  },
]

export const ZIPS = { 'zip headers': served(HEADERS), 'zip files': served(FILES) }
