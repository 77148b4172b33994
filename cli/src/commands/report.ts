import { randomBytes } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { PkgcacheError } from '@pkgcache/core'
import { oneLine } from '../render/text.ts'
import { openCache, using } from '../session.ts'
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

/** Whole or not at all: a reader never sees half a report. */
export async function replaceFile(file: string, content: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeFile(temporary, content, { flag: 'wx' })
    await rename(temporary, file)
  } catch (cause) {
    await rm(temporary, { force: true })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PkgcacheError('E_REPORT', `cannot be written: ${reason}`, {
      item: file,
      cause,
      hint: 'choose a place that exists and can be written with --output',
    })
  }
}
