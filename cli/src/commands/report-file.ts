import { randomBytes } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { PkgcacheError } from '@pkgcache/core'

/** Whole or not at all: a reader never sees half a report. @throws E_REPORT */
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
