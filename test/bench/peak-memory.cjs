// Preloaded into a Node process whose peak is asked for: writes it, in KiB, when the process ends.
const { writeFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')

const file = process.env.PKGCACHE_BENCH_PEAK
if (isMainThread && file)
  process.once('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS)))
