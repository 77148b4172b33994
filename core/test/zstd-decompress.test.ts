import { Readable } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { compress, DecompressStream } from 'zstd-napi'
import { zstdDecompress } from '../src/normalise/zstd-decompress.ts'
import { decodeFrames } from '../src/normalise/zstd-frames.ts'

const text = Buffer.from('pkgcache '.repeat(100_000))
const noise = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919 * (index >> 3)) & 255))
const skippable = Buffer.from('502a4d1804000000deadbeef', 'hex')
const one = compress(text, { checksumFlag: true })
const two = compress(noise)
const small = compress(Buffer.from('x'))

const DECODERS = {
  zstdDecompress,
  'frame by frame, as for zlib': (source: AsyncIterable<Uint8Array>) =>
    decodeFrames(source, () => new DecompressStream()),
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function decoded(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

afterEach(() => {
  vi.doUnmock('zstd-napi/binding.js')
})

describe.each(Object.entries(DECODERS))('%s', (_, decode) => {
  it.each([
    ['one frame', one, text],
    ['a frame of incompressible blocks', two, noise],
    ['a frame without content', compress(Buffer.alloc(0)), Buffer.alloc(0)],
    ['several frames', Buffer.concat([one, small, two]), Buffer.concat([text, Buffer.from('x'), noise])],
    [
      'skippable frames around them',
      Buffer.concat([skippable, one, skippable, small, skippable]),
      Buffer.concat([text, Buffer.from('x')]),
    ],
    ['only a skippable frame', skippable, Buffer.alloc(0)],
    ['a run of one byte', compress(Buffer.alloc(1_000_000, 'a')), Buffer.alloc(1_000_000, 'a')],
  ])('decodes %s, whatever the chunks', async (_name, bytes, expected) => {
    for (const size of [7, 65_536, bytes.length]) {
      expect((await decoded(decode(pieces(bytes, size)))).equals(expected)).toBe(true)
    }
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a magic', one.subarray(0, 2)],
    ['half a frame', one.subarray(0, one.length >> 1)],
    ['a frame without its last byte', one.subarray(0, -1)],
    ['half a skippable frame', Buffer.concat([one, skippable.subarray(0, -2)])],
    ['half of a second frame', Buffer.concat([one, two.subarray(0, 100)])],
    ['garbage', Buffer.from('garbage garbage')],
    ['garbage behind a frame', Buffer.concat([one, Buffer.from('garbage')])],
  ])('refuses %s', async (_name, bytes) => {
    for (const size of [7, Math.max(1, bytes.length)]) {
      await expect(decoded(decode(pieces(bytes, size)))).rejects.toMatchObject({ code: 'E_ARCHIVE' })
    }
  })
})

describe('zstdDecompress', () => {
  it('lets the source fail in its own words', async () => {
    const source = Readable.from([one.subarray(0, 10)]).map(() => {
      throw Object.assign(new Error('read EIO'), { syscall: 'read', code: 'EIO' })
    })
    await expect(decoded(zstdDecompress(source))).rejects.toThrow('read EIO')
  })

  it('uses what Node brings when zstd-napi does not load, and says so when that is nothing', async () => {
    vi.doMock('zstd-napi/binding.js', () => {
      throw new Error('no binding')
    })
    const { default: zlib } = await import('node:zlib')
    const result = decoded(zstdDecompress(pieces(Buffer.concat([one, skippable, two]), 1000)))
    if ('createZstdDecompress' in zlib) expect((await result).equals(Buffer.concat([text, noise]))).toBe(true)
    else {
      await expect(result).rejects.toMatchObject({
        code: 'E_FORMAT',
        message: 'nothing on this machine can decode zstd',
      })
    }
  })
})
