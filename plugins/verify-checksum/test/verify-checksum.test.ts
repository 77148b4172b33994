import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExpectedDigest, Finding, PluginApi, PluginContext, Staged } from '@pkgcache/core'
import { transportContext } from '@pkgcache/core/testing'
import { AsyncParallelHook } from 'tapable'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import verifyChecksum from '../src/index.ts'

const DOWNLOAD = createHash('sha256').update('download').digest('hex')
const OTHER = 'ab'.repeat(32)
const key = { name: 'runc', version: '1.3.0', platform: 'linux', arch: 'amd64' }

let folder: string
let stored: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pkgcache-verify-'))
  stored = join(folder, 'archive')
  await writeFile(stored, 'archive')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function staged(digests: readonly ExpectedDigest[], changes: Partial<Staged['stored']> = {}): Staged {
  const sha256 = createHash('sha256').update('archive').digest('hex')
  return {
    resolved: {
      ...key,
      key,
      urls: ['https://example.com/runc.amd64'],
      digests,
      minimumTrust: 'tofu',
      source: 'source-test',
      request: key,
    },
    file: join(folder, 'download'),
    size: 8,
    digests: { sha256: DOWNLOAD },
    url: 'https://example.com/runc.amd64',
    servedBy: 'https://example.com/runc.amd64',
    stored: { file: stored, size: 7, sha256, format: 'binary', unpackedSize: 7, members: [], ...changes },
  }
}

/** What the plugin finds, tapped as the host taps it. */
async function findings(input: Staged): Promise<readonly Finding[]> {
  const hook = new AsyncParallelHook<[Staged, PluginContext]>(['staged', 'ctx'])
  const found: Finding[] = []
  hook.intercept({
    register: (tap) => {
      const fn = tap.fn as (...args: unknown[]) => Promise<readonly Finding[]>
      return { ...tap, fn: async (...args: unknown[]) => void found.push(...(await fn(...args))) }
    },
  })
  verifyChecksum().setup({ hooks: { verify: hook }, suggest: () => undefined } as unknown as PluginApi)
  await hook.promise(input, transportContext())
  return found
}

const digest = (value: string, origin: ExpectedDigest['origin']): ExpectedDigest => ({
  algorithm: 'sha256',
  value,
  origin,
  from: 'https://example.com/sums',
})

describe('verify-checksum', () => {
  it.each([
    { origin: 'pinned', trust: 'pinned', words: 'the pin' },
    { origin: 'lock', trust: 'pinned', words: 'the lock file' },
    { origin: 'checksum-file', trust: 'checksum-file', words: 'the checksum file' },
  ] as const)('a digest from $origin proves $trust', async ({ origin, trust, words }) => {
    const [first] = await findings(staged([digest(DOWNLOAD, origin)]))
    expect(first).toEqual({
      ok: true,
      trust,
      summary: `sha256 of the download equals ${words}`,
      from: 'https://example.com/sums',
    })
  })

  it('names both digests when one differs', async () => {
    const [first] = await findings(staged([digest(OTHER, 'checksum-file')]))
    expect(first).toEqual({
      ok: false,
      summary: `sha256 of the download is ${DOWNLOAD}, but the checksum file says ${OTHER}`,
      from: 'https://example.com/sums',
    })
  })

  it('weighs every digest and finds the file as it was written', async () => {
    const found = await findings(staged([digest(DOWNLOAD, 'pinned'), digest(DOWNLOAD, 'checksum-file')]))
    expect(found.map(({ ok, trust }) => [ok, trust])).toEqual([
      [true, 'pinned'],
      [true, 'checksum-file'],
      [true, undefined],
    ])
  })

  it('proves no trust without a digest', async () => {
    expect((await findings(staged([]))).map(({ ok, trust }) => [ok, trust])).toEqual([[true, undefined]])
  })

  it.each([
    { what: 'other bytes', content: 'ARCHIVE' },
    { what: 'fewer bytes', content: 'archiv' },
    { what: 'more bytes', content: 'archive!' },
  ])('finds $what on disk than were written', async ({ content }) => {
    await writeFile(stored, content)
    const [last] = await findings(staged([]))
    expect(last).toMatchObject({ ok: false })
    expect(last?.summary).toContain(createHash('sha256').update(content).digest('hex'))
    expect(last?.summary).toContain(staged([]).stored.sha256)
  })
})
