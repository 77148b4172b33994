import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type FetchRequest,
  type FetchResponse,
  PkgcacheError,
  type PluginApi,
  type PluginContext,
} from '@pkgcache/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import plugin from '../src/index.ts'

const BIG = Buffer.alloc(2_500_000, 'pkgcache')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pkgcache-file-'))
  chmodSync(folder, 0o755)
  writeFileSync(join(folder, 'tool'), 'hello world')
  writeFileSync(join(folder, 'ein wörk%1#?.tar'), 'odd name')
  writeFileSync(join(folder, 'big'), BIG)
  writeFileSync(join(folder, 'empty'), '')
  mkdirSync(join(folder, 'sub'))
  symlinkSync('tool', join(folder, 'link'))
  symlinkSync('nowhere', join(folder, 'dangling'))
  symlinkSync('circle', join(folder, 'circle'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
})
afterAll(() => rmSync(folder, { recursive: true }))

type Tap = (request: FetchRequest, ctx: PluginContext) => Promise<FetchResponse>

function fetch(
  url: URL | string,
  more: Partial<FetchRequest> = {},
  signal = new AbortController().signal,
): Promise<FetchResponse> {
  const taps: Tap[] = []
  const hook = { tapPromise: (_: string, tap: Tap) => taps.push(tap) }
  plugin().setup({ hooks: { fetch: hook } } as unknown as PluginApi)
  const request: FetchRequest = { url: new URL(url), method: 'GET', headers: {}, ...more }
  return taps[0]?.(request, { signal } as unknown as PluginContext) ?? Promise.reject(new Error('no tap'))
}

function urlOf(name: string): string {
  return pathToFileURL(join(folder, name)).href
}

async function read(response: FetchResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function failure(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string; retryable: boolean; hint: string | undefined }> {
  const error = await promise.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof PkgcacheError)) throw error
  const { code, message, retryable, hint } = error
  return { code, message, retryable, hint }
}

