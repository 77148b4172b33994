import { isUtf8 } from 'node:buffer'
import { PkgcacheError, printable } from '@pkgcache/core'
import { type Entry, getFileNameLowLevel, type LocalFileHeader, parseExtraFields } from 'yauzl'

const HINT = 'fetch it again; if that does not help, ask whoever publishes it for a clean archive'
/** General purpose bits (APPNOTE 4.4.4) that say what the data or the name are; 1 and 2 only tell how hard it tried. */
const MEANINGFUL_FLAGS = 0x2879
const FLAG_ENCRYPTED = 0x2041
const FLAG_DESCRIPTOR = 0x8
const FLAG_UTF8 = 0x800
const UNICODE_PATH = 0x7075
const ZIP64 = 0x1
const IN_ZIP64 = 0xffffffff

/** @param what `member "a/b"`, `the zip` */
export function zipError(what: string, problem: string, cause?: unknown): PkgcacheError {
  return new PkgcacheError('E_ARCHIVE', `${what} ${problem}`, { hint: HINT, cause })
}

/** How errors call a member. */
export function memberLabel(name: string): string {
  return `member ${JSON.stringify(printable(name))}`
}

/**
 * A member's name as the archive spells it, backslashes and all: UTF-8 where flagged, else CP437. The Unicode path
 * field counts when its checksum fits (APPNOTE 4.6.9).
 * @throws E_ARCHIVE when bytes flagged as UTF-8 are not
 */
export function memberName(entry: Entry): string {
  const { fileNameRaw, extraFields, generalPurposeBitFlag: flags } = entry
  const name = getFileNameLowLevel(flags, fileNameRaw, extraFields, true)
  const field = extraFields.find(({ id }) => id === UNICODE_PATH)?.data.subarray(5)
  const encoded = (flags & FLAG_UTF8) === 0 || isUtf8(fileNameRaw)
  if (encoded && (field === undefined || isUtf8(field))) return name
  throw zipError(memberLabel(name), 'has a name that is not valid UTF-8')
}

/** @throws E_ARCHIVE for what cannot be read at all */
export function checkReadable(entry: Entry, label: string): void {
  const { generalPurposeBitFlag: flags, compressionMethod: method } = entry
  if ((flags & FLAG_ENCRYPTED) !== 0) throw zipError(label, 'is encrypted')
  if (method !== 0 && method !== 8)
    throw zipError(label, `uses compression method ${method}; only 0 and 8 are read`)
  if (method === 0 && entry.compressedSize !== entry.uncompressedSize) {
    throw zipError(label, `is stored, but states ${entry.compressedSize} and ${entry.uncompressedSize} bytes`)
  }
}

/** Sizes of a local header: original, then compressed, from the zip64 field where they do not fit (APPNOTE 4.5.3). */
function localSizes(local: LocalFileHeader): readonly [number, number] {
  const { uncompressedSize, compressedSize } = local
  if (uncompressedSize !== IN_ZIP64 && compressedSize !== IN_ZIP64) return [uncompressedSize, compressedSize]
  const field = parseExtraFields(local.extraField).find(({ id }) => id === ZIP64)?.data
  if (field === undefined || field.length < 16) return [uncompressedSize, compressedSize]
  return [Number(field.readBigUInt64LE(0)), Number(field.readBigUInt64LE(8))]
}

/** The first field in which the two headers of a member differ. */
function difference(entry: Entry, local: LocalFileHeader): string | undefined {
  if (!local.fileName.equals(entry.fileNameRaw))
    return `name ${JSON.stringify(printable(local.fileName.toString()))}`
  if (local.compressionMethod !== entry.compressionMethod)
    return `compression method ${local.compressionMethod}`
  const flags = local.generalPurposeBitFlag
  if (((flags ^ entry.generalPurposeBitFlag) & MEANINGFUL_FLAGS) !== 0) return `flags 0x${flags.toString(16)}`
  const [size, compressedSize] = localSizes(local)
  // Streaming writers leave these for the data descriptor behind the data; libarchive states the size it knows.
  const unset = (value: number) => value === 0 && (flags & FLAG_DESCRIPTOR) !== 0
  if (size !== entry.uncompressedSize && !unset(size)) return `size ${size}`
  if (compressedSize !== entry.compressedSize && !unset(compressedSize))
    return `compressed size ${compressedSize}`
  if (local.crc32 !== entry.crc32 && (flags & FLAG_DESCRIPTOR) === 0) return `CRC ${local.crc32.toString(16)}`
  return undefined
}

/**
 * The central directory and the header before the data must tell the same: readers differ in which one they believe.
 * @throws E_ARCHIVE
 */
export function checkLocal(entry: Entry, local: LocalFileHeader, label: string): void {
  const found = difference(entry, local)
  if (found !== undefined)
    throw zipError(label, `has ${found} in its own header, unlike in the central directory`)
}
