import { resolve } from 'node:path'
import { oneLine } from '../render/text.ts'
import { openCache, using } from '../session.ts'
import { replaceFile } from './report-file.ts'
import type { Handler } from './types.ts'

/** Ends with 0 whatever changed: to judge it is the reader's part. */
export const compare: Handler = async (invocation) => {
  const { args, cwd, options, output } = invocation
  const [older, newer] = [resolve(cwd, args[0] ?? ''), resolve(cwd, args[1] ?? '')]
  const format = options.format ?? 'text'
  const rendered = await using(openCache(invocation), (cache) => cache.compare(older, newer, format))
  const file = options.output === undefined ? undefined : resolve(cwd, options.output)
  if (file !== undefined) await replaceFile(file, rendered.content)
  if (output.json) output.document(rendered.comparison)
  else if (file === undefined) output.result(rendered.content.replace(/\n$/, ''))
  else output.say(`comparison (${oneLine(rendered.format)})  ${oneLine(file)}`)
  return 0
}
