import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDocument } from '../src/documents.ts'

const TEXT = '{\r\n  "Title": "Ünïcode ✓"\r\n}\r\n'
const marked = Buffer.from(`\uFEFF${TEXT}`, 'utf16le')

describe('files', () => {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pkgcache-documents-'))
  })
  afterAll(() => rm(dir, { recursive: true, force: true }))

  it.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${TEXT}`)],
    ['UTF-16, as Windows PowerShell writes it', marked],
    ['UTF-16, big end first', Buffer.from(marked).swap16()],
  ])('are read as %s', async (_, bytes) => {
    await writeFile(join(dir, 'report.json'), bytes)
    const { value } = await readDocument('report.json', 'E_SOFTWARE_REPORT', dir)
    expect(value).toEqual({ Title: 'Ünïcode ✓' })
  })
})
