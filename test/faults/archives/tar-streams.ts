import { gzipSync } from 'node:zlib'
import { flipBit, paxRecord, type RawTarEntry, rawTar, smallTar, smallZip } from '@pkgcache/core/testing'
import { type Bytes, served } from './kit.ts'

const file = (name: string, more: Partial<RawTarEntry> = {}): RawTarEntry => ({ name, content: 'x', ...more })
const first = file('bin/tool', { mode: 0o755 })

/** A sound tar with bytes of the second header's size field changed. */
function sizeField(bytes: string): Buffer {
  const tar = rawTar([first, file('x')])
  const header = tar.subarray(1024, 1536)
  header.write(bytes, 124, 'latin1')
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return tar
}

const sound = smallTar()
const zipped = gzipSync(sound)
const goes = 'goes on behind its end marker'

const STREAMS: readonly Bytes[] = [
  {
    what: 'a negative size (tar)',
    code: 'E_ARCHIVE',
    says: 'member "x": its size is not a number',
    bytes: () => sizeField('\xff'.repeat(12)),
  },
  {
    what: 'a size of letters (tar)',
    code: 'E_ARCHIVE',
    says: 'member "x": its size is not a number',
    bytes: () => sizeField('zzz'),
  },
  {
    what: 'a tar that ends in a header',
    code: 'E_ARCHIVE',
    says: 'in the middle of a block',
    bytes: () => sound.subarray(0, 700),
  },
  {
    what: 'a tar that ends in a body',
    code: 'E_ARCHIVE',
    says: 'in the middle of member "bin/tool"',
    bytes: () => sound.subarray(0, 3000),
  },
  {
    what: 'a tar without its end',
    code: 'E_ARCHIVE',
    says: 'without its end marker, after member "x"',
    bytes: () => rawTar([first, file('x')], { endBlocks: 0 }),
  },
  {
    what: 'a tar with half of its end',
    code: 'E_ARCHIVE',
    says: 'without its end marker, after member "x"',
    bytes: () => rawTar([first, file('x')], { endBlocks: 1 }),
  },
  {
    what: 'a tar with another behind it',
    code: 'E_POLICY',
    says: `${goes}, which comes after member "empty"`,
    bytes: () => Buffer.concat([sound, rawTar([file('evil')])]),
  },
  {
    what: 'a tar with text behind it',
    code: 'E_POLICY',
    says: goes,
    bytes: () => rawTar([first], { trailing: Buffer.alloc(512, 'evil') }),
  },
  { what: 'an empty tar', code: 'E_ARCHIVE', says: 'the archive holds nothing', bytes: () => rawTar([]) },
  {
    what: 'an empty tar.gz',
    code: 'E_ARCHIVE',
    says: 'the archive holds nothing',
    form: 'tar.gz',
    bytes: () => gzipSync(rawTar([])),
  },
  {
    what: 'a gzip of nothing',
    code: 'E_ARCHIVE',
    says: 'without its end marker',
    form: 'tar.gz',
    bytes: () => gzipSync(''),
  },
  {
    what: 'a gzip that is cut off',
    code: 'E_ARCHIVE',
    says: 'the gzip stream is damaged or truncated: unexpected end of file',
    form: 'tar.gz',
    bytes: () => zipped.subarray(0, -20),
  },
  {
    what: 'a gzip without its trailer',
    code: 'E_ARCHIVE',
    says: /unexpected end of file, after member "empty"/,
    form: 'tar.gz',
    bytes: () => zipped.subarray(0, -8),
  },
  {
    what: 'a gzip that ends in its header',
    code: 'E_ARCHIVE',
    says: 'the gzip stream is damaged or truncated',
    form: 'tar.gz',
    bytes: () => zipped.subarray(0, 9),
  },
  {
    what: 'a gzip with a wrong CRC',
    code: 'E_ARCHIVE',
    says: 'incorrect data check',
    form: 'tar.gz',
    bytes: () => flipBit(zipped, -8),
  },
  {
    what: 'a gzip with a wrong length',
    code: 'E_ARCHIVE',
    says: 'incorrect length check',
    form: 'tar.gz',
    bytes: () => flipBit(zipped, -4),
  },
  {
    what: 'a gzip with one bit flipped inside',
    code: 'E_ARCHIVE',
    says: 'the gzip stream is damaged',
    form: 'tar.gz',
    bytes: () => flipBit(zipped, 40),
  },
  {
    what: 'a gzip whose header asks for a dictionary of flags that do not exist',
    code: 'E_ARCHIVE',
    says: 'unknown header flags set',
    form: 'tar.gz',
    bytes: () => Buffer.concat([zipped.subarray(0, 3), Buffer.of(0xe0), zipped.subarray(4)]),
  },
  {
    what: 'a gzip with text behind it',
    code: 'E_ARCHIVE',
    says: /gzip stream/,
    form: 'tar.gz',
    bytes: () => Buffer.concat([zipped, Buffer.from('evil')]),
  },
  {
    what: 'a gzip with zeros behind it',
    code: 'E_ARCHIVE',
    says: 'bytes follow the end of the gzip stream',
    form: 'tar.gz',
    bytes: () => Buffer.concat([zipped, Buffer.alloc(16)]),
  },
  {
    what: 'a gzip with a second archive in a second member',
    code: 'E_POLICY',
    says: goes,
    form: 'tar.gz',
    bytes: () => Buffer.concat([zipped, gzipSync(rawTar([file('evil')]))]),
  },
  {
    what: 'a gzip in a gzip',
    code: 'E_ARCHIVE',
    says: 'in the middle of a block before its first member',
    form: 'tar.gz',
    bytes: () => gzipSync(zipped),
  },
]

const SOUND: readonly Bytes[] = [
  {
    what: 'a gzip of two members',
    form: 'tar.gz',
    bytes: () => Buffer.concat([gzipSync(sound.subarray(0, 2000)), gzipSync(sound.subarray(2000))]),
  },
  {
    what: 'archives in an archive',
    bytes: () =>
      rawTar([
        first,
        file('evil.tar', { content: rawTar([file('../x')]) }),
        file('bomb.zip', { content: smallZip() }),
      ]),
  },
  { what: 'a tar padded with zeros to a tape record', bytes: () => rawTar([first], { endBlocks: 20 }) },
  {
    what: 'a global header with a comment',
    bytes: () =>
      rawTar([
        { name: 'pax_global_header', type: 'g', content: paxRecord('comment', 'ab'.repeat(20)) },
        first,
      ]),
  },
  {
    what: 'a link to a file that is not there',
    bytes: () => rawTar([first, { name: 'bin/t', type: '2', linkName: 'tool2' }]),
  },
  {
    what: 'a link up and down again',
    bytes: () => rawTar([first, { name: 'lib/t', type: '2', linkName: '../bin/tool' }]),
  },
]

export const TAR_STREAMS = {
  'tar and gzip streams': served(STREAMS),
  'odd but sound': served(SOUND),
}
