import { gzipSync } from 'node:zlib'
import { paxRecord, type RawTarEntry, rawTar } from '@pkgcache/core/testing'
import { type Bytes, served } from './kit.ts'

const file = (name: string | Uint8Array, more: Partial<RawTarEntry> = {}): RawTarEntry => ({
  name,
  content: 'x',
  ...more,
})
const first = file('bin/tool', { mode: 0o755 })
const gnu = (type: 'L' | 'K', name: string): RawTarEntry => ({
  name: '././@LongLink',
  type,
  content: `${name}\0`,
  magic: 'ustar  \0',
})
const pax = (type: 'x' | 'g', ...records: Buffer[]): RawTarEntry => ({
  name: 'PaxHeader/x',
  type,
  content: Buffer.concat(records),
})

/** The same in a plain and a gzipped tar. */
function both(
  table: readonly (readonly [
    what: string,
    entries: readonly RawTarEntry[],
    code: 'E_POLICY' | 'E_ARCHIVE',
    says: string,
  ])[],
): Bytes[] {
  return table.flatMap(([what, entries, code, says]) => {
    const tar = () => rawTar([first, ...entries])
    return [
      { what: `${what} (tar)`, code, says, bytes: tar },
      { what: `${what} (tar.gz)`, code, says, form: 'tar.gz', bytes: () => gzipSync(tar()) },
    ]
  })
}

