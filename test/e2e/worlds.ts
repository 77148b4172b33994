import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { leftOut } from '@pkgcache/core/testing'
import { buildSmallWorld, readWorld, type World } from '../world/index.ts'
import { REPOSITORY, runProgram } from './kit.ts'

const BUILD = resolve(REPOSITORY, '../shared/world/build.sh')

export interface NamedWorld {
  readonly name: string
  readonly available: boolean
  open(): Promise<{ readonly world: World; remove(): Promise<void> }>
}

async function openSmall() {
  const dir = await mkdtemp(join(tmpdir(), 'pkgcache-world-'))
  const world = await buildSmallWorld(dir)
  return { world, remove: () => rm(dir, { recursive: true, force: true }) }
}

/** `PKGCACHE_WORLD` names one that is built already; else it is built for this run. */
async function openReal() {
  const given = process.env.PKGCACHE_WORLD
  if (given !== undefined) return { world: await readWorld(given), remove: async () => undefined }
  const dir = await mkdtemp(join(tmpdir(), 'pkgcache-world-'))
  const { code, stderr } = await runProgram('bash', [BUILD, dir])
  if (code !== 0) throw new Error(`${BUILD} failed: ${stderr}`)
  return { world: await readWorld(dir), remove: () => rm(dir, { recursive: true, force: true }) }
}

const canBuild = process.env.PKGCACHE_WORLD !== undefined || existsSync(BUILD)

/** The project's own world always; the real-size one where `../shared/world` is. */
export const WORLDS: readonly NamedWorld[] = [
  { name: 'small world', available: true, open: openSmall },
  {
    name: 'real-size world',
    available: !leftOut('e2e on the real-size world', canBuild ? undefined : 'there is no ../shared/world'),
    open: openReal,
  },
]

/** The file that an upstream URL stands for. */
export function fileOf(world: World, url: string): string {
  return join(world.dir, url.replace('https://', ''))
}

export async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'))
}
