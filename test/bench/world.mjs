// What the rows work on: the real-size world of ../shared/world, or one made of this machine's own programs.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './system.mjs'

const BUILD = fileURLToPath(new URL('../../../shared/world/build.sh', import.meta.url))
const PROGRAMS = '/usr/bin'
const OWN_PACKAGES = 9
const PROGRAMS_PER_PACKAGE = 12

/**
 * @typedef {object} World
 * @property {string} name how the table calls it
 * @property {string} dir an upstream: `<dir>/<host>/<path>`
 * @property {readonly (string | object)[]} packages for a config: nine packages, for amd64
 * @property {readonly string[]} paths of their downloads, `<host>/<path>`
 * @property {readonly (string | object)[]} three packages of about 70 MB together
 */

/** The packages by the paths of their downloads; their versions stand in those. */
const KUBERNETES = {
  containerd: /\/containerd-([\d.]+)-linux-amd64\.tar\.gz$/,
  runc: /\/v([\d.]+)\/runc\.amd64$/,
  'cni-plugins': /\/cni-plugins-linux-amd64-v([\d.]+)\.tgz$/,
  kubectl: /\/v([\d.]+)\/bin\/linux\/amd64\/kubectl$/,
  kubeadm: /\/v([\d.]+)\/bin\/linux\/amd64\/kubeadm$/,
  kubelet: /\/v([\d.]+)\/bin\/linux\/amd64\/kubelet$/,
  helm: /\/helm-v([\d.]+)-linux-amd64\.tar\.gz$/,
  crictl: /\/crictl-v([\d.]+)-linux-amd64\.tar\.gz$/,
  nerdctl: /\/nerdctl-([\d.]+)-linux-amd64\.tar\.gz$/,
}

/** @param {import('./system.mjs').Bench} bench @returns {Promise<World>} */
export async function openWorld(bench) {
  const given = process.env.PKGCACHE_WORLD
  if (given) return realWorld(given)
  const cached = join(bench.cache, 'world')
  if (existsSync(join(cached, 'world.json'))) return realWorld(cached)
  if (!existsSync(BUILD)) {
    bench.say('../shared/world is not there: the bench works on a world made of the programs of this machine')
    return ownWorld(join(bench.cache, 'own-world'))
  }
  bench.say(`building the world into ${cached}, once; PKGCACHE_WORLD names one that is there already`)
  await run('bash', [BUILD, `${cached}.new`])
  await rename(`${cached}.new`, cached)
  return realWorld(cached)
}

/** @param {string} dir @returns {Promise<World>} */
async function realWorld(dir) {
  const listed = JSON.parse(await readFile(join(dir, 'world.json'), 'utf8'))
  const urls = /** @type {string[]} */ (listed.map(({ url }) => url))
  const found = Object.entries(KUBERNETES).map(([name, pattern]) => {
    const url = urls.find((one) => pattern.test(one)) ?? ''
    return { name, spec: `${name}@${pattern.exec(url)?.[1]}`, path: url.replace('https://', '') }
  })
  return {
    name: `the world in ${dir}`,
    dir,
    packages: found.map(({ spec }) => spec),
    paths: found.map(({ path }) => path),
    three: threeArchives(found.map(({ spec }) => spec)),
  }
}

/**
 * All for amd64, since a node gets those of its own arch: what is built for arm64 goes by another name.
 * @param {readonly string[]} specs
 */
function threeArchives(specs) {
  const version = specs.find((spec) => spec.startsWith('containerd@'))?.split('@')[1]
  const helm = specs.find((spec) => spec.startsWith('helm@')) ?? ''
  const releases = 'https://github.com/containerd/containerd/releases/download'
  const url = `${releases}/v{version}/containerd-{version}-linux-arm64.tar.gz`
  return [`containerd@${version}`, { name: 'second', version, arch: 'amd64', url }, helm]
}

/** Nine archives of this machine's largest programs. @param {string} dir @returns {Promise<World>} */
async function ownWorld(dir) {
  const packages = []
  const paths = []
  const files = await largestPrograms(OWN_PACKAGES * PROGRAMS_PER_PACKAGE)
  for (let at = 0; at < OWN_PACKAGES; at++) {
    const name = `programs-${'abcdefghi'[at]}`
    const path = `bench.example/${name}-1.0.0.tar.gz`
    const file = join(dir, path)
    if (!existsSync(file)) {
      // each gets large ones and small ones
      const members = files.filter((_, index) => index % OWN_PACKAGES === at)
      await mkdir(dirname(file), { recursive: true })
      await run('bash', [
        '-c',
        'set -o pipefail; f=$1; shift; tar -C /usr/bin -ch "$@" | gzip -6n > "$f.new"; mv "$f.new" "$f"',
        '-',
        file,
        ...members,
      ])
    }
    const sha256 = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
    packages.push({ name, version: '1.0.0', arch: 'amd64', url: `https://${path}`, sha256 })
    paths.push(path)
  }
  return { name: 'a world of this machine’s programs', dir, packages, paths, three: packages.slice(0, 3) }
}

/** @param {number} count @returns {Promise<string[]>} names below /usr/bin, largest first */
async function largestPrograms(count) {
  const entries = await readdir(PROGRAMS, { withFileTypes: true })
  const sized = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ name }) => ({ name, size: (await stat(join(PROGRAMS, name))).size })),
  )
  return sized
    .sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name)
}

/**
 * One tar.gz of about 100 MB with what the nine downloads hold; kept for later runs.
 * @param {import('./system.mjs').Bench} bench
 * @param {World} world
 */
export async function bigArchive(bench, world) {
  const key = createHash('sha256')
    .update(JSON.stringify([world.dir, world.packages]))
    .digest('hex')
    .slice(0, 12)
  const file = join(bench.cache, `big-${key}.tar.gz`)
  if (existsSync(file)) return file
  bench.say(`packing the 100 MB archive ${file}, once`)
  const folder = join(bench.temp, 'big')
  // the world's helm is its kubectl once more
  for (const path of world.paths.filter((one) => !one.includes('/helm-'))) {
    const into = join(folder, basename(path))
    await mkdir(into, { recursive: true })
    if (/gz$/.test(path)) await run('tar', ['-xzf', join(world.dir, path), '-C', into])
    else await copyFile(join(world.dir, path), join(into, 'program'))
  }
  await run('bash', [
    '-c',
    'set -o pipefail; tar -C "$1" --sort=name -cf - . | gzip -6n > "$2"',
    '-',
    folder,
    `${file}.new`,
  ])
  await rename(`${file}.new`, file)
  await rm(folder, { recursive: true })
  return file
}

/** @param {string} file @param {object} config */
export async function writeConfig(file, config) {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify(config))
  return file
}
