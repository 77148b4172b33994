import { open } from 'node:fs/promises'
import { decodeWithCommand, type FormatInput, findCommand, PkgcacheError, systemCode } from '@pkgcache/core'
import { decodeHere } from './decode-here.ts'

const WHAT = 'the bzip2 stream'
const HINT = 'fetch it again; if that does not help, the file is damaged where it comes from'
/** The end-of-stream mark, 48 bits, and the checksum behind it, 32; then up to 7 bits of padding. */
const END_MARK = 0x177245385090n
const MARK_BITS = 48n
const CHECKSUM_BITS = 32n
const TAIL_BYTES = 11

/** True when a stream ends exactly where `tail` does: bzip2 and lbzip2 pass over whatever follows one. */
export function endsWithMark(tail: Uint8Array): boolean {
  const bits = BigInt(`0x0${Buffer.from(tail).toString('hex')}`)
  return [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].some(
    (padding) => BigInt.asUintN(Number(MARK_BITS), bits >> (CHECKSUM_BITS + padding)) === END_MARK,
  )
}

async function readTail(input: FormatInput): Promise<Uint8Array> {
  const handle = await open(input.file)
  try {
    const length = Math.min(TAIL_BYTES, input.size)
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, input.size - length)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** What the decoder objects to is the archive's fault; other faults keep their codes. */
async function* asArchiveFault(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks
  } catch (thrown) {
    if (thrown instanceof PkgcacheError || systemCode(thrown) !== undefined) throw thrown
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new PkgcacheError('E_ARCHIVE', `${WHAT} is damaged or truncated: ${reason}`, {
      hint: HINT,
      cause: thrown,
    })
  }
}

/** Decodes with lbzip2 (all cores) or bzip2 where PATH has one, else here, about ten times slower. */
export async function* decodeBzip2(
  input: FormatInput,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!endsWithMark(await readTail(input))) {
    const message = `${WHAT} does not end with its end mark: it is truncated, or something follows it`
    throw new PkgcacheError('E_ARCHIVE', message, { hint: HINT })
  }
  const command = await findCommand(['lbzip2', 'bzip2'])
  if (command === undefined) yield* asArchiveFault(decodeHere(input, signal))
  else yield* decodeWithCommand([command, '-dc'], input.file, signal, WHAT)
}
