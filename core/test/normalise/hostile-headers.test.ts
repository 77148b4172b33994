import { afterAll, describe, expect, it } from 'vitest'
import { paxRecord, type RawTarEntry, rawTar } from '../../testing/raw-tar.ts'
import { faultLine } from '../support/fault.ts'
import { repacker } from '../support/repack.ts'

const packing = repacker()
afterAll(() => expect(packing.leftovers(), 'a refused archive leaves nothing behind').toEqual([]))

const file = (name: string | Uint8Array, more: Partial<RawTarEntry> = {}): RawTarEntry => ({
  name,
  content: 'x',
  ...more,
})
const symlink = (name: string, linkName: string): RawTarEntry => ({ name, type: '2', linkName, mode: 0o777 })
const folder = (name: string): RawTarEntry => ({ name, type: '5', mode: 0o755 })
const gnuName = (type: 'L' | 'K', name: string): RawTarEntry => ({
  name: '././@LongLink',
  type,
  content: `${name}\0`,
  magic: 'ustar  \0',
})
const paxHeader = (...records: Buffer[]): RawTarEntry => ({
  name: 'PaxHeader',
  type: 'x',
  content: Buffer.concat(records),
})
const globalHeader = (...records: Buffer[]): RawTarEntry => ({
  name: 'pax_global_header',
  type: 'g',
  content: Buffer.concat(records),
})

type Case = readonly [what: string, entries: readonly RawTarEntry[], fault: string]

const TYPES: readonly Case[] = [
  [
    'a character device',
    [{ name: 'd', type: '3', devMajor: 1, devMinor: 3 }],
    'E_POLICY: member "d" is a character device',
  ],
  ['a block device', [{ name: 'd', type: '4', devMajor: 8 }], 'E_POLICY: member "d" is a block device'],
  ['a FIFO', [{ name: 'd', type: '6' }], 'E_POLICY: member "d" is a FIFO'],
  ['a FIFO with a size', [{ name: 'd', type: '6', content: 'x' }], 'E_POLICY: member "d" is a FIFO'],
  [
    'an old GNU sparse file',
    [{ name: 's', type: 'S', content: 'x' }],
    'E_POLICY: member "s" is a sparse file',
  ],
  ['a volume label', [{ name: 'v', type: 'V' }], 'E_POLICY: member "v" is a volume label'],
  [
    'a continuation',
    [{ name: 'm', type: 'M', content: 'x' }],
    'E_POLICY: member "m" is a continuation of another archive',
  ],
  ['a dump folder', [{ name: 'd', type: 'D', content: 'x' }], 'E_POLICY: member "d" is a GNU dump folder'],
  ['an unknown type', [{ name: 'u', type: 'Q' }], 'E_POLICY: member "u" is of unknown type "Q"'],
  [
    'a Solaris header',
    [{ name: 'u', type: 'X', content: 'x' }],
    'E_POLICY: member "u" is of unknown type "X"',
  ],
  [
    'a folder with a body',
    [{ ...folder('d'), content: 'evil' }],
    'E_ARCHIVE: member "d" is of type "5" with a body of 4 bytes',
  ],
  [
    'an old folder with a body',
    [{ name: 'd/', type: '0', content: 'evil' }],
    'E_ARCHIVE: member "d/" is of type "0" with a body of 4 bytes',
  ],
  [
    'a symlink with a body',
    [{ ...symlink('l', 'x'), content: 'evil' }],
    'E_ARCHIVE: member "l" is of type "2" with a body of 4 bytes',
  ],
]

const DUPLICATES: readonly Case[] = [
  ['a file twice', [file('a'), file('a')], 'E_POLICY: member "a" is there twice'],
  ['a file twice, spelt otherwise', [file('a/b'), file('./a//b')], 'E_POLICY: member "a/b" is there twice'],
  ['in other case', [file('Tool'), file('tool')], 'E_POLICY: member "tool" differs from Tool only in case'],
  [
    'in another normal form',
    [file('caf\u00e9'), file('cafe\u0301')],
    'E_POLICY: member "cafe\u0301" differs from caf\u00e9 only in case',
  ],
  ['a file and a folder', [file('a'), folder('a/')], 'E_POLICY: member "a" is there twice'],
  ['a folder and a file', [folder('a/'), file('a')], 'E_POLICY: member "a" is there twice'],
  ['folders in other case', [folder('A/'), folder('a/')], 'E_POLICY: member "a" differs from A only in case'],
  [
    'a file below a file',
    [file('a'), file('a/b')],
    'E_POLICY: member "a/b" lies below a, which is no folder',
  ],
  [
    'a file where others lie below',
    [file('a/b'), file('a')],
    'E_POLICY: member "a" is no folder, but other members lie below it',
  ],
  [
    'a file below a file in other case',
    [file('A'), file('a/b')],
    'E_POLICY: member "a/b" lies below A, which is no folder',
  ],
]

