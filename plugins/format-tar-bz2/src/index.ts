import { defineFormat } from '@pkgcache/core'
import { decodeBzip2 } from './decode.ts'
import { type Options, schema } from './options.ts'

/** `BZh`, the block size, then the mark of a block or of an empty stream; of a truncated file, what is left of it. */
function looksLikeBzip2(head: Uint8Array): boolean {
  const start = Buffer.from(head.subarray(0, 10)).toString('latin1')
  const marks = ['1AY&SY', '\x17rE8P\x90']
  return /^BZh[1-9]/.test(start) && marks.some((mark) => mark.startsWith(start.slice(4)))
}

/** Tar archives compressed with bzip2. */
export default defineFormat<Options>({
  name: 'format-tar-bz2',
  schema,
  open(input, ctx) {
    if (!looksLikeBzip2(input.head)) return undefined
    return { format: 'tar.bz2', tar: decodeBzip2(input, ctx.signal) }
  },
})
