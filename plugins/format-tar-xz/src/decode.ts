/// <reference path="./lzma-native.d.ts" />
import type { Duplex } from 'node:stream'
import {
  decodeThrough,
  decodeWithCommand,
  type FormatInput,
  fileChunks,
  findCommand,
  PkgcacheError,
} from '@pkgcache/core'

const WHAT = 'the xz stream'
/** `xz -9` needs 65 MiB to decode. */
const MEMORY_MIB = 256
/**
 * lzma-native hands on all that one write expands to, up to 7,000 times its size, so it gets little at a time;
 * what it has decoded may lie ready while the consumer works.
 */
const STREAM = { writableHighWaterMark: 4096, readableHighWaterMark: 1024 * 1024 }
const WRITE_BYTES = 4096

/** undefined where that optional dependency is not installed or does not load. */
async function nativeDecoder(): Promise<Duplex | undefined> {
  try {
    const { default: lzma } = await import('lzma-native')
    return lzma.createStream('streamDecoder', { memlimit: MEMORY_MIB * 1024 * 1024, ...STREAM })
  } catch {
    return undefined
  }
}

async function* slices(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += WRITE_BYTES) yield chunk.subarray(at, at + WRITE_BYTES)
  }
}

/**
 * Decodes with lzma-native where it loads, else with the `xz` command.
 * @throws E_ARCHIVE, E_ABORTED, and E_FORMAT when this machine has neither
 */
export async function* decodeXz(
  input: FormatInput,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  // Everything in an .xz file comes in units of four bytes (The .xz File Format 1.2.1, section 2); lzma-native
  // passes over odd padding.
  if (input.size % 4 !== 0) {
    throw new PkgcacheError(
      'E_ARCHIVE',
      `${WHAT} is damaged or truncated: ${input.size} bytes is no size for one`,
      {
        hint: 'fetch it again; if that does not help, the file is damaged where it comes from',
      },
    )
  }
  const decoder = await nativeDecoder()
  if (decoder !== undefined)
    return yield* decodeThrough(slices(fileChunks(input.file, signal)), decoder, WHAT, signal)
  const command = await findCommand(['xz'])
  if (command === undefined) {
    throw new PkgcacheError('E_FORMAT', 'nothing on this machine can decode xz', {
      hint: 'install the xz command, or lzma-native (npm rebuild lzma-native shows why it does not load)',
    })
  }
  const args = ['-dc', '--format=xz', `--memlimit-decompress=${MEMORY_MIB}MiB`]
  yield* decodeWithCommand([command, ...args], input.file, signal, WHAT)
}
