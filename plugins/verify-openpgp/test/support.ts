import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Finding,
  PkgcacheError,
  type PluginContext,
  type SignatureSource,
  type Staged,
} from '@pkgcache/core'
import { transportContext } from '@pkgcache/core/testing'
import { AsyncParallelHook, AsyncSeriesHook } from 'tapable'
import { afterAll } from 'vitest'
import verifyOpenpgp, { type VerifyOpenpgpOptions } from '../src/index.ts'

export const FOLDER = 'https://dl.x.example/1.0'
export const TOOL = `${FOLDER}/tool.tar.gz`
export const SUMS = `${FOLDER}/SHA256SUMS`
export const ASC = `${FOLDER}/SHA256SUMS.asc`
export const TOOL_ASC = `${FOLDER}/tool.tar.gz.asc`

/** The download, with line endings that a signature over text would leave open. */
export const DOWNLOAD = Buffer.from('tool\nof\r\nbytes \x00\xff', 'latin1')
export const SHA256 = createHash('sha256').update(DOWNLOAD).digest('hex')
export const SHA512 = createHash('sha512').update(DOWNLOAD).digest('hex')
export const LIST = `${'ab'.repeat(32)}  other.tar.gz\n${SHA256}  tool.tar.gz\n`

export const CLEAR: readonly SignatureSource[] = [{ over: 'checksum-file', checksumUrl: SUMS }]
export const DETACHED: readonly SignatureSource[] = [{ over: 'checksum-file', checksumUrl: SUMS, url: ASC }]
export const ARTIFACT: readonly SignatureSource[] = [{ over: 'artifact', url: TOOL_ASC }]

const folder = mkdtempSync(join(tmpdir(), 'pkgcache-openpgp-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A file in the folder of this test file. */
export function fileWith(name: string, content: string | Uint8Array): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

/** What upstream has, and what the source says of it. */
export interface Situation {
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly signatures?: readonly SignatureSource[]
  readonly name?: string
  readonly digests?: Staged['digests']
  readonly headers?: Readonly<Record<string, string>>
}

function staged({ signatures, name = 'tool', digests = { sha256: SHA256 }, headers }: Situation): Staged {
  const key = { name, version: '1.0', platform: 'linux', arch: 'amd64' }
  const file = fileWith('download', DOWNLOAD)
  return {
    resolved: {
      ...key,
      key,
      urls: [TOOL],
      digests: [],
      ...(signatures && { signatures }),
      ...(headers && { headers }),
      minimumTrust: 'tofu',
      source: 'source-test',
      request: key,
    },
    file,
    size: DOWNLOAD.length,
    digests,
    url: TOOL,
    servedBy: TOOL,
    stored: { file, size: 8, sha256: SHA256, format: 'tar.gz', unpackedSize: 8, members: [] },
  }
}

/** What was asked of upstream. */
export type Asked = { readonly url: string; readonly headers: unknown }[]

function contextOf(files: Situation['files'] = {}, asked: Asked = []): PluginContext {
  return {
    ...transportContext(),
    fetch: {
      text: () => Promise.reject(new Error('text is not asked for')),
      kept: () => Promise.reject(new Error('kept is not asked for')),
      size: () => Promise.reject(new Error('size is not asked for')),
      bytes: async (url, { maxBytes = Number.POSITIVE_INFINITY, headers } = {}) => {
        asked.push({ url, headers })
        const content = files[url]
        if (content === undefined) throw new PkgcacheError('E_NOT_FOUND', `${url} does not exist`)
        if (content.length > maxBytes) throw new PkgcacheError('E_TOO_LARGE', `${url} is too large`)
        return Buffer.from(content)
      },
    },
  }
}

/** A configured plugin, tapped as the host taps it. */
export function checker(options: VerifyOpenpgpOptions) {
  const verify = new AsyncParallelHook<[Staged, PluginContext]>(['staged', 'ctx'])
  const declare = new AsyncSeriesHook<[unknown, PluginContext]>(['declaration', 'ctx'])
  const found: Finding[] = []
  verify.intercept({
    register: (tap) => {
      const fn = tap.fn as (...args: unknown[]) => Promise<readonly Finding[] | undefined>
      return { ...tap, fn: async (...args: unknown[]) => void found.push(...((await fn(...args)) ?? [])) }
    },
  })
  verifyOpenpgp(options).setup({
    hooks: { verify, declare } as never,
    suggest: () => undefined,
    locate: () => undefined,
  })
  return async (situation: Situation, asked?: Asked): Promise<readonly Finding[]> => {
    found.length = 0
    await verify.promise(staged(situation), contextOf(situation.files, asked))
    return [...found]
  }
}

/** What a refusal says, as `E_CODE message`; the findings' summaries when there is none. */
export async function outcome(options: VerifyOpenpgpOptions, situation: Situation): Promise<string> {
  try {
    const findings = await checker(options)(situation)
    return findings.map(({ ok, trust, summary, from }) => `${ok} ${trust}: ${summary} (${from})`).join('; ')
  } catch (error) {
    if (!(error instanceof PkgcacheError)) throw error
    if (!error.hint) throw new Error(`no hint: ${error.message}`)
    return `${error.code} ${error.message}`
  }
}
