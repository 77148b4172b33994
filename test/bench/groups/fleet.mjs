import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sshdAvailable } from '../../../core/dist/testing/sshd.js'
import { declared, empty, startNodes } from '../delivery.mjs'
import { interleave } from '../measure.mjs'
import { PKGCACHE, peakMemory, run } from '../system.mjs'
import { writeConfig } from '../world.mjs'

const MANY = 64
const FEW = 8
const PAYLOAD = 1_000_000
const FILE = 'payload-1.0.0-amd64.tar.zst'

export const rows = ['fleet', 'fleet-memory']

/** @typedef {import('../delivery.mjs').Node} Node */

/** A store with one small artifact, and a config for so many nodes. */
async function prepare(
  /** @type {import('../system.mjs').Bench} */ bench,
  /** @type {readonly Node[]} */ nodes,
) {
  const folder = join(bench.temp, 'fleet')
  const source = join(bench.temp, 'fleet-payload')
  await writeFile(source, randomBytes(PAYLOAD))
  const url = pathToFileURL(source).href
  const packages = [{ name: 'payload', version: '1.0.0', arch: 'amd64', format: 'binary', url }]
  const configFor = (/** @type {number} */ count) =>
    writeConfig(join(folder, `${count}.json`), {
      store: join(folder, 'store'),
      packages,
      nodes: nodes.slice(0, count).map(declared),
    })
  const configs = { many: await configFor(MANY), few: await configFor(FEW) }
  await run(PKGCACHE, ['fetch', '--config', configs.many], { env: bench.env })
  return { ...configs, file: join(folder, 'store', FILE) }
}

const sha256 = async (/** @type {string} */ file) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex')

/** @param {import('../system.mjs').Bench} bench */
export async function measure(bench) {
  const noServers = sshdAvailable()
  if (noServers !== undefined) return { leftOut: noServers }
  const nodes = await startNodes(bench, MANY)
  const { many, few, file } = await prepare(bench, nodes)
  const right = await sha256(file)
  const check = async (/** @type {number} */ count) => {
    const held = nodes.slice(0, count).map(({ root }) => sha256(join(root, 'pkgcache/payload', FILE)))
    const wrong = (await Promise.all(held)).filter((digest) => digest !== right).length
    if (wrong > 0) throw new Error(`${wrong} of ${count} nodes do not hold the artifact`)
  }
  const variant = (/** @type {number} */ count, /** @type {string} */ config) => ({
    name: `pkgcache distribute of ${PAYLOAD / 1e6} MB to ${count} sshd`,
    before: () => empty(nodes, 'pkgcache'),
    work: () => run(PKGCACHE, ['distribute', '--config', config], { env: bench.env }),
  })
  const variants = [variant(MANY, many), variant(FEW, few)]
  const samples = await interleave(variants, bench.rounds)
  const [ofMany = [], ofFew = []] = variants.map(({ name }) => samples.get(name))
  const perNode = ofMany.map(({ ms }, round) => ms / MANY / ((ofFew[round]?.ms ?? Number.NaN) / FEW))
  const peaks = []
  for (let round = 0; round < bench.rounds; round++) {
    await empty(nodes, 'pkgcache')
    peaks.push(await peakMemory(bench, PKGCACHE, ['distribute', '--config', many]))
    await check(MANY)
  }
  const work = `1 MB to ${MANY} sshd, cold, all hold it`
  return {
    samples,
    rows: [
      {
        id: 'fleet',
        work: `${work}: time per node`,
        against: `${FEW} sshd`,
        unit: '×',
        target: 1,
        values: perNode,
      },
      { id: 'fleet-memory', work, against: '–', unit: 'MB', target: 300, values: peaks },
    ],
  }
}
