import { interleave, ratioRow } from '../measure.mjs'
import { PKGCACHE, run } from '../system.mjs'

// a start takes tens of milliseconds: more of them cost nothing and tell more
const TIMES = 4

export const rows = ['version']

/** @param {import('../system.mjs').Bench} bench */
export async function measure(bench) {
  const ours = { name: 'pkgcache --version', work: () => run(PKGCACHE, ['--version'], { env: bench.env }) }
  const node = { name: 'node -e 0', work: () => run(process.execPath, ['-e', '0'], { env: bench.env }) }
  const samples = await interleave([ours, node], bench.rounds * TIMES)
  const row = { id: 'version', work: ours.name, against: node.name, target: 2 }
  return { samples, rows: [ratioRow(row, samples.get(ours.name) ?? [], samples.get(node.name) ?? [])] }
}
