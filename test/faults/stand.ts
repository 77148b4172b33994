import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { Config, StoreRecord } from '@pkgcache/core'
import { type HttpServer, rawTar, startHttpServer } from '@pkgcache/core/testing'
import { parse } from 'yaml'
import { BIN, type Ran, REPOSITORY, runProgram, type Seen, snapshotTree } from '../e2e/kit.ts'

/** What is published before anything goes wrong; every run asks for it again. */
export const EARLIER = { name: 'earlier', version: '1.0.0' } as const
export const EARLIER_FILE = 'earlier-1.0.0-amd64.tar.zst'

/** Bytes that do not compress, the same for the same seed. */
export function noise(seed: string, bytes: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(bytes / 32) }, (_, index) =>
    createHash('sha256').update(`${seed} ${index}`).digest(),
  )
  return Buffer.concat(blocks).subarray(0, bytes)
}

/** A sound `.tar.gz` of about 12 kB with one program in it. */
export function soundArchive(seed: string): Buffer {
  // stored, not deflated: the size is the same for every seed
  return gzipSync(rawTar([{ name: 'bin/tool', mode: 0o755, content: noise(seed, 12_000) }]), { level: 0 })
}

/** What a store looks like from outside. */
export interface StoreState {
  /** Every file below the root, pkgcache's own too. */
  readonly files: Readonly<Record<string, Seen>>
  readonly records: readonly StoreRecord[]
  /** Record files that are no JSON. */
  readonly badRecords: readonly string[]
  /** Texts of the reports, by file name. */
  readonly reports: Readonly<Record<string, string>>
  /** `index.yaml`, parsed; undefined when there is none. */
  readonly index: unknown
  /** Why it could not be parsed. */
  readonly indexFault: string | undefined
}

async function namesIn(folder: string): Promise<string[]> {
  return existsSync(folder) ? (await readdir(folder)).sort() : []
}

async function readRecords(root: string): Promise<{ records: StoreRecord[]; badRecords: string[] }> {
  const folder = join(root, '.pkgcache/records')
  const records: StoreRecord[] = []
  const badRecords: string[] = []
  for (const name of await namesIn(folder)) {
    try {
      records.push(JSON.parse(await readFile(join(folder, name), 'utf8')) as StoreRecord)
    } catch {
      badRecords.push(name)
    }
  }
  return { records, badRecords }
}

async function readIndex(root: string): Promise<Pick<StoreState, 'index' | 'indexFault'>> {
  const file = join(root, 'index.yaml')
  if (!existsSync(file)) return { index: undefined, indexFault: undefined }
  try {
    return { index: parse(await readFile(file, 'utf8')) as unknown, indexFault: undefined }
  } catch (error) {
    return { index: undefined, indexFault: String(error) }
  }
}

async function readReports(root: string): Promise<Record<string, string>> {
  const folder = join(root, 'reports')
  const texts = (await namesIn(folder)).map(async (name) => [
    name,
    await readFile(join(folder, name), 'utf8'),
  ])
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>
}

export async function storeState(root: string): Promise<StoreState> {
  const [files, found, index, reports] = await Promise.all([
    snapshotTree(root),
    readRecords(root),
    readIndex(root),
    readReports(root),
  ])
  return { files, ...found, ...index, reports }
}

export interface StandRan extends Ran {
  /** Peak memory of the process with all its threads, in KiB; undefined when it was killed. */
  readonly peakKiB: number | undefined
}

/** A project in a folder of its own, with a store that holds `EARLIER`. */
export interface Stand {
  readonly dir: string
  readonly store: string
  /** @param plugins source text of the config's plugins, with `fetchHttp` in scope */
  configure(config: Config, plugins?: string): Promise<void>
  run(args: readonly string[], env?: Record<string, string>): Promise<StandRan>
  remove(): Promise<void>
}

/** Makes stands that share one earlier run: its store is copied, times included. */
export interface Stands {
  /** Serves `/earlier/…`, and what a case adds. */
  readonly server: HttpServer
  open(): Promise<Stand>
  /** What every config of a stand says. */
  readonly base: Config
  close(): Promise<void>
}

/** No command of the battery takes nearly as long, in ms. */
const MOST_MS = 40_000

const HEAD = "import fetchHttp from '@pkgcache/fetch-http'\n"

function standIn(dir: string): Stand {
  const run = async (args: readonly string[], env: Record<string, string> = {}): Promise<StandRan> => {
    const peak = join(dir, 'peak')
    await rm(peak, { force: true })
    const watched = {
      PKGCACHE_HOME: join(dir, 'home'),
      NODE_OPTIONS: `--require=${join(REPOSITORY, 'test/bench/peak-memory.cjs')}`,
      PKGCACHE_BENCH_PEAK: peak,
      ...env,
    }
    const ran = await runProgram(BIN, args, { cwd: dir, env: watched, timeout: MOST_MS })
    const peakKiB = existsSync(peak) ? Number(await readFile(peak, 'utf8')) : undefined
    return { ...ran, peakKiB }
  }
  return {
    dir,
    store: join(dir, 'store'),
    async configure(config, plugins) {
      const json = JSON.stringify(config)
      if (plugins === undefined) return writeFile(join(dir, 'pkgcache.config.json'), json)
      const text = `${HEAD}export default { ...${json}, plugins: [${plugins}] }\n`
      return writeFile(join(dir, 'pkgcache.config.mjs'), text)
    },
    run,
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

export async function openStands(): Promise<Stands> {
  const server = await startHttpServer({
    routes: { '/earlier/tool.tar.gz': { content: soundArchive('earlier') } },
  })
  const earlier = { ...EARLIER, url: `${server.url}/earlier/tool.tar.gz` }
  const base: Config = { store: './store', arch: 'amd64', packages: [earlier] }
  const template = standIn(await mkdtemp(join(tmpdir(), 'pkgcache-faults-')))
  await template.configure(base)
  const { code, stderr } = await template.run(['run'])
  if (code !== 0) throw new Error(`the earlier run failed: ${code} ${stderr}`)
  return {
    server,
    base,
    async open() {
      const dir = await mkdtemp(join(tmpdir(), 'pkgcache-faults-'))
      await promisify(execFile)('cp', ['-a', `${template.dir}/.`, dir])
      return standIn(dir)
    },
    async close() {
      await server.close()
      await template.remove()
    },
  }
}
