import { afterAll, describe, expect, it } from 'vitest'
import { PkgcacheError } from '../../src/errors/error.ts'
import { smallTar } from '../../testing/archives.ts'
import { type RawTarEntry, rawTar } from '../../testing/raw-tar.ts'
import { faultLine } from '../support/fault.ts'
import { repacker } from '../support/repack.ts'

const packing = repacker()
afterAll(() => expect(packing.leftovers(), 'a refused archive leaves nothing behind').toEqual([]))

const MIDDLE = 'E_ARCHIVE: the tar archive ends in the middle of member "tool"'
const BLOCK = 'E_ARCHIVE: the tar archive ends in the middle of a block after member "tool"'
const FIRST_BLOCK = 'E_ARCHIVE: the tar archive ends in the middle of a block before its first member'
const NO_END = 'E_ARCHIVE: the tar archive ends without its end marker, after member "tool"'
const GOES_ON = 'E_POLICY: the tar archive goes on behind its end marker, which comes after member "x"'

// header 0..511, content 512..1535 (700 bytes and padding), end marker 1536..2559
const one = rawTar([{ name: 'tool', content: Buffer.alloc(700, 1) }])
// pax header 0..511, its records 512..1023, then as above
const withPax = rawTar([{ name: 'tool', content: Buffer.alloc(700, 1), pax: { path: 'tööl' } }])

describe('a tar that is cut off', () => {
  it.each([
    ['to nothing', one, 0, 'E_ARCHIVE: the tar archive ends without its end marker, before its first member'],
    ['in the header', one, 300, FIRST_BLOCK],
    ['after the header', one, 512, MIDDLE],
    ['in the content', one, 600, MIDDLE],
    ['after the content, before its padding', one, 512 + 700, BLOCK],
    ['in the padding', one, 1500, BLOCK],
    ['before the end marker', one, 1536, NO_END],
    ['in the end marker', one, 1700, BLOCK],
    ['in the middle of the end marker', one, 2048, NO_END],
    ['in the second block of the end marker', one, 2100, BLOCK],
    ['in a pax header', withPax, 100, FIRST_BLOCK],
    ['in pax records', withPax, 520, FIRST_BLOCK],
    [
      'after a pax header',
      withPax,
      1024,
      'E_ARCHIVE: the tar archive ends with a header that belongs to no member, before its first member',
    ],
  ])('%s', async (_, tar, length, fault) => {
    expect(await faultLine(() => packing.tar(tar.subarray(0, length)))).toBe(fault)
  })

  it('anywhere before its end', async () => {
    const tar = smallTar()
    const faults = new Set<string>()
    for (let length = 0; length < tar.length; length += 128)
      faults.add(await faultLine(() => packing.tar(tar.subarray(0, length))))
    const shapes = [...faults].map((fault) =>
      fault.replace(/"[^"]*"/, '…').replace('before its first', 'after'),
    )
    expect([...new Set(shapes)].sort()).toEqual([
      'E_ARCHIVE: the tar archive ends in the middle of a block after member',
      'E_ARCHIVE: the tar archive ends in the middle of a block after member …',
      'E_ARCHIVE: the tar archive ends in the middle of member …',
      'E_ARCHIVE: the tar archive ends without its end marker, after member',
      'E_ARCHIVE: the tar archive ends without its end marker, after member …',
    ])
  })
})

describe('a stream that its decoder finds damaged', () => {
  async function* cutAfter(bytes: Uint8Array, code: 'E_ARCHIVE' | 'E_STORE') {
    yield bytes
    throw new PkgcacheError(code, 'the stream is damaged', { hint: 'h' })
  }
  it.each([
    [
      'in a member',
      one.subarray(0, 700),
      'E_ARCHIVE',
      'E_ARCHIVE: the stream is damaged, after member "tool"',
    ],
    ['at once', one.subarray(0, 0), 'E_ARCHIVE', 'E_ARCHIVE: the stream is damaged, before its first member'],
    ['by the disk', one, 'E_STORE', 'E_STORE: the stream is damaged'],
  ] as const)('is told with the place: %s', async (_, bytes, code, fault) => {
    expect(await faultLine(() => packing.stream(cutAfter(bytes, code), 1000))).toBe(fault)
  })
})

