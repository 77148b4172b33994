/** One tar header and its content; every field can be set to what no real tool would write. */
export interface RawTarEntry {
  readonly name: string | Uint8Array
  /** Permission bits. Default 0644. */
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Bytes, as the header says. Default: those of `content`. */
  readonly size?: number
  /** Seconds since the epoch. Default 0. */
  readonly mtime?: number
  /** Type flag: `0` file, `1` hard link, `2` symlink, `3` `4` devices, `5` folder, `6` FIFO, `L` `K` GNU, `x` `g` pax. */
  readonly type?: string
  readonly linkName?: string
  /** Six bytes and the version's two. Default `ustar\0` `00`; `''` for v7; `'ustar  \0'` for GNU. */
  readonly magic?: string
  readonly prefix?: string
  readonly uname?: string
  readonly gname?: string
  readonly devMajor?: number
  readonly devMinor?: number
  readonly content?: Uint8Array | string
  /** Records of a pax header to go before this entry, in this order. */
  readonly pax?: Readonly<Record<string, string>>
  /** Default: the right one. */
  readonly checksum?: number
}

/** How the archive as a whole is written. */
export interface RawTarOptions {
  /** Zero blocks at the end. Default 2. */
  readonly endBlocks?: number
  /** Bytes behind them. */
  readonly trailing?: Uint8Array
}

const BLOCK = 512

function bytes(content: Uint8Array | string): Buffer {
  return typeof content === 'string'
    ? Buffer.from(content)
    : Buffer.from(content.buffer, content.byteOffset, content.length)
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}

function padded(content: Uint8Array): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)])
}

/** A size beyond octal's eleven digits goes in base 256, as GNU and star write it. */
function writeSize(header: Buffer, size: number): void {
  if (size < 8 ** 11) header.write(octal(size, 12), 124, 'latin1')
  else {
    header.writeUInt8(0x80, 124)
    header.writeBigUInt64BE(BigInt(size), 128)
  }
}

function tarHeader(entry: RawTarEntry, size: number): Buffer {
  const header = Buffer.alloc(BLOCK)
  bytes(entry.name).copy(header, 0, 0, 100)
  header.write(octal(entry.mode ?? 0o644, 8), 100, 'latin1')
  header.write(octal(entry.uid ?? 0, 8), 108, 'latin1')
  header.write(octal(entry.gid ?? 0, 8), 116, 'latin1')
  writeSize(header, size)
  header.write(octal(entry.mtime ?? 0, 12), 136, 'latin1')
  header.write(entry.type ?? '0', 156, 'latin1')
  header.write(entry.linkName ?? '', 157, 100, 'utf8')
  header.write(entry.magic ?? 'ustar\x0000', 257, 8, 'latin1')
  header.write(entry.uname ?? '', 265, 32, 'utf8')
  header.write(entry.gname ?? '', 297, 32, 'utf8')
  if (entry.devMajor !== undefined) header.write(octal(entry.devMajor, 8), 329, 'latin1')
  if (entry.devMinor !== undefined) header.write(octal(entry.devMinor, 8), 337, 'latin1')
  header.write(entry.prefix ?? '', 345, 155, 'utf8')
  header.fill(' ', 148, 156)
  const sum = entry.checksum ?? header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

/** A pax record counts its own length digits (POSIX pax, "pax Header Block"). */
export function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + 1
  while (rest + String(length).length !== length) length = rest + String(length).length
  return Buffer.from(`${length} ${key}=${value}\n`)
}

function rawTarEntry(entry: RawTarEntry): Buffer {
  const content = bytes(entry.content ?? '')
  const own = Buffer.concat([tarHeader(entry, entry.size ?? content.length), padded(content)])
  if (entry.pax === undefined) return own
  const records = Buffer.concat(Object.entries(entry.pax).map(([key, value]) => paxRecord(key, value)))
  return Buffer.concat([rawTarEntry({ name: 'PaxHeader', type: 'x', content: records }), own])
}

/** A tar of exactly these headers and contents, right or wrong. */
export function rawTar(entries: readonly RawTarEntry[], options: RawTarOptions = {}): Buffer {
  const end = Buffer.alloc(BLOCK * (options.endBlocks ?? 2))
  return Buffer.concat([...entries.map(rawTarEntry), end, options.trailing ?? Buffer.alloc(0)])
}
