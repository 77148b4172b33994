import { execFileSync } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createCache, type Plugin, type RunResult } from '@pkgcache/core'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import fetchHttp from '../../../fetch-http/src/index.ts'
import format7z from '../../../format-7z/src/index.ts'
import formatTar from '../../../format-tar/src/index.ts'
import formatTarBz2 from '../../../format-tar-bz2/src/index.ts'
import formatTarGz from '../../../format-tar-gz/src/index.ts'
import formatTarZst from '../../../format-tar-zst/src/index.ts'
import formatZip from '../../../format-zip/src/index.ts'
import verifyChecksum from '../../../verify-checksum/src/index.ts'
import runnerImages from '../../src/index.ts'

/** Path → content; `→ target` is a symlink, a path that ends in `/` a folder. */
export type Tree = Readonly<Record<string, string>>

/** A row of a source list, and what its archive holds. */
export interface Tool {
  readonly tool: string
  readonly version: string
  readonly platform: string
  readonly arch: string
  /** Its ending says how it is packed. */
  readonly file: string
  /** In place of a tree: the archive itself. */
  readonly tree: Tree | Uint8Array
  readonly normalise?: boolean
}

export interface ToolWorld {
  readonly dir: string
  readonly toolCache: string
  /** Lines that were logged as warnings or errors. */
  readonly logged: string[]
  /** Serves these tools, and has a run write them into the tool cache. */
  run(tools: readonly Tool[], toolCache?: string): Promise<RunResult>
  remove(): Promise<void>
}

async function writeTree(root: string, tree: Tree): Promise<void> {
  for (const [path, content] of Object.entries(tree)) {
    await mkdir(path.endsWith('/') ? join(root, path) : dirname(join(root, path)), { recursive: true })
    if (path.endsWith('/')) continue
    if (content.startsWith('→ ')) execFileSync('ln', ['-s', content.slice(2), join(root, path)])
    else await writeFile(join(root, path), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 })
  }
}

/** What a folder holds, as a `Tree`, markers without their text. */
export async function readTree(root: string): Promise<string[]> {
  const paths = await readdir(root, { recursive: true }).catch(() => [])
  const lines = await Promise.all(
    paths.map(async (path) => {
      const found = await lstat(join(root, path))
      if (found.isSymbolicLink()) return `${path} → ${await readlink(join(root, path))}`
      return found.isDirectory() ? [] : `${path} ${(found.mode & 0o777).toString(8)}`
    }),
  )
  return lines.flat().sort()
}

function plugins(options: Parameters<typeof runnerImages>[0]): Plugin[] {
  const formats = [formatTarZst(), formatTarGz(), formatTarBz2(), formatZip(), format7z(), formatTar()]
  return [runnerImages(options), fetchHttp(), ...formats, verifyChecksum()]
}

export async function toolWorld(): Promise<ToolWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'pkgcache-toolcache-'))
  const www = join(dir, 'www')
  const logged: string[] = []
  const served = new Map<Tool, string>()
  let server: HttpServer | undefined

  async function serve(tool: Tool): Promise<string> {
    const { tree, file } = tool
    const before = served.get(tool)
    if (before !== undefined) return before
    const number = String(served.size)
    const path = join('github.com', number, file)
    served.set(tool, `https://${path}`)
    await mkdir(dirname(join(www, path)), { recursive: true })
    if (tree instanceof Uint8Array) await writeFile(join(www, path), tree)
    else {
      const staging = join(dir, 'staging', number)
      await mkdir(staging, { recursive: true })
      await writeTree(staging, tree)
      execFileSync('bsdtar', ['-a', '-cf', join(www, path), '-C', staging, ...(await readdir(staging))])
    }
    return `https://${path}`
  }

  async function listOf(tools: readonly Tool[]): Promise<string> {
    const sources = await Promise.all(
      tools.map(async (tool) => ({
        section: 'toolcache',
        ...{ tool: tool.tool, name: tool.tool, requested: '*', status: 'matched', version: tool.version },
        ...{ platform: tool.platform, arch: tool.arch, downloadUrl: await serve(tool) },
        ...{ urlEvidence: 'manifest', normalise: tool.normalise ?? false },
        matchedFrom: { upstream: true, toolset: 'toolset.json' },
      })),
    )
    const metadata = {
      generatedAt: '2026-01-02T03:04:05.000Z',
      upstreamReport: { url: '', version: '', fetchedAt: '2026-01-02T03:04:05.000Z' },
      toolsetFiles: [],
    }
    const file = join(dir, 'sources.json')
    await writeFile(file, JSON.stringify({ metadata, sources, unresolved: [] }))
    return file
  }

  return {
    dir,
    toolCache: join(dir, 'tools'),
    logged,
    run: async (tools, toolCache = 'tools') => {
      server ??= await startHttpServer({ root: www })
      const sources = await listOf(tools)
      const mirrors = { 'https://': [`${server.url}/`] }
      const store = join(dir, 'store')
      const config = { store, mirrors, mirrorsOnly: true, plugins: plugins({ sources, toolCache }) }
      const cache = await createCache(config, {
        dir,
        onLog: ({ level, scope, message }) => {
          if (level !== 'debug' && level !== 'info') logged.push(`${level} ${scope}: ${message}`)
        },
      })
      try {
        return await cache.run()
      } finally {
        await cache.close()
      }
    },
    remove: async () => {
      await server?.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
