import { crc32, deflateRawSync } from 'node:zlib'

function bytes(content: Uint8Array | string): Buffer {
  return typeof content === 'string'
    ? Buffer.from(content)
    : Buffer.from(content.buffer, content.byteOffset, content.length)
}

/** One zip entry; what is left out is as a well-behaved zip on Unix would have it. */
export interface RawZipEntry {
  readonly name: string | Uint8Array
  readonly content?: Uint8Array | string
  /** 0 stored, 8 deflated (default). Others are written as they are, with stored content. */
  readonly method?: number
  /** Unix `st_mode`: type and permissions. Default 0100644. */
  readonly mode?: number
  /** System that made it: 3 Unix (default), 19 Darwin, 0 DOS. */
  readonly host?: number
  /** Default: `mode` for Unix hosts, else 0. */
  readonly externalAttributes?: number
  /** General purpose bits. Default 0x800 (UTF-8 names). With bit 3 a data descriptor follows the data. */
  readonly flags?: number
  /** MS-DOS date and time. Default 2024-02-03 04:05:06. */
  readonly dosDate?: number
  readonly dosTime?: number
  /** Extra fields of the central and of the local header. */
  readonly extra?: Uint8Array
  readonly localExtra?: Uint8Array
  /** What both headers say, when not the truth. */
  readonly crc?: number
  readonly size?: number
  readonly compressedSize?: number
  /** What the data are, compressed already. */
  readonly data?: Uint8Array
  /** What the local header says otherwise than the central one. */
  readonly local?: Partial<Pick<RawZipEntry, 'name' | 'method' | 'flags' | 'crc' | 'size' | 'compressedSize'>>
  /** Where the central header says the local one is. */
  readonly offset?: number
}

/** How the archive as a whole is written. */
export interface RawZipOptions {
  /** Bytes before the first local header; offsets count them. */
  readonly prefix?: Uint8Array
  /** Bytes between the last entry and the central directory. */
  readonly gap?: Uint8Array
  /** Bytes behind the end record. */
  readonly trailing?: Uint8Array
  readonly comment?: string
  /** What the end record says. Default: the truth. */
  readonly count?: number
  /** Write a zip64 end record and locator too. */
  readonly zip64?: boolean
}

interface ZipFields {
  readonly name: Buffer
  readonly data: Buffer
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly size: number
  readonly compressedSize: number
}

function zipFields(entry: RawZipEntry): ZipFields {
  const content = bytes(entry.content ?? '')
  const method = entry.method ?? (content.length === 0 ? 0 : 8)
  const data = bytes(entry.data ?? (method === 8 ? deflateRawSync(content) : content))
  return {
    name: bytes(entry.name),
    data,
    flags: entry.flags ?? 0x800,
    method,
    crc: entry.crc ?? crc32(content),
    size: entry.size ?? content.length,
    compressedSize: entry.compressedSize ?? data.length,
  }
}

/** The fields both headers have in common, from "version needed" to "extra length" (APPNOTE 4.3.7, 4.3.12). */
function commonHeader(entry: RawZipEntry, fields: ZipFields, extra: Uint8Array): Buffer {
  const header = Buffer.alloc(26)
  header.writeUInt16LE(20, 0)
  header.writeUInt16LE(fields.flags, 2)
  header.writeUInt16LE(fields.method, 4)
  header.writeUInt16LE(entry.dosTime ?? (4 << 11) | (5 << 5) | 3, 6)
  header.writeUInt16LE(entry.dosDate ?? (44 << 9) | (2 << 5) | 3, 8)
  header.writeUInt32LE(fields.crc, 10)
  header.writeUInt32LE(fields.compressedSize, 14)
  header.writeUInt32LE(fields.size, 18)
  header.writeUInt16LE(fields.name.length, 22)
  header.writeUInt16LE(extra.length, 24)
  return header
}

