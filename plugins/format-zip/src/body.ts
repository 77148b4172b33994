import type { TransformOptions } from 'node:stream'
import { crc32, createInflateRaw, type ZlibOptions } from 'node:zlib'
import { decodeThrough, type FormatInput, fileChunks } from '@pkgcache/core'
import type { Entry } from 'yauzl'
import { zipError } from './headers.ts'

/** As for gzip: large chunks, decoded ahead on zlib's thread. */
const INFLATE: ZlibOptions & TransformOptions = { chunkSize: 256 * 1024, readableHighWaterMark: 1024 * 1024 }

/** Where one member's data lie. */
export interface Span {
  /** Offset of the local header. */
  readonly start: number
  readonly dataStart: number
  /** Offset behind the data. */
  readonly end: number
}

async function* inflate(
  input: FormatInput,
  signal: AbortSignal,
  span: Span,
  label: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = createInflateRaw(INFLATE)
  const source = fileChunks(input.file, signal, { start: span.dataStart, end: span.end - 1 })
  yield* decodeThrough(source, decoder, label, signal)
  const unused = span.end - span.dataStart - decoder.bytesWritten
  if (unused > 0) throw zipError(label, `has ${unused} bytes behind its compressed data`)
}

/**
 * A member's content, its size and CRC-32 checked.
 * @throws E_ARCHIVE, E_ABORTED
 */
export async function* memberBody(
  input: FormatInput,
  signal: AbortSignal,
  entry: Entry,
  span: Span,
  label: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0
  let crc = 0
  if (span.end > span.dataStart) {
    const stored = entry.compressionMethod === 0
    const range = { start: span.dataStart, end: span.end - 1 }
    for await (const chunk of stored
      ? fileChunks(input.file, signal, range)
      : inflate(input, signal, span, label)) {
      size += chunk.length
      if (size > entry.uncompressedSize)
        throw zipError(label, `is longer than the ${entry.uncompressedSize} bytes stated`)
      crc = crc32(chunk, crc)
      yield chunk
    }
  }
  if (size !== entry.uncompressedSize) {
    throw zipError(label, `holds ${size} bytes, not the ${entry.uncompressedSize} stated`)
  }
  if (crc !== entry.crc32) throw zipError(label, 'does not match its CRC-32')
}