describe('a tar with something behind its end marker', () => {
  it.each([
    ['another member', rawTar([{ name: 'evil' }]), GOES_ON],
    ['text', Buffer.alloc(512, 'evil'), GOES_ON],
    ['less than a block', Buffer.from('evil'), BLOCK.replace('tool', 'x')],
    ['text after more zeros', Buffer.concat([Buffer.alloc(4096), Buffer.alloc(512, 'e')]), GOES_ON],
  ])('%s', async (_, trailing, fault) => {
    expect(await faultLine(() => packing.tar(rawTar([{ name: 'x' }], { trailing })))).toBe(fault)
  })

  it('a zero block between members', async () => {
    const tar = Buffer.concat([rawTar([{ name: 'x' }], { endBlocks: 1 }), rawTar([{ name: 'y' }])])
    expect(await faultLine(() => packing.tar(tar))).toBe(GOES_ON)
  })

  it('takes zeros up to any record size', async () => {
    const { members } = await packing.tar(rawTar([{ name: 'x' }], { endBlocks: 20 }))
    expect(members.map(({ path }) => path)).toEqual(['x'])
  })
})

describe('a damaged tar', () => {
  /** A copy of `one` with bytes of its header changed and the checksum made right again. */
  const header = (at: number, bytes: string): Buffer => {
    const tar = Buffer.from(one)
    tar.write(bytes, at, 'latin1')
    tar.fill(' ', 148, 156)
    const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    return tar
  }

  it.each<readonly [string, Uint8Array, string]>([
    [
      'a wrong checksum',
      rawTar([{ name: 'x' }, { name: 'y', checksum: 1 }]),
      'E_ARCHIVE: the tar archive is damaged: bad header after member "x"',
    ],
    [
      'no tar at all',
      Buffer.alloc(1024, 'text'),
      'E_ARCHIVE: the tar archive is damaged: bad header before its first member',
    ],
    ['a size of letters', header(124, 'zzz'), 'E_ARCHIVE: member "tool": its size is not a number'],
    [
      'a size of digits beyond 7',
      header(124, '00000009999\0'),
      'E_ARCHIVE: member "tool": its size is not a number',
    ],
    ['a negative size', header(124, '\xff'.repeat(12)), 'E_ARCHIVE: member "tool": its size is not a number'],
    [
      'a size beyond all',
      header(124, `\x80${'\x7f'.repeat(11)}`),
      'E_ARCHIVE: the tar archive is damaged: bad header before its first member',
    ],
    [
      'a mode in an encoding there is not',
      header(100, '\xc1\xff\xff\xff\xff\xff\xff\xff'),
      'E_ARCHIVE: the tar archive is damaged: bad header before its first member',
    ],
    ['only an end marker', rawTar([]), 'E_ARCHIVE: the archive holds nothing'],
    ['only its root', rawTar([{ name: './', type: '5' }]), 'E_ARCHIVE: the archive holds nothing'],
    [
      'only a comment',
      rawTar([{ name: 'g', type: 'g', content: '20 comment=012345678\n' }]),
      'E_ARCHIVE: a pax header is damaged',
    ],
  ])('%s', async (_, tar, fault) => {
    expect(await faultLine(() => packing.tar(tar))).toBe(fault)
  })
})

describe('a tar of any chunks', () => {
  const entries: RawTarEntry[] = [
    { name: 'x', content: Buffer.alloc(1500, 7), pax: { path: 'ä'.repeat(60), mtime: '1700000000.5' } },
    { name: '././@LongLink', type: 'L', content: `${'long/'.repeat(30)}name\0`, magic: 'ustar  \0' },
    { name: 'y', content: 'y', magic: 'ustar  \0' },
    { name: 'l', type: '2', linkName: 'y' },
  ]

  it.each([1, 7, 511, 512, 513, 4096])('gives the same bytes from pieces of %i', async (size) => {
    const tar = rawTar(entries)
    const whole = await packing.tar(tar, tar.length)
    const { sha256, contentSha256, members } = await packing.tar(tar, size)
    expect({ sha256, contentSha256, members }).toEqual({
      sha256: whole.sha256,
      contentSha256: whole.contentSha256,
      members: whole.members,
    })
  })
})
