// Nodes of the bench, and what is sent to them.
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { startSshd } from '../../core/dist/testing/sshd.js'
import { PKGCACHE, run } from './system.mjs'
import { startUpstream } from './upstream.mjs'
import { openWorld, writeConfig } from './world.mjs'

/** @typedef {import('../../core/testing/sshd.ts').Sshd} Node */

/** @param {import('./system.mjs').Bench} bench @param {number} count @returns {Promise<Node[]>} on this machine */
export async function startNodes(bench, count) {
  const nodes = await Promise.all(Array.from({ length: count }, () => startSshd()))
  bench.onEnd(() => Promise.all(nodes.map((node) => node.stop())))
  return nodes
}

/** @param {Node} node @param {number} index how a config declares it */
export function declared({ host, port, user, identityFile, knownHosts, root }, index) {
  const login = { name: `node${index}`, host, port, user, identityFile, knownHosts }
  return { ...login, root: join(root, 'pkgcache') }
}

/**
 * A store with the three archives, and a config that sends them to the nodes.
 * @param {import('./system.mjs').Bench} bench
 * @param {readonly Node[]} nodes
 * @param {object} [more] for the config
 */
export async function prepare(bench, nodes, more = {}) {
  const world = await openWorld(bench)
  const upstream = await startUpstream(bench, world.dir)
  const store = join(bench.temp, 'nodes-store')
  const config = await writeConfig(join(bench.temp, 'nodes.json'), {
    store,
    arch: 'amd64',
    packages: world.three,
    mirrors: { 'https://': [upstream.url] },
    mirrorsOnly: true,
    nodes: nodes.map(declared),
    ...more,
  })
  await run(PKGCACHE, ['fetch', '--config', config], { env: bench.env })
  const archives = (await readdir(store))
    .filter((name) => name.endsWith('.tar.zst'))
    .map((name) => join(store, name))
  const sizes = await Promise.all(archives.map(async (file) => (await stat(file)).size))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  const megabytes = (bytes / 1e6).toFixed(0)
  bench.say(`nodes: ${archives.length} archives, ${megabytes} MB, to ${nodes.length} sshd`)
  return { config, archives, bytes }
}

/** @param {readonly Node[]} nodes @param {string} folder below each node's root; emptied */
export async function empty(nodes, folder) {
  await Promise.all(
    nodes.map(async ({ root }) => {
      await rm(join(root, folder), { recursive: true, force: true })
      await mkdir(join(root, folder))
    }),
  )
}

/** @param {Pick<Node, 'identityFile' | 'knownHosts'>} node @returns {string[]} */
export function sshOptions({ identityFile, knownHosts }) {
  const options = ['BatchMode=yes', `UserKnownHostsFile=${knownHosts}`, 'IdentitiesOnly=yes']
  return [...options.flatMap((option) => ['-o', option]), '-i', identityFile]
}
