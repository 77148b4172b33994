import { createReadStream } from 'node:fs'
import { type Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'

const HINT = 'fetch it again; if that does not help, the file is damaged where it comes from'
const READ_BYTES = 1024 * 1024

/**
 * A file's bytes in chunks of 1 MiB. Opened when the first is asked for, closed at the end or when the consumer stops.
 * @param range bytes, `end` inclusive
 * @throws E_ABORTED, and what the disk says
 */
export async function* fileChunks(
  file: string,
  signal: AbortSignal,
  range: { readonly start?: number; readonly end?: number } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = createReadStream(file, { ...range, highWaterMark: READ_BYTES, signal })
  const closed = new Promise<void>((resolve) => stream.once('close', resolve))
  try {
    yield* stream as AsyncIterable<Uint8Array>
  } catch (thrown) {
    throw toPkgcacheError(thrown, 'E_STORE')
  } finally {
    stream.destroy()
    await closed
  }
}

/** Faults of the disk, cancelling and our own keep their codes; what else a decoder throws is the archive's fault. */
export function decodeFault(thrown: unknown, what: string): PkgcacheError {
  const fault = toPkgcacheError(thrown, 'E_ARCHIVE')
  const fromDisk = thrown instanceof Error && 'syscall' in thrown
  if (fromDisk || fault === thrown || fault.code !== 'E_ARCHIVE') return fault
  const message = `${what} is damaged or truncated: ${fault.message}`
  return new PkgcacheError('E_ARCHIVE', message, { hint: HINT, cause: thrown })
}

/** A generator that is a source has closed its file when this is done. */
async function letGo(source: AsyncIterable<Uint8Array>): Promise<void> {
  if ('return' in source && typeof source.return === 'function') await source.return()
}

/**
 * `source` through a decoder stream, in bounded memory. When the consumer stops early or either side fails,
 * both are destroyed before this ends.
 * @param what names the data in errors: `the gzip stream`
 * @throws E_ARCHIVE for what the decoder objects to, E_ABORTED; PkgcacheErrors of the source pass
 */
export async function* decodeThrough(
  source: AsyncIterable<Uint8Array>,
  decoder: Duplex,
  what: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  // As a stream: with a generator, pipeline waits for ever for a decoder built on readable-stream (lzma-native) that
  // finishes within `end()`. Caught at once: the loop below throws the same fault, but may not be waiting for it yet.
  const settled = pipeline(Readable.from(source), decoder, signal === undefined ? {} : { signal }).catch(
    () => undefined,
  )
  try {
    yield* decoder as AsyncIterable<Uint8Array>
  } catch (thrown) {
    throw decodeFault(thrown, what)
  } finally {
    decoder.destroy()
    await settled
    await letGo(source)
  }
}
