import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { memberHeader } from '../../src/normalise/tar-writer.ts'
import { SMALL_MTIME, smallTar } from '../../testing/archives.ts'
import { type RawTarEntry, rawTar } from '../../testing/raw-tar.ts'
import { fileMember, listed, repacker } from '../support/repack.ts'

const packing = repacker()
const LISTERS = [
  ['GNU tar', 'tar'],
  ['bsdtar', 'bsdtar'],
] as const

/** Lines of `tar -tv`, the runs of blanks made one. */
function listing(program: string, tar: Buffer): string[] {
  const options = program === 'tar' ? ['--full-time', '--numeric-owner'] : ['--numeric-owner']
  const text = execFileSync(program, ['-tvf', '-', ...options], {
    input: tar,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  })
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ +/g, ' '))
}

function names(program: string, tar: Buffer): string[] {
  const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' }
  const options = program === 'tar' ? ['--quoting-style=literal'] : []
  return execFileSync(program, ['-tf', '-', ...options], { input: tar, encoding: 'utf8', env })
    .trimEnd()
    .split('\n')
}

describe('the canonical archive', () => {
  it('has these bytes', async () => {
    const { file: _, tar, ...packed } = await packing.tar(smallTar())
    expect(packed).toEqual({
      size: packed.size,
      unpackedSize: 13_312,
      sha256: packed.sha256,
      contentSha256: createHash('sha256').update(tar).digest('hex'),
      members: [
        { path: 'bin', type: 'directory', mode: 0o755, size: 0 },
        { path: 'bin/tool', type: 'file', mode: 0o755, size: 9020 },
        { path: 'bin/tool-link', type: 'symlink', mode: 0o777, size: 0, linkName: 'tool' },
        { path: 'README', type: 'file', mode: 0o644, size: 7 },
        { path: 'empty', type: 'file', mode: 0o644, size: 0 },
      ],
    })
    expect(packed.contentSha256).toBe('9eb34571005d2a2f9a145e405d166d3f037e022d9417433413b7c6dc609ba8e6')
    expect({ size: packed.size, sha256: packed.sha256 }).toEqual({
      size: 230,
      sha256: '4baa5a6247af5e93d214c647d0cb5cc9e8d843ec0a178bc32f2df002a1d32dfe',
    })
  })

  it('is the same from a tar of another writer', async () => {
    const plain: RawTarEntry[] = [
      { name: 'd/', type: '5', mode: 0o755, mtime: 5 },
      { name: 'd/x', content: 'x', mode: 0o644, mtime: 5 },
      { name: 'd/l', type: '2', linkName: 'x', mode: 0o777, mtime: 5 },
    ]
    const odd: RawTarEntry[] = [
      { name: './', type: '5', mode: 0o700, mtime: 9 },
      { name: './d', type: '5', mode: 0o2755, mtime: 5, uid: 1000, gid: 1000, uname: 'me', gname: 'us' },
      { name: './d/', type: '5', mode: 0o700, mtime: 7 },
      { name: 'x', prefix: './/d', content: 'x', mode: 0o4644, mtime: 5, uid: 7, uname: 'you' },
      {
        name: 'd/./l',
        type: '2',
        linkName: 'x',
        mode: 0o777,
        pax: { mtime: '5.75', atime: '9', uname: 'ü' },
      },
    ]
    const [one, two] = [await packing.tar(rawTar(plain)), await packing.tar(rawTar(odd))]
    expect(two.sha256).toBe(one.sha256)
  })

  it.each(LISTERS)('lists as told with %s', async (_, program) => {
    const { tar } = await packing.tar(smallTar())
    const owner = program === 'tar' ? '0/0' : '0 0 0'
    const date = program === 'tar' ? '2024-02-03 04:05:06' : 'Feb 3 2024'
    expect(listing(program, tar)).toEqual([
      `drwxr-xr-x ${owner} 0 ${date} bin/`,
      `-rwxr-xr-x ${owner} 9020 ${date} bin/tool`,
      `lrwxrwxrwx ${owner} 0 ${date} bin/tool-link -> tool`,
      `-rw-r--r-- ${owner} 7 ${date} README`,
      `-rw-r--r-- ${owner} 0 ${date} empty`,
    ])
  })

  it.each(LISTERS)('keeps names that ustar cannot hold with %s', async (_, program) => {
    const wanted = [
      'plain',
      'with blanks and \'quotes\' "too"',
      'grüße/日本語/𝒳',
      `${'d'.repeat(99)}`,
      `${'e'.repeat(100)}`,
      `${'f'.repeat(101)}`,
      `${'g/'.repeat(200)}end`,
      `ü${'h'.repeat(150)}`,
    ]
    const { tar, members } = await packing.members(listed(wanted.map((path) => fileMember(path, 'x'))))
    expect(members.map(({ path }) => path)).toEqual(wanted)
    expect(names(program, tar)).toEqual(wanted)
  })

  it.each(LISTERS)('keeps long targets with %s', async (_, program) => {
    const target = `${'t/'.repeat(80)}ü`
    const link = { path: 'l', type: 'symlink', mode: 0o777, size: 0, mtime: 0, linkName: target } as const
    const { tar } = await packing.members(listed([link]))
    expect(listing(program, tar)[0]).toMatch(/ l -> (t\/){80}(ü|\\303\\274)$/)
  })

  it('packs a hard link without content', async () => {
    const { members, tar } = await packing.tar(
      rawTar([
        { name: 'a', content: 'x' },
        { name: 'b', type: '1', linkName: './a' },
      ]),
    )
    expect(members[1]).toEqual({ path: 'b', type: 'hardlink', mode: 0o644, size: 0, linkName: 'a' })
    expect(tar.length).toBe(512 + 512 + 512 + 1024)
  })

  it.each([
    ['before 1970', -5, 0],
    ['a part of a second', 1.999, 1],
    ['no number', Number.NaN, 0],
    ['beyond ustar', 1e15, 0o77777777777],
  ])('writes an mtime %s', (_, mtime, written) => {
    const header = Buffer.from(memberHeader({ path: 'x', type: 'file', mode: 0o644, size: 0 }, mtime))
    expect(Number.parseInt(header.toString('latin1', 136, 147), 8)).toBe(written)
  })

  it('writes a size over 8 GiB as pax', () => {
    const size = 8 * 2 ** 30
    const header = Buffer.from(memberHeader({ path: 'big', type: 'file', mode: 0o644, size }, 0))
    expect(header.length).toBe(3 * 512)
    expect(header.toString('latin1', 512, 512 + 19)).toBe('19 size=8589934592\n')
    const just = memberHeader({ path: 'big', type: 'file', mode: 0o644, size: size - 1 }, 0)
    expect(just.length).toBe(512)
    expect(Buffer.from(just).toString('latin1', 124, 135)).toBe('77777777777')
  })

  it('drops what could make a program more than a file', async () => {
    const { members } = await packing.tar(
      rawTar([
        { name: 's', mode: 0o6755, mtime: SMALL_MTIME },
        { name: 't', type: '5', mode: 0o1777 },
      ]),
    )
    expect(members.map(({ mode }) => mode.toString(8))).toEqual(['755', '777'])
  })
})

