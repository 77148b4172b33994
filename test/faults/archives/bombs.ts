import { createDeflateRaw, createGzip } from 'node:zlib'
import { rawTar, rawZip } from '@pkgcache/core/testing'
import type { Bytes } from './kit.ts'

const GIGABYTE = 1_000_000_000
/** Acceptance of the issue: a bomb stops at its cap with less than this. */
const PEAK = 200_000_000

async function through(
  stream: ReturnType<typeof createDeflateRaw | typeof createGzip>,
  start: Uint8Array,
  zeros: number,
): Promise<Buffer> {
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  const ended = new Promise((done) => stream.once('end', done))
  const block = Buffer.alloc(1 << 20)
  stream.write(start)
  for (let left = zeros; left > 0; left -= block.length) {
    const more = stream.write(block.subarray(0, left))
    if (!more) await new Promise((drained) => stream.once('drain', drained))
  }
  stream.end()
  await ended
  return Buffer.concat(parts)
}

/** A gigabyte of zeros, packed as small as it goes. */
export interface Bombs {
  readonly gz: Buffer
  readonly deflated: Buffer
}

export async function makeBombs(): Promise<Bombs> {
  const header = rawTar([{ name: 'zeros', size: GIGABYTE }], { endBlocks: 0 })
  const [gz, deflated] = await Promise.all([
    through(createGzip({ level: 9 }), header, GIGABYTE),
    through(createDeflateRaw({ level: 9 }), Buffer.alloc(0), GIGABYTE),
  ])
  return { gz, deflated }
}

/** zstd says a run of zeros in four bytes per 128 KiB (RFC 8878, 3.1.1.2): written by hand, it is 30 kB. */
export function zstdBomb(): Buffer {
  const header = rawTar([{ name: 'zeros', size: GIGABYTE }], { endBlocks: 0 })
  const block = (type: number, size: number, last: boolean, data: Uint8Array): Buffer => {
    const head = Buffer.alloc(3)
    head.writeUIntLE((size << 3) | (type << 1) | Number(last), 0, 3)
    return Buffer.concat([head, data])
  }
  const run = block(1, 131_072, false, Buffer.of(0))
  const runs = Array.from({ length: Math.floor(GIGABYTE / 131_072) }, () => run)
  // magic, descriptor without content size and checksum, window of 1 MiB
  const start = Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50)
  return Buffer.concat([
    start,
    block(0, header.length, false, header),
    ...runs,
    block(1, 1024, true, Buffer.of(0)),
  ])
}

/** Each in a run of its own: its peak is its own. */
export function bombs(made: () => Bombs): readonly Bytes[] {
  const bomb = { code: 'E_POLICY', says: 'member "zeros" takes the archive over', peakBytes: PEAK } as const
  return [
    {
      what: '1 GB of zeros (tar.gz)',
      ...bomb,
      hint: 'limits.ratio',
      form: 'tar.gz',
      bytes: () => made().gz,
    },
    {
      what: '1 GB of zeros (zip)',
      ...bomb,
      hint: 'limits.ratio',
      form: 'zip',
      bytes: () => rawZip([{ name: 'zeros', data: made().deflated, method: 8, size: GIGABYTE, crc: 0 }]),
    },
    {
      what: '1 GB of zeros (tar.zst)',
      ...bomb,
      hint: 'limits.ratio',
      form: 'tar.zst',
      bytes: zstdBomb,
    },
    {
      what: '1 GB of zeros with a ratio that allows it, over the cap of unpacked bytes (tar.gz)',
      ...bomb,
      hint: 'limits.unpackedBytes',
      form: 'tar.gz',
      config: { limits: { ratio: 100_000, unpackedBytes: 500_000_000 } },
      bytes: () => made().gz,
    },
  ]
}
