import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { type Config, createCache } from 'pkgcache'
import { parse } from 'yaml'
import { type Ran, REPOSITORY, runProgram } from '../../e2e/kit.ts'

const HOOK = join(import.meta.dirname, 'fs-hook.mjs')
const BIN = join(REPOSITORY, 'node_modules/.bin/pkgcache')

/** One change of the disk below the store, as `fs-hook.mjs` counts it. */
export interface Change {
  readonly thread: string
  readonly at: number
  /** `rename`, `write`, `sync`, … */
  readonly op: string
  /** Below the store, without process ids and random parts: the same in every run. */
  readonly path: string
}

/** A folder with a config for one package, and the upstream it comes from. */
export interface Stage {
  readonly dir: string
  readonly store: string
  readonly config: Config
  readonly server: HttpServer
  /** Runs the real command; `at` kills it there, or lets that change fail. */
  run(at?: Change, act?: 'kill' | 'ENOSPC' | 'EFBIG' | 'EDQUOT' | 'EIO'): Promise<Ran>
  /** The changes of the last run. */
  changes(): Change[]
  /** Changes what upstream has, and what the config pins. */
  replace(content: Uint8Array): Promise<void>
  remove(): Promise<void>
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Sets up one package `tool@1.0.0`, its digest pinned. */
export async function setStage(content: Uint8Array): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'pkgcache-crash-'))
  const server = await startHttpServer({ routes: { '/tool.tar': { content } } })
  const log = join(dir, 'changes.log')
  const url = `${server.url}/tool.tar`
  const config = {
    store: join(dir, 'store'),
    arch: 'amd64',
    packages: [{ name: 'tool', version: '1.0.0', url, sha256: digest(content) }],
  }
  const save = () => writeFile(join(dir, 'pkgcache.config.json'), JSON.stringify(config))
  await save()
  return {
    dir,
    store: config.store,
    config,
    server,
    run: async (at, act = 'kill') => {
      await rm(log, { force: true })
      const plan = { under: config.store, log, ...(at && { at: at.at, thread: at.thread, act }) }
      const env = {
        PKGCACHE_HOME: join(dir, 'home'),
        NODE_OPTIONS: `--import=${HOOK}`,
        PKGCACHE_TEST_FS: JSON.stringify(plan),
      }
      return runProgram(BIN, ['run', '--json'], { cwd: dir, env })
    },
    changes: () => readFileSync(log, 'utf8').trimEnd().split('\n').map(readChange),
    replace: async (changed) => {
      server.route('/tool.tar', { content: changed })
      config.packages = [{ name: 'tool', version: '1.0.0', url, sha256: digest(changed) }]
      await save()
    },
    remove: async () => {
      await server.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function readChange(line: string): Change {
  const [thread = '', at = '', op = '', ...path] = line.split(' ')
  const plain = path.join(' ').replace(/\.\d+\.[0-9a-f]{12}/g, '.*')
  return { thread, at: Number(at), op, path: plain.replace(/[0-9a-f]{32}/g, '*') }
}

/** What a store comes to, as the next process finds it. */
export interface Found {
  readonly problems: readonly string[]
  /** Whether there is no index, or one that can be read. */
  readonly indexParses: boolean
}

export async function inspect(stage: Stage): Promise<Found> {
  const cache = await createCache(stage.config)
  const { problems } = await cache.verify()
  await cache.close()
  const index = await readFile(join(stage.store, 'index.yaml'), 'utf8').catch(() => undefined)
  return {
    problems: problems.map(({ problem }) => problem),
    indexParses: index === undefined || Array.isArray((parse(index) as { packages: unknown }).packages),
  }
}

/** How a run after the fault ends, and what it leaves. */
export interface Recovered {
  readonly exitCode: number
  readonly state: string | undefined
  readonly problems: readonly string[]
  /** SHA-256 of the one published archive's inner tar. */
  readonly content: string | undefined
  readonly left: readonly string[]
}

export async function recover(stage: Stage): Promise<Recovered> {
  const cache = await createCache(stage.config)
  const { exitCode, items } = await cache.run()
  const { problems } = await cache.verify()
  await cache.close()
  const [item] = items
  const record = item?.state === 'failed' ? undefined : item?.record
  return {
    exitCode,
    state: item?.state,
    problems: problems.map(({ problem }) => problem),
    content: record && innerDigest(join(stage.store, record.file)),
    left: leftIn(stage.store),
  }
}

/** By the zstd program: what a node would unpack. */
function innerDigest(file: string): string {
  return digest(execFileSync('zstd', ['-dcq', file], { maxBuffer: 64 << 20 }))
}

/** Locks, temporary files and parts. A journal without bytes is nothing yet; it goes when it is a minute old. */
function leftIn(store: string): string[] {
  return ['locks', 'tmp', 'parts'].flatMap((folder) => {
    const names = readdirSync(join(store, '.pkgcache', folder))
    return names
      .filter((name) => !(name.endsWith('.journal') && !names.includes(name.replace(/\.journal$/, ''))))
      .map((name) => `${folder}/${name}`)
  })
}
