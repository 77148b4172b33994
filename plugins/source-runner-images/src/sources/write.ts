import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { PkgcacheError, systemCode } from '@pkgcache/core'
import type { SourceList } from './types.ts'

/** A source list as it is written: indented, with a line break at its end. */
export function formatSourceList({ metadata, sources, unresolved }: SourceList): string {
  return `${JSON.stringify({ metadata, sources, unresolved }, undefined, 2)}\n`
}

/**
 * Writes a source list whole or not at all: whoever reads it meanwhile sees the one that was there.
 * @param file absolute
 * @throws E_SOURCE_LIST when it cannot be written
 */
export async function writeSourceList(file: string, list: SourceList): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', 0o644)
    try {
      await handle.writeFile(formatSourceList(list))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (cause) {
    await rm(temporary, { force: true })
    const why = systemCode(cause) ?? (cause instanceof Error ? cause.message : String(cause))
    throw new PkgcacheError('E_SOURCE_LIST', `cannot be written: ${why}`, {
      item: file,
      cause,
      hint: 'choose a place that exists and can be written with --output',
    })
  }
}
