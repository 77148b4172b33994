import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { interleave, ratioRow } from '../measure.mjs'
import { missing, PKGCACHE, run } from '../system.mjs'
import { startUpstream } from '../upstream.mjs'
import { openWorld, writeConfig } from '../world.mjs'

const SHELL = fileURLToPath(new URL('../shell-cold.sh', import.meta.url))

export const rows = ['cold']

/** @param {import('../system.mjs').Bench} bench */
export async function measure(bench) {
  const absent = missing(['bash', 'curl', 'gzip', 'zstd', 'tar', 'sha256sum'])
  if (absent) return { leftOut: absent }
  const world = await openWorld(bench)
  const upstream = await startUpstream(bench, world.dir)
  bench.say(`cold: nine packages of ${world.name}, served by ${upstream.program}`)
  const store = join(bench.temp, 'cold-store')
  const folder = join(bench.temp, 'cold-shell')
  const { packages, paths } = world
  const mirrors = { 'https://': [upstream.url] }
  const config = await writeConfig(join(bench.temp, 'cold.json'), {
    store,
    arch: 'amd64',
    packages,
    mirrors,
    mirrorsOnly: true,
  })
  const ours = {
    name: 'pkgcache run',
    before: () => rm(store, { recursive: true, force: true }),
    work: () => run(PKGCACHE, ['run', '--config', config], { env: bench.env }),
  }
  const shell = {
    name: 'nine curl in parallel, each with the shell work',
    before: async () => {
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder)
    },
    work: () => run('bash', [SHELL, folder, ...paths.map((path) => `${upstream.url}${path}`)]),
  }
  const samples = await interleave([ours, shell], bench.rounds)
  const row = {
    id: 'cold',
    work: 'cold run of nine packages',
    against: 'nine curl + shell work',
    target: 0.6,
  }
  return { samples, rows: [ratioRow(row, samples.get(ours.name) ?? [], samples.get(shell.name) ?? [])] }
}
