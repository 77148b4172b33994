import { defineFormat, fileChunks } from '@pkgcache/core'
import { looksLikeTar } from './magic.ts'
import { type Options, schema } from './options.ts'

/** Plain tar archives: the bytes as they are; core parses and judges them. */
export default defineFormat<Options>({
  name: 'format-tar',
  schema,
  open(input, ctx) {
    if (!looksLikeTar(input.head, input.hint)) return undefined
    return { format: 'tar', tar: fileChunks(input.file, ctx.signal) }
  },
})
