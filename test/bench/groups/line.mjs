import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { networkAvailable, startNetwork } from '../../../core/dist/testing/network.js'
import { sshdAvailable, startSshd } from '../../../core/dist/testing/sshd.js'
import { startTcpProxy } from '../../../core/dist/testing/tcp-proxy.js'
import { empty, prepare, sshOptions } from '../delivery.mjs'
import { interleave, ratioRow } from '../measure.mjs'
import { missing, PKGCACHE, run } from '../system.mjs'

const SLOW_NODES = 3
const TREE_NODES = 8
const RATE = 100_000_000
const DELAY = 50

export const rows = ['line', 'tree']

/** @typedef {import('../delivery.mjs').Node} Node */
/** @typedef {import('../../../core/testing/network.ts').NetworkHost} Host */

/** @param {Host} host @param {string} program @param {readonly string[]} args @param {NodeJS.ProcessEnv} env */
function runOn(host, program, args, env) {
  const [enter, ...rest] = host.enter
  return run(enter, [...rest, program, ...args], { env })
}

/**
 * A network with a controller and nodes. @param {import('../system.mjs').Bench} bench @param {number} count
 * @param {number} [rate] bit/s of the nodes' links
 */
async function startFleet(bench, count, rate) {
  const rates = Object.fromEntries(Array.from({ length: count }, (_, index) => [index + 1, rate]))
  const network = await startNetwork({ hosts: count + 1, ...(rate !== undefined && { rates }) })
  bench.onEnd(() => network.close())
  const [controller, ...hosts] = network.hosts
  if (controller === undefined) throw new Error('there is no controller')
  const nodes = await Promise.all(hosts.map((inside) => startSshd({ inside })))
  bench.onEnd(() => Promise.all(nodes.map((node) => node.stop())))
  return { controller, hosts, nodes }
}

/** The nodes behind lines that are late. @param {import('../system.mjs').Bench} bench @param {Awaited<ReturnType<typeof startFleet>>} fleet */
async function late(bench, { hosts, nodes }) {
  return Promise.all(
    nodes.map(async (node, index) => {
      const inside = hosts[index]
      if (inside === undefined) throw new Error('every node has a host')
      const line = await startTcpProxy({ host: node.host, port: node.port, inside, delay: DELAY })
      bench.onEnd(() => line.close())
      const knownHosts = join(node.folder, 'known_as_any')
      await writeFile(knownHosts, (await readFile(node.knownHosts, 'utf8')).replace(/^\S+/gm, '*'))
      return { ...node, host: line.host, port: line.port, knownHosts }
    }),
  )
}

/** @param {string} file */
async function sha256(file) {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}

/** @param {readonly Node[]} nodes @param {readonly string[]} archives all of them must be on every node */
async function check(nodes, archives) {
  const right = (await Promise.all(archives.map(sha256))).sort().join(' ')
  for (const { root } of nodes) {
    const names = (await readdir(join(root, 'pkgcache'), { recursive: true })).filter((name) => {
      return archives.some((file) => basename(file) === basename(name))
    })
    const held = await Promise.all(names.map((name) => sha256(join(root, 'pkgcache', name))))
    if (held.sort().join(' ') !== right) throw new Error(`${root} does not hold the archives`)
  }
}

/** Throughput on a slow and late line, against scp on the same one. @param {import('../system.mjs').Bench} bench */
async function measureLine(bench) {
  const fleet = await startFleet(bench, SLOW_NODES, RATE)
  const nodes = await late(bench, fleet)
  const { config, archives, bytes } = await prepare(bench, nodes)
  const send = (/** @type {Node} */ node) => {
    const target = `${node.user}@${node.host}:${join(node.root, 'scp')}/`
    const args = ['-q', '-P', `${node.port}`, ...sshOptions(node), ...archives, target]
    return runOn(fleet.controller, 'scp', args, bench.env)
  }
  const where = `${SLOW_NODES} nodes, 100 Mbit/s, ${DELAY} ms each way`
  const ours = {
    name: `pkgcache distribute, ${where}`,
    before: () => empty(nodes, 'pkgcache'),
    work: () => runOn(fleet.controller, PKGCACHE, ['distribute', '--config', config], bench.env),
  }
  const theirs = {
    name: `${SLOW_NODES} scp in parallel, ${where}`,
    before: () => empty(nodes, 'scp'),
    work: () => Promise.all(nodes.map(send)),
  }
  const samples = await interleave([ours, theirs], bench.rounds)
  await check(nodes, archives)
  const taken = [ours, theirs].map(({ name }) => samples.get(name) ?? [])
  // what the line itself takes
  bench.say(`line: ${((bytes * 8) / RATE).toFixed(1)} s is the least that this line can do`)
  const row = {
    id: 'line',
    work: `3 archives (70 MB) to ${where}`,
    against: `${SLOW_NODES} scp`,
    target: 1.11,
  }
  return { samples, row: ratioRow(row, taken[0] ?? [], taken[1] ?? [], { cpu: false }) }
}

/** What this machine sends for 8 nodes by way of 2. @param {import('../system.mjs').Bench} bench */
async function measureTree(bench) {
  const { controller, nodes } = await startFleet(bench, TREE_NODES)
  const { config, archives, bytes } = await prepare(bench, nodes, { distribute: { via: 'tree', fanout: 2 } })
  const values = []
  for (let round = 0; round < bench.rounds; round++) {
    await empty(nodes, 'pkgcache')
    const before = controller.traffic().sent
    await runOn(controller, PKGCACHE, ['distribute', '--config', config], bench.env)
    values.push((controller.traffic().sent - before) / bytes)
    await check(nodes, archives)
  }
  const work = `tree of ${TREE_NODES} nodes, fanout 2: sent by this machine`
  return { id: 'tree', work, against: 'the payload', unit: '×', target: 2.1, values }
}

/** @param {import('../system.mjs').Bench} bench */
export async function measure(bench) {
  const none = networkAvailable() ?? sshdAvailable() ?? missing(['scp'])
  if (none !== undefined) return { leftOut: none }
  const line = bench.rows.has('line') ? await measureLine(bench) : undefined
  const tree = bench.rows.has('tree') ? [await measureTree(bench)] : []
  return { samples: line?.samples, rows: [...(line ? [line.row] : []), ...tree] }
}
