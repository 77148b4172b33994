import { createRequire } from 'node:module'
import * as zlib from 'node:zlib'

const LEVEL = 3
// At least one: with 0 zstd takes another code path and gives other bytes. More workers give the same bytes; with one,
// a 100 MB tar.gz took 3.0 s on two processors, with two 2.4 s.
const WORKERS = 2
// What one worker gets at a time; part of what decides the bytes. zstd's own choice, 8 MiB at this level, takes 25 MB more
// memory for a tenth of a percent of size, and is no faster.
const JOB_BYTES = 2 << 20
const OUTPUT_BYTES = 1 << 20

/**
 * @typedef {{ write(bytes: Uint8Array, sink: (bytes: Uint8Array) => void): void, end(sink: (bytes: Uint8Array) => void): void }} Encoder
 */

/**
 * A zstd frame at level 3 with a content checksum, written synchronously: for worker threads.
 * @returns {Encoder}
 */
export function createZstdEncoder() {
  /** @type {typeof import('zstd-napi/binding.js')} */
  let binding
  try {
    binding = createRequire(import.meta.url)('zstd-napi/binding')
  } catch (cause) {
    return builtinEncoder(cause)
  }
  const { CCtx, CParameter, EndDirective } = binding
  const context = new CCtx()
  context.setParameter(CParameter.compressionLevel, LEVEL)
  context.setParameter(CParameter.nbWorkers, WORKERS)
  context.setParameter(CParameter.jobSize, JOB_BYTES)
  context.setParameter(CParameter.checksumFlag, 1)
  const output = Buffer.allocUnsafe(OUTPUT_BYTES)
  /** @type {(bytes: Uint8Array, directive: number, sink: (bytes: Uint8Array) => void) => void} */
  const drive = (bytes, directive, sink) => {
    let input = bytes
    for (;;) {
      const [left, produced, consumed] = context.compressStream2(output, input, directive)
      if (produced > 0) sink(output.subarray(0, produced))
      input = input.subarray(consumed)
      if (input.length === 0 && (directive === EndDirective.continue || left === 0)) return
    }
  }
  const nothing = new Uint8Array(0)
  return {
    write: (bytes, sink) => drive(bytes, EndDirective.continue, sink),
    end: (sink) => drive(nothing, EndDirective.end, sink),
  }
}

/**
 * Where zstd-napi cannot load: Node's own zstd (≥ 22.15). It compresses one buffer at a time, so the inner tar is
 * kept until its end; the frame's bytes may differ from zstd-napi's where the zstd versions do.
 * @param {unknown} cause
 * @returns {Encoder}
 */
function builtinEncoder(cause) {
  const { zstdCompressSync, constants } = /** @type {any} */ (zlib)
  if (zstdCompressSync === undefined) {
    throw new Error(
      'zstd-napi is not built for this machine and this Node has no zstd of its own (it needs 22.15)',
      { cause },
    )
  }
  /** @type {Buffer[]} */
  const chunks = []
  return {
    write: (bytes) => void chunks.push(Buffer.from(bytes)),
    end: (sink) =>
      sink(
        zstdCompressSync(Buffer.concat(chunks), {
          params: {
            [constants.ZSTD_c_compressionLevel]: LEVEL,
            [constants.ZSTD_c_nbWorkers]: WORKERS,
            [constants.ZSTD_c_jobSize]: JOB_BYTES,
            [constants.ZSTD_c_checksumFlag]: 1,
          },
        }),
      ),
  }
}
