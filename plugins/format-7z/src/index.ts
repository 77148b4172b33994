import { defineFormat } from '@pkgcache/core'
import { type Options, schema } from './options.ts'

/** Signature (7zFormat.txt, "Signature header"). */
const MAGIC = '377abcaf271c'

/** Everything else is loaded with the first 7z. */
async function reader() {
  return (await import('./members.ts')).sevenZipMembers
}

/** 7z archives. */
export default defineFormat<Options>({
  name: 'format-7z',
  schema,
  async open(input, ctx) {
    if (Buffer.from(input.head.subarray(0, 6)).toString('hex') !== MAGIC) return undefined
    const sevenZipMembers = await reader()
    return { format: '7z', members: sevenZipMembers(input, ctx.signal) }
  },
})
