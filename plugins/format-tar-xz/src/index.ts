import { defineFormat } from '@pkgcache/core'
import { decodeXz } from './decode.ts'
import { type Options, schema } from './options.ts'

/** The .xz File Format 1.2.1, 2.1.1.1. */
const MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])

/** Tar archives compressed with xz. */
export default defineFormat<Options>({
  name: 'format-tar-xz',
  schema,
  open(input, ctx) {
    if (!MAGIC.equals(input.head.subarray(0, MAGIC.length))) return undefined
    return { format: 'tar.xz', tar: decodeXz(input, ctx.signal) }
  },
})
