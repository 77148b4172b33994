import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  findProgram,
  flipBit,
  formatConformance,
  type ReadMember,
  readFormat,
  SMALL_MEMBERS,
  SMALL_MTIME,
  smallTar,
  smallZip,
} from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import sevenZip from '../src/index.ts'
import { itemOf } from '../src/items.ts'
import { BCJ2, CALLS } from './samples.ts'
import { pack } from './seven-zip.ts'

const folder = await mkdtemp(join(tmpdir(), 'pkgcache-7z-'))
afterAll(() => rm(folder, { recursive: true }))

let files = 0
/** A 7z of what a tar holds, made by libarchive. */
async function fromTar(tar: Uint8Array): Promise<Buffer> {
  const [source, target] = [join(folder, `${++files}.tar`), join(folder, `${files}.7z`)]
  await writeFile(source, tar)
  execFileSync('bsdtar', ['-P', '--format=7zip', '-cf', target, `@${source}`])
  return readFile(target)
}

/** Those without content are behind the others in the archive, the last one first. */
const EXPECTED: readonly ReadMember[] = [
  ...SMALL_MEMBERS.filter(({ content, linkName }) => content || linkName),
  ...SMALL_MEMBERS.filter(({ content, linkName }) => !content && !linkName).reverse(),
].map(({ path, type = 'file', mode, content = '', linkName }) => ({
  path: type === 'directory' ? `${path}/` : path,
  type,
  mode: mode ?? { file: 0o644, directory: 0o755, symlink: 0o777 }[type],
  size: content.length,
  mtime: SMALL_MTIME,
  content: Buffer.from(content),
  ...(linkName !== undefined && { linkName }),
}))

async function zeros(bytes: number): Promise<Buffer> {
  const file = join(folder, 'zeros')
  const handle = await open(file, 'w')
  await handle.truncate(bytes)
  await handle.close()
  execFileSync('bsdtar', ['--format=7zip', '-cf', join(folder, 'zeros.7z'), '-C', folder, 'zeros'])
  await rm(file)
  return readFile(join(folder, 'zeros.7z'))
}

describe.skipIf(findProgram('bsdtar') === undefined)('format-7z', async () => {
  const small = await fromTar(smallTar())
  let large: Buffer | undefined
  const cases = formatConformance({
    plugin: () => sevenZip(),
    valid: { bytes: small, hint: '7z', expected: { format: '7z', members: EXPECTED } },
    foreign: {
      tar: smallTar(),
      zip: smallZip(),
      'a text': Buffer.from('7z hello\n'),
      'the first five bytes': small.subarray(0, 5),
      empty: Buffer.alloc(0),
    },
    truncated: {
      'signature only': small.subarray(0, 6),
      'first header only': small.subarray(0, 32),
      'half of it': small.subarray(0, small.length >> 1),
      'last byte missing': small.subarray(0, -1),
    },
    damaged: {
      'one bit in the data': flipBit(small, 60),
      'one bit in the last header': flipBit(small, -20),
      'one bit in the first header': flipBit(small, 9),
      'garbage behind': Buffer.concat([small, Buffer.from('garbage')]),
      'zeros behind': Buffer.concat([small, Buffer.alloc(512)]),
    },
    large: async () => (large ??= await zeros(160 * 1024 * 1024)),
  })
  for (const { name, run } of cases) it(name, run)

  it('hands names on to core as they are spelled', async () => {
    const tar = smallTar([{ path: '../evil' }, { path: '/abs' }, { path: 'back\\slash' }, { path: 'ü/日本' }])
    const read = await readFormat(sevenZip(), await fromTar(tar))
    expect(read?.members?.map(({ path }) => path).sort()).toEqual([
      '../evil',
      '/abs',
      'back\\slash',
      'ü/日本',
    ])
  })

  it('refuses a FIFO', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    execFileSync('bsdtar', ['--format=7zip', '-cf', join(folder, 'fifo.7z'), '-C', folder, 'pipe'])
    await expect(readFormat(sevenZip(), await readFile(join(folder, 'fifo.7z')))).rejects.toMatchObject({
      code: 'E_POLICY',
      message: 'member "pipe" is a FIFO',
    })
  })
})

