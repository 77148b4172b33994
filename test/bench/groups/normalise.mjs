import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createCache } from 'pkgcache'
import { interleave, ratioRow } from '../measure.mjs'
import { cpuSeconds, missing, run } from '../system.mjs'
import { bigArchive, openWorld } from '../world.mjs'

const SHELL = fileURLToPath(new URL('../shell-normalise.sh', import.meta.url))

export const rows = ['normalise', 'normalise-bare']

/**
 * A real run over one `file:` package into a fresh store, timed by its own events: from the start of fetch (which
 * hashes the download while it writes its copy) to the end of normalise (which hashes the inner tar and the result).
 * @param {string} archive
 * @param {string} store
 */
async function fetchAndNormalise(archive, store) {
  const packages = [{ name: 'big', version: '1.0.0', arch: 'amd64', url: pathToFileURL(archive).href }]
  const cache = await createCache({ store, packages })
  /** @type {Map<string, import('../measure.mjs').Sample>} */
  const began = new Map()
  const onProgress = (/** @type {import('pkgcache').RunEvent} */ event) => {
    if (event.type === 'stage') began.set(event.stage, { ms: performance.now(), cpu: cpuSeconds() })
  }
  try {
    const { exitCode } = await cache.run({ onProgress })
    if (exitCode !== 0) throw new Error(`the run ended with ${exitCode}`)
  } finally {
    await cache.close()
  }
  const from = began.get('fetch')
  const to = began.get('verify')
  if (from === undefined || to === undefined) throw new Error('the run told of no fetch or no verify')
  return { ms: to.ms - from.ms, cpu: to.cpu - from.cpu }
}

/** @param {import('../system.mjs').Bench} bench */
export async function measure(bench) {
  const absent = missing(['bash', 'gzip', 'zstd', 'sha256sum'])
  if (absent) return { leftOut: absent }
  const archive = await bigArchive(bench, await openWorld(bench))
  bench.say(`normalise: ${archive}, ${((await stat(archive)).size / 1e6).toFixed(0)} MB`)
  const store = join(bench.temp, 'normalise-store')
  const result = join(bench.temp, 'normalise.tar.zst')
  const ours = {
    name: 'pkgcache, fetch and normalise',
    before: () => rm(store, { recursive: true, force: true }),
    work: () => fetchAndNormalise(archive, store),
  }
  const shell = { name: 'shell, same work', work: () => run('bash', [SHELL, archive, result]) }
  const bare = {
    name: 'gzip -dc | zstd -3 -T0',
    work: () =>
      run('bash', ['-c', 'set -o pipefail; gzip -dc "$1" | zstd -q -3 -T0 -f -o "$2"', '-', archive, result]),
  }
  const samples = await interleave([ours, shell, bare], bench.rounds)
  const taken = (/** @type {{ name: string }} */ { name }) => samples.get(name) ?? []
  const work = 'normalise a 100 MB tar.gz'
  return {
    samples,
    rows: [
      ratioRow(
        { id: 'normalise', work, against: 'shell, same work', target: 0.5 },
        taken(ours),
        taken(shell),
      ),
      ratioRow({ id: 'normalise-bare', work, against: bare.name, target: 0.9 }, taken(ours), taken(bare)),
    ],
  }
}
