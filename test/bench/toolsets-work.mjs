// toolsets-work.mjs FILE: matches each toolset with each report in one process; prints what it took as JSON.
import { readFile } from 'node:fs/promises'
import { createCache } from '@pkgcache/core'
import fetchHttp from '@pkgcache/fetch-http'
import { readReport } from '@pkgcache/source-runner-images/report'
import { openDocuments } from '@pkgcache/source-runner-images/resolvers'
import { buildSourceList } from '@pkgcache/source-runner-images/sources'

const [file = ''] = process.argv.slice(2)
const { mirror, store, windows, reports, toolsets } = JSON.parse(await readFile(file, 'utf8'))

/** The first in this process: nothing is warm. */
async function readOnce() {
  const text = await readFile(windows, 'utf8')
  const start = performance.now()
  readReport({ place: windows, value: JSON.parse(text), fetchedAt: new Date().toISOString() })
  return performance.now() - start
}

/** @param {import('@pkgcache/core').PluginContext} ctx */
async function matchAll(ctx) {
  const documents = openDocuments(ctx, process.cwd())
  let rows = 0
  let withUrl = 0
  for (const report of reports) {
    for (const toolset of toolsets) {
      const { list } = await buildSourceList({ report, toolsets: [toolset], documents })
      rows += list.sources.length + list.unresolved.length
      withUrl += list.sources.length
    }
  }
  return { rows, withUrl }
}

const reportMs = await readOnce()
const start = performance.now()
const config = { store, mirrors: { 'https://': [mirror] }, mirrorsOnly: true }
const cache = await createCache(config, { defaultPlugins: [fetchHttp()] })
const counted = await cache.withContext('bench', matchAll)
await cache.close()
console.log(JSON.stringify({ reportMs, seconds: (performance.now() - start) / 1000, ...counted }))