describe('format-7z with what 7-Zip writes', () => {
  const program = Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(300_000, 'code')])
  beforeAll(async () => {
    await mkdir(join(folder, 'in'))
    await writeFile(join(folder, 'in', 'program'), program)
  })

  it.each(['LZMA', 'LZMA2', 'PPMd', 'BZip2', 'Deflate', 'Copy', 'BCJ', 'ARM64', 'Delta'])(
    'reads %s',
    async (method) => {
      const filters = ['BCJ', 'ARM64', 'Delta'].includes(method)
      const methods = filters ? [`-mf=${method}`, '-m0=LZMA2'] : [`-m0=${method}`]
      const read = await readFormat(sevenZip(), await pack(join(folder, 'in'), methods))
      expect(read?.members?.map(({ path, content }) => [path, content.equals(program)])).toEqual([
        ['program', true],
      ])
    },
  )

  it('reads BCJ2', async () => {
    const read = await readFormat(sevenZip(), BCJ2)
    expect(read?.members?.map(({ path, content }) => [path, content.equals(CALLS)])).toEqual([['prog', true]])
  })

  it.each([
    ['contents', [], 'member "program" is encrypted'],
    ['names', ['-mhe=on'], /^the 7z archive .*: 7-Zip says: the names of its members are encrypted$/],
  ])('refuses encrypted %s', async (_what, switches, message) => {
    const bytes = await pack(join(folder, 'in'), ['-psecret', ...switches])
    await expect(readFormat(sevenZip(), bytes)).rejects.toMatchObject({
      code: 'E_ARCHIVE',
      message: expect.stringMatching(message),
    })
  })
})

describe('what 7-Zip lists', () => {
  const item = (more: readonly string[]) =>
    itemOf(['Path = tool', 'Size = 5', 'Modified = 2024-02-03 04:05:06.1234567', ...more])

  it.each([
    ['of Unix', 'A -rwxr-xr-x', { type: 'file', mode: 0o755 }],
    ['with special bits', 'A -rwsr-Sr-T', { type: 'file', mode: 0o744 }],
    ['a link', 'A lrwxrwxrwx', { type: 'symlink', mode: 0o777 }],
    ['a folder', 'D drwx------', { type: 'directory', mode: 0o700 }],
    ['of Windows', 'RHA', { type: 'file', mode: 0o644 }],
    ['a folder of Windows', 'D', { type: 'directory', mode: 0o755 }],
    ['nothing', '', { type: 'file', mode: 0o644 }],
  ])('attributes: %s', (_what, attributes, expected) => {
    expect(item([`Attributes = ${attributes}`])).toEqual({
      path: 'tool',
      size: 5,
      mtime: SMALL_MTIME,
      ...expected,
    })
  })

  it.each([
    ['a block device', 'Attributes = A brw-r--r--', 'E_POLICY', 'is a block device'],
    ['a reparse point', 'Attributes = AL', 'E_POLICY', 'is a reparse point of Windows'],
    ['an order to delete', 'Anti = +', 'E_ARCHIVE', 'says that something is to be deleted'],
    ['a 4 GiB dictionary', 'Method = LZMA2:32', 'E_ARCHIVE', 'needs 4294967296 bytes of memory (LZMA2:32)'],
    [
      'a 1.5 GiB dictionary',
      'Method = BCJ LZMA:1536m',
      'E_ARCHIVE',
      'needs 1610612736 bytes of memory (BCJ LZMA:1536m)',
    ],
    [
      'PPMd with 1 GiB',
      'Method = PPMD:o32:mem30',
      'E_ARCHIVE',
      'needs 1073741824 bytes of memory (PPMD:o32:mem30)',
    ],
  ])('refuses %s', (_what, line, code, message) => {
    expect(() => item([line])).toThrow(expect.objectContaining({ code, message: `member "tool" ${message}` }))
  })

  it.each(['LZMA2:26', 'LZMA:24 BCJ', 'PPMD:o6:mem24', 'LZMA2:48m', 'Delta:4 LZMA:16'])(
    'takes %s',
    (method) => {
      expect(item([`Method = ${method}`]).size).toBe(5)
    },
  )
})
