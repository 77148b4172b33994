import { defineFormat } from '@pkgcache/core'
import { type Options, schema } from './options.ts'

/** A member's header, the end record of an empty zip, or the mark of a spanned one (APPNOTE 4.3.7, 4.3.16, 8.5.3). */
const MAGICS = ['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08']

/** yauzl is loaded with the first zip. */
async function reader() {
  return (await import('./members.ts')).zipMembers
}

/** Zip archives. */
export default defineFormat<Options>({
  name: 'format-zip',
  schema,
  async open(input, ctx) {
    if (!MAGICS.includes(Buffer.from(input.head.subarray(0, 4)).toString('latin1'))) return undefined
    const zipMembers = await reader()
    return { format: 'zip', members: zipMembers(input, ctx.signal) }
  },
})
