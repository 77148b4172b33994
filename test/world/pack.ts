import { crc32, deflateRawSync } from 'node:zlib'
import { type Entry, MTIME } from './content.ts'

const BLOCK = 512
const EMPTY = Buffer.alloc(0)
/** 2025-05-11 21:46:40 as MS-DOS spells it: what `TZ=UTC zip` writes for MTIME. */
const DOS_TIME = (21 << 11) | (46 << 5) | 20
const DOS_DATE = ((2025 - 1980) << 9) | (5 << 5) | 11

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`
}

function tarHeader(entry: Entry): Buffer {
  const header = Buffer.alloc(BLOCK)
  header.write(entry.path, 0, 100)
  header.write(octal(entry.mode, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(entry.data?.length ?? 0, 11), 124)
  header.write(octal(MTIME, 11), 136)
  header.write(' '.repeat(8), 148)
  header.write(entry.link !== undefined ? '2' : entry.data === undefined ? '5' : '0', 156)
  header.write(entry.link ?? '', 157, 100)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** A POSIX ustar archive (pax(1), "ustar Interchange Format"), padded to GNU tar's record of 10 KiB. */
export function tar(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const data = entry.data ?? EMPTY
    return [tarHeader(entry), data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]
  })
  const size = parts.reduce((total, part) => total + part.length, 2 * BLOCK)
  const record = 20 * BLOCK
  return Buffer.concat(parts, Math.ceil(size / record) * record)
}

const STORED_MAX = 0xffff

/** A gzip member (RFC 1952) of stored blocks (RFC 1951, 3.2.4): the same bytes with every zlib. */
export function gzipStored(data: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])]
  for (let offset = 0; offset < data.length; offset += STORED_MAX) {
    const block = data.subarray(offset, offset + STORED_MAX)
    const header = Buffer.alloc(5)
    header.writeUInt8(offset + STORED_MAX >= data.length ? 1 : 0, 0)
    header.writeUInt16LE(block.length, 1)
    header.writeUInt16LE(block.length ^ 0xffff, 3)
    parts.push(header, block)
  }
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(data), 0)
  trailer.writeUInt32LE(data.length, 4)
  return Buffer.concat([...parts, trailer])
}

/** A zip archive as Info-ZIP writes it on Unix: deflated, modes in the external attributes (APPNOTE 4.3, 4.4.15). */
export function zip(entries: readonly Entry[]): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const data = entry.data ?? EMPTY
    const packed = data.length === 0 ? EMPTY : deflateRawSync(data, { level: 9 })
    const name = Buffer.from(entry.path)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(data.length === 0 ? 0 : 8, 4)
    common.writeUInt16LE(DOS_TIME, 6)
    common.writeUInt16LE(DOS_DATE, 8)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(data.length, 18)
    common.writeUInt16LE(name.length, 22)
    locals.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, packed)
    const directory = entry.data === undefined
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((((directory ? 0o040000 : 0o100000) | entry.mode) << 16) >>> 0, 6)
    if (directory) tail.writeUInt8(0x10, 6)
    tail.writeUInt32LE(offset, 10)
    // version made by: 3.0 on Unix
    centrals.push(Buffer.from('PK\x01\x02\x1e\x03', 'latin1'), common, tail, name)
    offset += 30 + name.length + packed.length
  }
  const central = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, central, end])
}
