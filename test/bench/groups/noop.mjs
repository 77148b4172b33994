import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { interleave } from '../measure.mjs'
import { PKGCACHE, peakMemory, run } from '../system.mjs'
import { writeConfig } from '../world.mjs'

const PACKAGES = 10_000

export const rows = ['noop', 'noop-memory']

/** A store with 10,000 packages, made by a real run over as many tiny files; kept for later runs of the bench. */
async function bigStore(/** @type {import('../system.mjs').Bench} */ bench) {
  const folder = join(bench.cache, 'ten-thousand')
  const config = join(folder, 'config.json')
  const sources = join(folder, 'sources')
  const names = Array.from({ length: PACKAGES }, (_, index) => `tool${'abcdefghij'[index % 10]}${index}`)
  if (!existsSync(config)) {
    bench.say(`filling a store with ${PACKAGES} packages in ${folder}, once: some minutes`)
    await mkdir(sources, { recursive: true })
    for (const name of names) await writeFile(join(sources, name), `#!/bin/sh\necho ${name}\n`)
    const packages = names.map((name) => ({
      ...{ name, version: '1.0.0', arch: 'amd64', format: 'binary' },
      url: pathToFileURL(join(sources, name)).href,
    }))
    await writeConfig(`${config}.new`, { store: join(folder, 'store'), packages })
    await rename(`${config}.new`, config)
  }
  // brings up to date what an older pkgcache left there
  await run(PKGCACHE, ['run', '--quiet', '--config', config], { env: bench.env })
  return config
}

/** @param {import('../system.mjs').Bench} bench */
export async function measure(bench) {
  const args = ['run', '--config', await bigStore(bench)]
  const noop = {
    name: `pkgcache run, ${PACKAGES} packages, nothing to do`,
    work: () => run(PKGCACHE, args, { env: bench.env }),
  }
  const samples = await interleave([noop], bench.rounds)
  const peaks = []
  for (let round = 0; round < bench.rounds; round++) peaks.push(await peakMemory(bench, PKGCACHE, args))
  const work = 'no-op run, 10,000 packages'
  const seconds = (samples.get(noop.name) ?? []).map(({ ms }) => ms / 1000)
  return {
    samples,
    rows: [
      { id: 'noop', work, against: '–', unit: 's', target: 1, values: seconds },
      { id: 'noop-memory', work, against: '–', unit: 'MB', target: 200, values: peaks },
    ],
  }
}