function localPart(entry: RawZipEntry, fields: ZipFields): Buffer {
  const streamed = (fields.flags & 8) !== 0
  const shown = streamed ? { ...fields, crc: 0, size: 0, compressedSize: 0 } : fields
  const { name = fields.name, ...changed } = entry.local ?? {}
  const local = { ...shown, ...changed, name: bytes(name) }
  const extra = entry.localExtra ?? Buffer.alloc(0)
  const descriptor = Buffer.alloc(streamed ? 16 : 0)
  if (streamed) {
    descriptor.write('PK\x07\x08', 'latin1')
    descriptor.writeUInt32LE(fields.crc, 4)
    descriptor.writeUInt32LE(fields.compressedSize, 8)
    descriptor.writeUInt32LE(fields.size, 12)
  }
  const head = [Buffer.from('PK\x03\x04', 'latin1'), commonHeader(entry, local, extra)]
  return Buffer.concat([...head, local.name, extra, fields.data, descriptor])
}

function centralPart(entry: RawZipEntry, fields: ZipFields, offset: number): Buffer {
  const host = entry.host ?? 3
  const unix = host === 3 || host === 19
  const attributes = entry.externalAttributes ?? (unix ? (entry.mode ?? 0o100644) * 0x10000 : 0)
  const extra = entry.extra ?? Buffer.alloc(0)
  const tail = Buffer.alloc(14)
  tail.writeUInt32LE(attributes, 6)
  tail.writeUInt32LE(entry.offset ?? offset, 10)
  return Buffer.concat([
    Buffer.from(['P'.charCodeAt(0), 'K'.charCodeAt(0), 1, 2, 20, host]),
    commonHeader(entry, fields, extra),
    tail,
    fields.name,
    extra,
  ])
}

function endRecord(count: number, size: number, offset: number, options: RawZipOptions): Buffer {
  const comment = Buffer.from(options.comment ?? '')
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(options.zip64 ? 0xffff : count, 8)
  end.writeUInt16LE(options.zip64 ? 0xffff : count, 10)
  end.writeUInt32LE(options.zip64 ? 0xffffffff : size, 12)
  end.writeUInt32LE(options.zip64 ? 0xffffffff : offset, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([end, comment])
}

/** APPNOTE 4.3.14 and 4.3.15. */
function zip64Records(count: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(56 + 20)
  record.write('PK\x06\x06', 'latin1')
  record.writeBigUInt64LE(44n, 4)
  record.writeUInt16LE(45, 12)
  record.writeUInt16LE(45, 14)
  record.writeBigUInt64LE(BigInt(count), 24)
  record.writeBigUInt64LE(BigInt(count), 32)
  record.writeBigUInt64LE(BigInt(size), 40)
  record.writeBigUInt64LE(BigInt(offset), 48)
  record.write('PK\x06\x07', 56, 'latin1')
  record.writeBigUInt64LE(BigInt(offset + size), 64)
  record.writeUInt32LE(1, 72)
  return record
}

/** A zip of exactly these headers and contents, right or wrong. */
export function rawZip(entries: readonly RawZipEntry[], options: RawZipOptions = {}): Buffer {
  const body: Uint8Array[] = [options.prefix ?? Buffer.alloc(0)]
  const central: Buffer[] = []
  let offset = body[0]?.length ?? 0
  for (const entry of entries) {
    const fields = zipFields(entry)
    const local = localPart(entry, fields)
    body.push(local)
    central.push(centralPart(entry, fields, offset))
    offset += local.length
  }
  const gap = options.gap ?? Buffer.alloc(0)
  const directory = Buffer.concat(central)
  const start = offset + gap.length
  const count = options.count ?? entries.length
  const zip64 = options.zip64 ? [zip64Records(count, directory.length, start)] : []
  const end = endRecord(count, directory.length, start, options)
  return Buffer.concat([...body, gap, directory, ...zip64, end, options.trailing ?? Buffer.alloc(0)])
}
