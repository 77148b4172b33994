import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Schemas } from '../../src/schemas.ts'
import { inSignal, openStore, publish, sha256 } from '../support/store.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const read = (root: string) => parse(readFileSync(join(root, 'index.yaml'), 'utf8'))

describe('index.yaml', () => {
  it('says what the records say, and keeps to its schema', async () => {
    const root = folder()
    const { store } = openStore(root)
    await publish(store, {}, 'bytes')
    await publish(
      store,
      { name: 'python', platform: 'win32', arch: 'x64' },
      'zip',
      { type: 'kept' },
      'python.zip',
    )
    await store.access.touch(['tool@1.0.0@linux@amd64'], Date.parse('2026-03-04T05:06:07Z'))
    await store.flushIndex(inSignal())
    const index = read(root)
    const validate = new Schemas().validator('index')
    expect([validate(index), validate.errors]).toEqual([true, null])
    expect(index.packages.map((entry: { name: string }) => entry.name)).toEqual(['python', 'tool'])
    expect(index.packages[1]).toEqual({
      name: 'tool',
      version: '1.0.0',
      platform: 'linux',
      architecture: 'amd64',
      type: 'normalised',
      download_url: 'https://upstream.example/tool.tar.gz',
      local_path: 'tool-1.0.0-amd64.tar.zst',
      remote_path: 'tool/tool-1.0.0-amd64.tar.zst',
      format: 'tar.gz',
      original_size: 7,
      compressed_size: 5,
      checksum: sha256('bytes'),
      source_checksum: sha256('source'),
      content_checksum: sha256('content'),
      trust: 'tofu',
      cached_at: '2026-01-02T03:04:05.000Z',
      last_accessed_at: '2026-03-04T05:06:07.000Z',
    })
    expect(index.packages[0]).toMatchObject({
      local_path: 'win32/x64/python/1.0.0/python.zip',
      remote_path: 'python/win32/x64/1.0.0/python.zip',
      last_accessed_at: '2026-01-02T03:04:05.000Z',
    })
  })

  it.each(['1.10', '1e3', '0x10', '1_0', '2026-01-01', '010'])(
    'keeps the version %s as text',
    async (version) => {
      const root = folder()
      const { store } = openStore(root)
      await publish(store, { version })
      await store.flushIndex(inSignal())
      expect(read(root).packages[0].version).toBe(version)
    },
  )

  it('is left alone by reading and by a run that changes nothing', async () => {
    const root = folder()
    await publish(openStore(root).store, {})
    await openStore(root).store.flushIndex(inSignal())
    const before = statSync(join(root, 'index.yaml'), { bigint: true })
    const { store } = openStore(root)
    await store.list()
    await store.flushIndex(inSignal())
    await store.access.touch(['tool@1.0.0@linux@amd64'], Date.now())
    const after = statSync(join(root, 'index.yaml'), { bigint: true })
    expect([after.mtimeNs, after.ino]).toEqual([before.mtimeNs, before.ino])
  })

  it.each<readonly [string, string]>([
    ['no YAML', 'packages: [\n'],
    ['another document', 'hello: world\n'],
    ['a list', '- 1\n'],
    ['a field too many', 'version: 1\nupdated_at: 2026-01-01T00:00:00Z\npackages: []\nextra: 1\n'],
    ['aliases', 'a: &a [1]\nb: [*a, *a]\n'],
    ['not a word', ''],
  ])('that holds %s is set aside and written anew', async (_, text) => {
    const root = folder()
    await publish(openStore(root).store, {})
    writeFileSync(join(root, 'index.yaml'), text)
    const { store, lines } = openStore(root)
    await store.flushIndex(inSignal())
    expect(read(root).packages.length).toBe(1)
    const aside = readdirSync(root).filter((name) => name.startsWith('index.yaml.broken-'))
    expect(aside.map((name) => readFileSync(join(root, name), 'utf8'))).toEqual([text])
    expect(lines).toEqual([`warn index.yaml could not be read; it was moved to ${aside[0]} and written anew`])
  })

  it('that is a folder is set aside too', async () => {
    const root = folder()
    await publish(openStore(root).store, {})
    mkdirSync(join(root, 'index.yaml'))
    const { store, lines } = openStore(root)
    await store.flushIndex(inSignal())
    expect(read(root).packages.length).toBe(1)
    expect(lines.length).toBe(1)
  })

  it('is made from the records of all processes', async () => {
    const root = folder()
    const [one, two] = [openStore(root).store, openStore(root).store]
    await publish(one, { name: 'one' })
    await one.load()
    await publish(two, { name: 'two' })
    await one.flushIndex(inSignal())
    expect(read(root).packages.map((entry: { name: string }) => entry.name)).toEqual(['one', 'two'])
  })
})