/** Descriptors of this process that lead into the folder. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      return target.startsWith(folder) ? [target] : []
    } catch {
      return []
    }
  })
}

describe('a regular file', () => {
  it.each([
    ['tool', 'hello world'],
    ['ein wörk%1#?.tar', 'odd name'],
    ['link', 'hello world'],
    ['empty', ''],
  ])('%j is fetched', async (name, text) => {
    const response = await fetch(urlOf(name))
    expect(response).toMatchObject({ size: Buffer.byteLength(text), offset: 0 })
    expect((await read(response)).toString()).toBe(text)
  })

  it('is fetched from localhost, and large ones whole', async () => {
    const response = await fetch(`file://localhost${folder}/big`)
    expect((await read(response)).equals(BIG)).toBe(true)
    expect(openFiles()).toEqual([])
  })

  it('has size and validator but no bytes for HEAD', async () => {
    const response = await fetch(urlOf('tool'), { method: 'HEAD' })
    expect(response.size).toBe(11)
    expect(response.validator).toMatch(/^"11-\d{19}"$/)
    expect(await read(response)).toHaveLength(0)
  })
})

describe('a resume', () => {
  it.each([
    [6, 'world'],
    [11, ''],
  ])('goes on from %i', async (offset, text) => {
    const { validator = '' } = await fetch(urlOf('tool'))
    const response = await fetch(urlOf('tool'), { offset, validator })
    expect(response).toMatchObject({ offset, size: 11, validator })
    expect((await read(response)).toString()).toBe(text)
  })

  it('starts anew when the file changed, and without a validator', async () => {
    writeFileSync(join(folder, 'moving'), 'first text')
    const { validator = '' } = await fetch(urlOf('moving'))
    utimesSync(join(folder, 'moving'), 1, 1)
    expect((await fetch(urlOf('moving'), { offset: 6, validator })).offset).toBe(0)
    expect((await fetch(urlOf('tool'), { offset: 6 })).offset).toBe(0)
  })
})

describe('a copy that is there', () => {
  it('is not sent again as long as the file is the same', async () => {
    writeFileSync(join(folder, 'listed'), 'first text')
    const { etag = '' } = await fetch(urlOf('listed'))
    const same = await fetch(urlOf('listed'), { unless: { etag } })
    expect([same.notModified, same.etag, (await read(same)).toString()]).toEqual([true, etag, ''])
    utimesSync(join(folder, 'listed'), 1, 1)
    const other = await fetch(urlOf('listed'), { unless: { etag } })
    expect([other.notModified, (await read(other)).toString()]).toEqual([undefined, 'first text'])
  })
})

describe('what is no file', () => {
  it.each([
    ['missing', 'missing', 'does not exist (ENOENT)', /path/],
    ['below a file', 'tool/x', 'does not exist (ENOTDIR)', /path/],
    ['a link to nothing', 'dangling', 'does not exist (ENOENT)', /path/],
    ['a circle of links', 'circle', 'does not exist (ELOOP)', /path/],
    ['a folder', 'sub', 'is a folder', /one file/],
    ['a pipe', 'pipe', 'is no regular file', /devices/],
  ])('%s is E_NOT_FOUND', async (_, name, what, hint) => {
    expect(await failure(fetch(urlOf(name)))).toEqual({
      code: 'E_NOT_FOUND',
      message: `${urlOf(name)} ${what}`,
      retryable: false,
      hint: expect.stringMatching(hint),
    })
  })

  it.each(['file://server/share/tool', 'file:///a%2Fb', 'file:///a%00b'])(
    '%s is none of this machine',
    async (url) => {
      expect(await failure(fetch(url))).toMatchObject({
        code: 'E_NOT_FOUND',
        message: `${url} names no file of this machine`,
      })
    },
  )

  it('is E_FORBIDDEN when this user may not read it', async () => {
    writeFileSync(join(folder, 'secret'), 'x', { mode: 0o000 })
    const root = process.geteuid?.() === 0
    if (root) process.seteuid?.(65534)
    try {
      expect(await failure(fetch(urlOf('secret')))).toEqual({
        code: 'E_FORBIDDEN',
        message: `${urlOf('secret')} cannot be read (EACCES)`,
        retryable: false,
        hint: expect.stringContaining('right to read'),
      })
    } finally {
      if (root) process.seteuid?.(0)
    }
  })
})

describe('the open file', () => {
  it('is none before the body is read, and none after the reader left', async () => {
    const { body } = await fetch(urlOf('big'))
    expect(openFiles()).toEqual([])
    for await (const _ of body) {
      expect(openFiles()).toEqual([join(folder, 'big')])
      break
    }
    expect(openFiles()).toEqual([])
  })

  it('is closed when the run is cancelled', async () => {
    const controller = new AbortController()
    const response = await fetch(urlOf('big'), {}, controller.signal)
    const reading = async (): Promise<void> => {
      for await (const _ of response.body) controller.abort()
    }
    expect(await failure(reading())).toMatchObject({ code: 'E_ABORTED' })
    expect(openFiles()).toEqual([])
    expect(await failure(fetch(urlOf('tool'), {}, controller.signal))).toMatchObject({ code: 'E_ABORTED' })
  })

  it('is refused when it changed since, or is cut while it is read', async () => {
    writeFileSync(join(folder, 'cut'), BIG)
    const before = await fetch(urlOf('cut'))
    utimesSync(join(folder, 'cut'), 1, 1)
    expect(await failure(read(before))).toMatchObject({
      code: 'E_TRUNCATED',
      retryable: true,
      message: `${urlOf('cut')} changed since it was looked at`,
    })
    const response = await fetch(urlOf('cut'))
    const reading = async (): Promise<void> => {
      for await (const _ of response.body) truncateSync(join(folder, 'cut'), 1 << 20)
    }
    expect(await failure(reading())).toMatchObject({
      code: 'E_TRUNCATED',
      retryable: true,
      message: `${urlOf('cut')} ended after 1048576 of 2500000 bytes`,
    })
    expect(openFiles()).toEqual([])
  })
})
