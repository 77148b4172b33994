import { randomBytes } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { PKGCACHE, peakMemory } from '../system.mjs'
import { writeConfig } from '../world.mjs'

const TAR_BLOCK = 512
const PIECE = 16 * 2 ** 20
const PIECES = 128

export const rows = ['memory']

/** The header of one file (POSIX.1-2017, pax, "ustar Interchange Format"). @param {number} size bytes */
function tarHeader(size) {
  const header = Buffer.alloc(TAR_BLOCK)
  header.write('program')
  header.write('0000755\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write(' '.repeat(8), 148)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** A tar.gz with one file of 2 GiB, three quarters of it random; each piece is a gzip member of its own. */
async function writeArchive(/** @type {string} */ file) {
  const random = randomBytes((PIECE / 4) * 3)
  const text = Buffer.from(randomBytes(PIECE / 8).toString('hex'))
  const piece = gzipSync(Buffer.concat([random, text]), { level: 1 })
  const handle = await open(file, 'wx')
  try {
    await handle.writeFile(gzipSync(tarHeader(PIECE * PIECES)))
    for (let written = 0; written < PIECES; written++) await handle.writeFile(piece)
    await handle.writeFile(gzipSync(Buffer.alloc(2 * TAR_BLOCK)))
  } finally {
    await handle.close()
  }
}

/** @param {import('../system.mjs').Bench} bench */
export async function measure(bench) {
  const folder = join(bench.temp, 'memory')
  const file = join(bench.temp, 'huge.tar.gz')
  await writeArchive(file)
  const packages = [{ name: 'huge', version: '1.0.0', arch: 'amd64', url: pathToFileURL(file).href }]
  const config = await writeConfig(join(folder, 'config.json'), { store: 'store', packages })
  const started = performance.now()
  const peak = await peakMemory(bench, PKGCACHE, ['run', '--config', config])
  bench.say(`memory: a 2 GiB artifact took ${((performance.now() - started) / 1000).toFixed(1)} s`)
  await Promise.all([folder, file].map((path) => rm(path, { recursive: true })))
  return {
    rows: [
      {
        id: 'memory',
        work: 'run with a 2 GB artifact',
        against: '–',
        unit: 'MB',
        target: 250,
        values: [peak],
      },
    ],
  }
}
