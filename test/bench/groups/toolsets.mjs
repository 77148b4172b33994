import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { peakMemory, run } from '../system.mjs'
import { startUpstream } from '../upstream.mjs'

const CORPUS = fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))
const WORK = fileURLToPath(new URL('../toolsets-work.mjs', import.meta.url))
const EACH = 20

export const rows = ['toolsets', 'toolsets-memory', 'report']

/** Where the indexes of the corpus are in the world. */
const INDEXES = {
  'manifests/python-versions-manifest_2025-09-29.json':
    'raw.githubusercontent.com/actions/python-versions/main/versions-manifest.json',
  'manifests/node-versions-manifest_2025-09-29.json':
    'raw.githubusercontent.com/actions/node-versions/main/versions-manifest.json',
  'manifests/go-versions-manifest_2025-09-29.json':
    'raw.githubusercontent.com/actions/go-versions/main/versions-manifest.json',
  'indexes/pypy-versions_2025-07-20.json': 'downloads.python.org/pypy/versions.json',
  'indexes/ruby-windows-versions_2025-07-20.json':
    'raw.githubusercontent.com/ruby/setup-ruby/master/windows-versions.json',
  'indexes/ruby-builder-versions_2025-09-29.json':
    'raw.githubusercontent.com/ruby/setup-ruby/master/ruby-builder-versions.json',
  'indexes/dotnet-releases-index.json':
    'builds.dotnet.microsoft.com/dotnet/release-metadata/releases-index.json',
  'indexes/dotnet-8.0-releases_2025-07-20.json':
    'builds.dotnet.microsoft.com/dotnet/release-metadata/8.0/releases.json',
  'indexes/dotnet-9.0-releases_2025-07-20.json':
    'builds.dotnet.microsoft.com/dotnet/release-metadata/9.0/releases.json',
}

/** Files of a folder of the corpus, over and over, each copy with a name of its own. */
async function copies(/** @type {string} */ from, /** @type {string} */ into) {
  const found = (await readdir(from, { recursive: true })).filter(
    (file) => /\.json$/.test(file) && !/invalid|legacy|schema/.test(file),
  )
  await mkdir(into, { recursive: true })
  return Promise.all(
    Array.from({ length: EACH }, async (_, index) => {
      const source = found[index % found.length] ?? ''
      const copy = join(into, `${index}-${source.replaceAll('/', '-')}`)
      await copyFile(join(from, source), copy)
      return copy
    }),
  )
}

/** @param {import('../system.mjs').Bench} bench */
async function inputs(bench) {
  const www = join(bench.temp, 'indexes')
  for (const [from, path] of Object.entries(INDEXES)) {
    await mkdir(dirname(join(www, path)), { recursive: true })
    await copyFile(join(CORPUS, from), join(www, path))
  }
  const { url } = await startUpstream(bench, www)
  const file = join(bench.temp, 'toolsets.json')
  const listed = {
    mirror: url,
    store: join(bench.temp, 'toolsets-store'),
    windows: join(CORPUS, 'reports/windows-2025_20250720.1.0.json'),
    reports: await copies(join(CORPUS, 'reports'), join(bench.temp, 'reports')),
    toolsets: await copies(join(CORPUS, 'toolsets'), join(bench.temp, 'toolsets')),
  }
  await writeFile(file, JSON.stringify(listed))
  return file
}

/** @param {import('../system.mjs').Bench} bench */
export async function measure(bench) {
  if (!existsSync(CORPUS)) return { leftOut: '../shared/corpus is not there' }
  const file = await inputs(bench)
  const taken = []
  const peaks = []
  for (let round = 0; round < bench.rounds; round++) {
    taken.push(JSON.parse(await run(process.execPath, [WORK, file], { env: bench.env })))
    peaks.push(await peakMemory(bench, process.execPath, [WORK, file]))
  }
  const work = `${EACH} toolsets × ${EACH} reports`
  bench.say(`${work}: ${taken[0]?.rows} rows, ${taken[0]?.withUrl} of them with a URL`)
  const values = (/** @type {string} */ key) => taken.map((one) => one[key])
  return {
    rows: [
      { id: 'toolsets', work, against: '–', unit: 's', target: 5, values: values('seconds') },
      { id: 'toolsets-memory', work, against: '–', unit: 'MB', target: 300, values: peaks },
      {
        ...{ id: 'report', work: 'read the report of Windows 2025', against: '–', unit: 'ms', target: 50 },
        values: values('reportMs'),
      },
    ],
  }
}