const HEADERS = both([
  [
    'a pax path outside',
    [file('x', { pax: { path: '../evil' } })],
    'E_POLICY',
    'member "../evil" has a path that leads out',
  ],
  [
    'an absolute pax path',
    [file('x', { pax: { path: '/evil' } })],
    'E_POLICY',
    'member "/evil" has an absolute path',
  ],
  ['a pax path with a NUL', [file('x', { pax: { path: 'a\0/../b' } })], 'E_POLICY', 'control characters'],
  [
    'a pax path given twice',
    [pax('x', paxRecord('path', 'a'), paxRecord('path', 'b')), file('x')],
    'E_POLICY',
    'member "x": a pax header gives "path" twice',
  ],
  [
    'two pax headers',
    [pax('x', paxRecord('path', 'a')), pax('x', paxRecord('path', 'b')), file('x')],
    'E_POLICY',
    'member "x": two extended headers of type "x"',
  ],
  [
    'a pax target outside',
    [{ name: 'l', type: '2', linkName: 'x', pax: { linkpath: '/etc' } }],
    'E_POLICY',
    'member "l" is a link to /etc, outside',
  ],
  [
    'a pax size that hides a member',
    [file('x', { content: 'A'.repeat(512), pax: { size: '0' } }), file('y')],
    'E_ARCHIVE',
    'bad header after member "x"',
  ],
  [
    'a pax size that swallows members',
    [file('x', { pax: { size: '5000' } }), file('y')],
    'E_ARCHIVE',
    'in the middle of member "x"',
  ],
  [
    'a negative pax size',
    [file('x', { pax: { size: '-1' } })],
    'E_ARCHIVE',
    'member "x": a pax header holds size="-1"',
  ],
  [
    'an unknown pax key',
    [file('x', { pax: { 'ACME.root': '/' } })],
    'E_POLICY',
    'member "x": a pax header with "ACME.root"',
  ],
  [
    'a damaged pax header',
    [{ ...pax('x'), content: '99 path=x\n' }, file('x')],
    'E_ARCHIVE',
    'member "x": a pax header is damaged',
  ],
  [
    'a pax header of 64 KiB',
    [{ ...pax('x'), content: Buffer.alloc(65_537, 0x20) }, file('x')],
    'E_POLICY',
    'the extended header "PaxHeader/x" has 65537 bytes',
  ],
  [
    'a global pax path',
    [pax('g', paxRecord('path', 'a')), file('x')],
    'E_POLICY',
    'member "x": a global pax header sets "path"',
  ],
  [
    'a global pax size',
    [pax('g', paxRecord('size', '1')), file('x')],
    'E_POLICY',
    'member "x": a global pax header sets "size"',
  ],
  [
    'a pax header for no member',
    [pax('x', paxRecord('path', 'a'))],
    'E_ARCHIVE',
    'belongs to no member, after member "bin/tool"',
  ],
  [
    'a GNU long name outside',
    [gnu('L', `${'a/'.repeat(80)}../../evil`), file('x')],
    'E_POLICY',
    'leads out of the archive',
  ],
  [
    'a GNU long target outside',
    [gnu('K', `/${'a/'.repeat(80)}`), { name: 'l', type: '2', linkName: 'x' }],
    'E_POLICY',
    'member "l" is a link to /a/',
  ],
  [
    'two GNU long names',
    [gnu('L', 'a'), gnu('L', 'b'), file('x')],
    'E_POLICY',
    'member "x": two extended headers of type "L"',
  ],
  [
    'a GNU name and a pax path that differ',
    [gnu('L', 'a'), pax('x', paxRecord('path', 'b')), file('x')],
    'E_POLICY',
    'member "x" has two different path names: "a" and "b"',
  ],
  ['an old GNU sparse file', [file('s', { type: 'S' })], 'E_POLICY', 'member "s" is a sparse file'],
  [
    'a GNU sparse file 0.1',
    [file('s', { pax: { 'GNU.sparse.map': '0,1' } })],
    'E_POLICY',
    'member "s": a pax header with "GNU.sparse.map" describes a sparse file',
  ],
  [
    'a GNU sparse file 1.0',
    [file('s', { pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' } })],
    'E_POLICY',
    'member "s": a pax header with "GNU.sparse.major"',
  ],
  [
    'a sparse name outside',
    [file('s', { pax: { 'GNU.sparse.name': '../evil' } })],
    'E_POLICY',
    'member "s": a pax header with "GNU.sparse.name"',
  ],
  ['a volume label', [{ name: 'v', type: 'V' }], 'E_POLICY', 'member "v" is a volume label'],
  ['a continuation', [file('m', { type: 'M' })], 'E_POLICY', 'member "m" is a continuation'],
  ['an unknown type', [{ name: 'u', type: 'Q' }], 'E_POLICY', 'member "u" is of unknown type "Q"'],
  [
    'a symlink with a body',
    [{ name: 'l', type: '2', linkName: 'x', content: 'evil' }],
    'E_ARCHIVE',
    'member "l" is of type "2" with a body of 4 bytes',
  ],
  [
    'a hard link with a body',
    [{ name: 'h', type: '1', linkName: 'bin/tool', content: 'evil' }],
    'E_ARCHIVE',
    'member "h" is of type "1" with a body of 4 bytes',
  ],
  [
    'a folder with a body',
    [{ name: 'd', type: '5', content: 'evil' }],
    'E_ARCHIVE',
    'member "d" is of type "5" with a body of 4 bytes',
  ],
  [
    'a name that is no UTF-8',
    [file(Buffer.from('caf\xe9', 'latin1'))],
    'E_POLICY',
    'bytes that are no UTF-8',
  ],
  [
    'a prefix field outside',
    [file('x', { prefix: 'a/../..' })],
    'E_POLICY',
    'member "a/../../x" has a path that leads out',
  ],
  [
    'a wrong header checksum',
    [file('x', { checksum: 1 })],
    'E_ARCHIVE',
    'bad header after member "bin/tool"',
  ],
  [
    'a size of eight exabytes in base 256',
    [file('x', { size: 2 ** 63 })],
    'E_ARCHIVE',
    'bad header after member "bin/tool"',
  ],
  ['a size of a terabyte', [file('x', { size: 2 ** 40 })], 'E_ARCHIVE', 'in the middle of member "x"'],
])

export const TAR_HEADERS = { 'tar headers': served(HEADERS) }