const PAX: readonly Case[] = [
  [
    'a path twice',
    [paxHeader(paxRecord('path', 'a'), paxRecord('path', '../b')), file('x')],
    'E_POLICY: member "x": a pax header gives "path" twice',
  ],
  [
    'two headers for one member',
    [paxHeader(paxRecord('path', 'a')), paxHeader(paxRecord('path', 'b')), file('x')],
    'E_POLICY: member "x": two extended headers of type "x" for one member: tar programs differ on which counts',
  ],
  [
    'two headers for one member, the first of no effect',
    [paxHeader(paxRecord('comment', 'a')), paxHeader(paxRecord('path', 'b')), file('x')],
    'E_POLICY: member "x": two extended headers of type "x" for one member: tar programs differ on which counts',
  ],
  [
    'two GNU names for one member',
    [gnuName('L', 'a'), gnuName('L', 'b'), file('x')],
    'E_POLICY: member "x": two extended headers of type "L" for one member: tar programs differ on which counts',
  ],
  [
    'a GNU name and a pax path that differ',
    [gnuName('L', 'a'), paxHeader(paxRecord('path', 'b')), file('x')],
    'E_POLICY: member "x" has two different path names: "a" and "b"',
  ],
  [
    'a GNU target and a pax target that differ',
    [gnuName('K', 'a'), paxHeader(paxRecord('linkpath', 'b')), symlink('x', 'c')],
    'E_POLICY: member "x" has two different link names: "a" and "b"',
  ],
  [
    'a global path',
    [globalHeader(paxRecord('path', 'a')), file('x')],
    'E_POLICY: member "x": a global pax header sets "path" for all members',
  ],
  [
    'a global size',
    [globalHeader(paxRecord('size', '1')), file('x')],
    'E_POLICY: member "x": a global pax header sets "size" for all members',
  ],
  [
    'a global target',
    [globalHeader(paxRecord('linkpath', 'a')), file('x')],
    'E_POLICY: member "x": a global pax header sets "linkpath" for all members',
  ],
  [
    'sparse 0.1',
    [file('x', { pax: { 'GNU.sparse.map': '0,1' } })],
    'E_POLICY: member "x": a pax header with "GNU.sparse.map" describes a sparse file',
  ],
  [
    'sparse 1.0',
    [file('x', { pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' } })],
    'E_POLICY: member "x": a pax header with "GNU.sparse.major" describes a sparse file',
  ],
  [
    'a sparse name',
    [file('x', { pax: { 'GNU.sparse.name': '../evil' } })],
    'E_POLICY: member "x": a pax header with "GNU.sparse.name" describes a sparse file',
  ],
  [
    'an unknown key',
    [file('x', { pax: { 'ACME.root': '/' } })],
    'E_POLICY: member "x": a pax header with "ACME.root" has a meaning that is not known',
  ],
  [
    'a size that is no number',
    [file('x', { pax: { size: '-1' } })],
    'E_ARCHIVE: member "x": a pax header holds size="-1"',
  ],
  [
    'an absolute path',
    [file('x', { pax: { path: '/etc/x' } })],
    'E_POLICY: member "/etc/x" has an absolute path',
  ],
  [
    'a size for a folder',
    [{ ...folder('d/'), pax: { size: '512' } }, file('x')],
    'E_ARCHIVE: member "d/" is of type "5" with a body of 512 bytes',
  ],
  [
    'a record without length',
    [{ ...paxHeader(), content: 'path=x\n' }, file('x')],
    'E_ARCHIVE: member "x": a pax header is damaged',
  ],
  [
    'a record that is too long',
    [{ ...paxHeader(), content: '99 path=x\n' }, file('x')],
    'E_ARCHIVE: member "x": a pax header is damaged',
  ],
  [
    'a record without newline',
    [{ ...paxHeader(), content: '9 path=xy' }, file('x')],
    'E_ARCHIVE: member "x": a pax header is damaged',
  ],
  [
    'a record without "="',
    [{ ...paxHeader(), content: '7 path\n' }, file('x')],
    'E_ARCHIVE: member "x": a pax header is damaged',
  ],
  [
    'a huge header',
    [{ ...paxHeader(), content: Buffer.alloc(65_537, 0x20) }, file('x')],
    'E_POLICY: the extended header "PaxHeader" has 65537 bytes (the most that is taken is 65536)',
  ],
  [
    'a header for no member',
    [file('x'), paxHeader(paxRecord('path', 'y'))],
    'E_ARCHIVE: the tar archive ends with a header that belongs to no member, after member "x"',
  ],
  [
    'a GNU name for no member',
    [file('x'), gnuName('L', 'y')],
    'E_ARCHIVE: the tar archive ends with a header that belongs to no member, after member "x"',
  ],
]

describe.each([
  ['types', TYPES],
  ['duplicates', DUPLICATES],
  ['extended headers', PAX],
] as const)('a hostile tar: %s', (_, cases) => {
  it.each(cases)('%s', async (_what, entries, fault) => {
    expect(await faultLine(() => packing.tar(rawTar(entries)))).toBe(fault)
  })
})
