import { defineFormat, type FormatInput, fileChunks, type Member, PkgcacheError } from '@pkgcache/core'
import { firstLine, looksLikeHtml, looksLikeProgram } from './magic.ts'
import { type Options, schema } from './options.ts'

const HINT =
  'a proxy, login page or wrong URL may have answered in place of the file; look at the URL in a browser'

/** What a server sends instead of a program. */
function checkContent(input: FormatInput): void {
  if (input.size === 0)
    throw new PkgcacheError('E_FORMAT', 'the file is empty, not a program', { hint: HINT })
  if (!looksLikeHtml(input.head)) return
  const line = JSON.stringify(firstLine(input.head))
  throw new PkgcacheError('E_FORMAT', `the file is an HTML page, not a program; it starts with ${line}`, {
    hint: HINT,
  })
}

async function* onlyMember(input: FormatInput, signal: AbortSignal): AsyncGenerator<Member, void, undefined> {
  const body = fileChunks(input.file, signal)
  yield { path: input.memberName, type: 'file', mode: 0o755, size: input.size, mtime: 0, body }
}

/** A bare program: becomes an archive of one member, executable. */
export default defineFormat<Options>({
  name: 'format-binary',
  schema,
  enforce: 'post',
  open(input, ctx) {
    const declared = input.hint === 'binary'
    if (!declared && !looksLikeProgram(input.head)) return undefined
    checkContent(input)
    return { format: 'binary', members: onlyMember(input, ctx.signal) }
  },
})
