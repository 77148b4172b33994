import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type HttpServer,
  leftOut,
  mountSmallDisk,
  rawTar,
  type SmallDisk,
  smallDiskAvailable,
  startHttpServer,
} from '@pkgcache/core/testing'
import { createCache } from 'pkgcache'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BIN, type Ran, runProgram } from '../../e2e/kit.ts'

const KIB = 1024
const MIB = KIB * KIB
const ARCHIVE = rawTar([{ name: 'data', content: randomBytes(2 * MIB) }])
const skip = leftOut('full disks', smallDiskAvailable())

let server: HttpServer
let dir: string
beforeEach(async () => {
  server = await startHttpServer({
    routes: { '/tool.tar': { content: ARCHIVE }, '/setup.exe': { content: randomBytes(MIB) } },
  })
  dir = await mkdtemp(join(tmpdir(), 'pkgcache-full-'))
})
afterEach(async () => {
  await server.close()
  await rm(dir, { recursive: true, force: true })
})

/** A normalised package, and one kept as it is. */
const configIn = (store: string) => ({
  store,
  arch: 'amd64',
  packages: [
    { name: 'tool', version: '1.0.0', url: `${server.url}/tool.tar` },
    { name: 'setup', version: '2.0.0', url: `${server.url}/setup.exe`, normalise: false },
  ],
})

async function command(store: string, shell = 'exec "$@"'): Promise<Ran> {
  await writeFile(join(dir, 'pkgcache.config.json'), JSON.stringify(configIn(store)))
  const args = ['-c', shell, 'bash', BIN, 'run', '--json']
  return runProgram('bash', args, { cwd: dir, env: { PKGCACHE_HOME: join(dir, 'home') } })
}

interface Told {
  readonly error?: { readonly code: string }
  readonly items?: readonly {
    readonly name: string
    readonly state: string
    readonly error?: { code: string }
  }[]
  readonly errors?: readonly { readonly code: string }[]
}

/** Which faults a run tells, and which packages it says are there. */
function told({ stdout }: Ran): { codes: string[]; done: string[] } {
  const { error, items = [], errors = [] } = JSON.parse(stdout) as Told
  const codes = [error, ...items.map((item) => item.error), ...errors].flatMap((fault) => fault?.code ?? [])
  return {
    codes: [...new Set(codes)],
    done: items.filter(({ state }) => state !== 'failed').map(({ name }) => name),
  }
}

/** What is there, checked against what the run said. */
async function stored(store: string): Promise<{ names: string[]; problems: number }> {
  const cache = await createCache(configIn(store))
  const names = (await cache.list()).map(({ name }) => name)
  const { problems } = await cache.verify()
  await cache.close()
  return { names, problems: problems.length }
}

describe.skipIf(skip)('a disk that is full', () => {
  let disk: SmallDisk
  afterEach(() => disk.remove())

  // from where not even the folders fit to where only the last file does not
  it.each([4, 16, 32, 64, 200, 500, 1000, 2000, 2100, 3000, 4000, 4200, 5000])(
    'at %i KiB: nothing false is published, and with room the next run succeeds',
    async (kib) => {
      disk = mountSmallDisk(kib * KIB)
      const store = join(disk.path, 'store')
      const ran = await command(store)
      const { codes, done } = told(ran)
      expect([ran.code, codes]).toEqual([1, ['E_NOSPC']])
      const found = await stored(store)
      expect(found.problems).toBe(0)
      expect(found.names).toEqual(expect.arrayContaining(done))
      disk.resize(32 * MIB)
      const again = await command(store)
      expect([again.code, told(again)]).toEqual([0, { codes: [], done: ['tool', 'setup'] }])
      expect(await stored(store)).toEqual({ names: ['setup', 'tool'], problems: 0 })
    },
  )
})

describe('a limit on the size of files', () => {
  it.each([1, 4, 8, 64, 512, 1000, 1500, 2040])(
    'of %i KiB: nothing false is published, and without it the next run succeeds',
    async (kib) => {
      const store = join(dir, 'store')
      const ran = await command(store, `ulimit -f ${kib}; exec "$@"`)
      const { codes, done } = told(ran)
      expect([ran.code, codes]).toEqual([1, ['E_NOSPC']])
      const found = await stored(store)
      expect(found.problems).toBe(0)
      expect(found.names).toEqual(expect.arrayContaining(done))
      const again = await command(store)
      expect([again.code, told(again)]).toEqual([0, { codes: [], done: ['tool', 'setup'] }])
      expect(await stored(store)).toEqual({ names: ['setup', 'tool'], problems: 0 })
    },
  )
})