describe('a tar as GNU and BSD write it', () => {
  it.each<readonly [string, readonly RawTarEntry[], string]>([
    ['v7', [{ name: 'x', magic: '', type: '\0', content: 'x' }], 'file x'],
    ['v7 folder', [{ name: 'd/', magic: '', type: '\0' }], 'directory d'],
    ['contiguous file', [{ name: 'x', type: '7', content: 'x' }], 'file x'],
    ['GNU magic', [{ name: 'x', magic: 'ustar  \0', content: 'x' }], 'file x'],
    ['prefix', [{ name: 'x', prefix: 'a/b', content: 'x' }], 'file a/b/x'],
    ['pax path', [{ name: 'y', pax: { path: 'x' }, content: 'x' }], 'file x'],
    [
      'a folder by its header, a file by its pax path',
      [{ name: 'd/', pax: { path: 'x' }, content: 'x' }],
      'file x',
    ],
    ['comment for all', [{ name: 'g', type: 'g', content: '15 comment=abc\n' }, { name: 'x' }], 'file x'],
    ['link inside', [{ name: 'a/l', type: '2', linkName: '../b' }], 'symlink a/l'],
    ['dangling link', [{ name: 'l', type: '2', linkName: 'gone' }], 'symlink l'],
    ['link with ..', [{ name: 'a/b/l', type: '2', linkName: '../../c/../d' }], 'symlink a/b/l'],
    ['dots in a name', [{ name: '..a/b..', content: 'x' }], 'file ..a/b..'],
    ['backslash in a name', [{ name: 'a\\b', content: 'x' }], 'file a\\b'],
  ])('%s', async (_, entries, expected) => {
    const { members } = await packing.tar(rawTar(entries))
    expect(members.map(({ type, path }) => `${type} ${path}`)).toEqual([expected])
  })

  it('takes a pax size for the header’s', async () => {
    const content = Buffer.alloc(600, 1)
    const { members } = await packing.tar(rawTar([{ name: 'x', size: 0, content, pax: { size: '600' } }]))
    expect(members[0]?.size).toBe(600)
  })

  it('takes a size in base 256', async () => {
    const tar = rawTar([{ name: 'x', content: 'abc' }])
    tar.fill(0, 124, 136)
    tar.writeUInt8(0x80, 124)
    tar.writeUInt8(3, 135)
    tar.fill(' ', 148, 156)
    const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    expect((await packing.tar(tar)).members[0]?.size).toBe(3)
  })
})
