// Runs in a process of its own, which can be ended and takes its memory with it: 7-Zip as WebAssembly, so the same
// decoder on every machine, and one that sees nothing but the archive's folder. Plain JavaScript, because it is
// started by path and the tests run on the sources.
import { writeSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import SevenZip from '7z-wasm'

/** Arguments of 7-Zip by what is wanted: the properties of every item, or the content of all, one behind the other. */
const COMMANDS = {
  list: ['l', '-slt', '-ba'],
  extract: ['x', '-so'],
}
// no progress; nothing but 7z; no wildcards
const ALWAYS = ['-bd', '-bsp0', '-t7z', '-spd', '--']
// its types are those of an ES module, which it is not
const start = /** @type {import('7z-wasm').SevenZipModuleFactory} */ (/** @type {unknown} */ (SevenZip))
const MOUNT = '/archive'
const FAILED = 2
const NEWLINE = 10
const FULL_MS = 2

// times are listed as local ones
process.env.TZ = 'UTC'

/**
 * Waits where there is no room: a pipe that somebody made non-blocking.
 * @param {Int8Array} bytes @param {number} start @param {number} length
 */
function writeAll(bytes, start, length) {
  for (let done = 0; done < length; ) {
    try {
      done += writeSync(1, bytes, start + done, length - done)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS)
    }
  }
  return length
}

/** @param {keyof typeof COMMANDS} command @param {string} file */
async function run(command, file) {
  const path = `${MOUNT}/${basename(file)}`
  let complaint = ''
  const module = await start({
    printErr: (line) => {
      const text = line.replaceAll(path, '').replace(/^[: ]*ERRORS?[: ]*/, '')
      complaint ||= text.trim()
    },
    // asked for a password: an empty line, whatever comes of it
    stdin: () => {
      complaint = 'the names of its members are encrypted'
      return NEWLINE
    },
    quit: () => undefined,
  })
  const { FS } = module
  FS.mkdir(MOUNT)
  FS.mount(module.NODEFS, { root: dirname(file) }, MOUNT)
  const { streams } = /** @type {{ streams: { stream_ops: object }[] }} */ (/** @type {unknown} */ (FS))
  const [, stdout] = streams
  if (stdout === undefined) throw new Error('there is no standard output')
  stdout.stream_ops = {
    ...stdout.stream_ops,
    /** @type {(stream: unknown, bytes: Int8Array, start: number, length: number) => number} */
    write: (_stream, bytes, start, length) => writeAll(bytes, start, length),
  }
  try {
    const code = module.callMain([...COMMANDS[command], ...ALWAYS, path])
    return { code: Number(code), complaint }
  } catch (thrown) {
    // what C++ throws arrives as a number
    return { code: FAILED, complaint: complaint || `it cannot be read (${String(thrown)})` }
  }
}

// the exit code of this process is its answer
const { argv, exit } = process
const [command, file = ''] = argv.slice(2)
const { code, complaint } = await run(command === 'list' ? 'list' : 'extract', file)
if (code !== 0) writeSync(2, `${complaint}\n`)
exit(code)
