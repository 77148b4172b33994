import { resolve } from 'node:path'
import { oneLine } from '../render/text.ts'
import { openCache, using } from '../session.ts'
import { replaceFile } from './report-file.ts'
import type { Handler } from './types.ts'

export const report: Handler = async (invocation) => {
  const { cwd, options, output } = invocation
  const rendered = await using(openCache(invocation), (cache) => cache.report(options.format ?? 'text'))
  const file = options.output === undefined ? null : resolve(cwd, options.output)
  if (file !== null) await replaceFile(file, rendered.content)
  if (output.json) {
    output.document({ format: rendered.format, file, content: file === null ? rendered.content : null })
  } else if (file === null) {
    output.result(rendered.content.replace(/\n$/, ''))
  } else {
    output.say(`report (${oneLine(rendered.format)})  ${oneLine(file)}`)
  }
  return 0
}
