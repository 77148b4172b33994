// Processes, folders and programs of the bench. Ends and removes only what it made itself.
import { spawn } from 'node:child_process'
import { constants, existsSync, readFileSync, rmSync } from 'node:fs'
import { access, mkdir, mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SBIN = ['/usr/sbin', '/usr/local/sbin', '/sbin']
const TICKS_PER_SECOND = 100
const PRELOAD = fileURLToPath(new URL('./peak-memory.cjs', import.meta.url))

/** The command as a user of this clone starts it. */
export const PKGCACHE = fileURLToPath(new URL('../../node_modules/.bin/pkgcache', import.meta.url))

/** @param {string} name @returns {string | undefined} absolute path */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SBIN]
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}

/** @param {readonly string[]} names @returns {string | undefined} `left out` reason, undefined when all are there */
export function missing(names) {
  const absent = names.filter((name) => findProgram(name) === undefined)
  return absent.length === 0 ? undefined : `${absent.join(', ')} is missing`
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set()

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<string>} its stdout; a failure is an error with both outputs
 */
export async function run(command, args, options) {
  const child = start(command, args, options)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (data) => (stdout += data))
  child.stderr?.on('data', (data) => (stderr += data))
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code === 0) return stdout
  throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${(stdout + stderr).slice(-2000)}`)
}

/**
 * Runs a Node program and asks for its own peak.
 * @param {Bench} bench
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>} peak of resident memory, MB
 */
export async function peakMemory(bench, command, args) {
  const file = join(bench.temp, 'peak-memory')
  const env = { ...bench.env, NODE_OPTIONS: `--require ${PRELOAD}`, PKGCACHE_BENCH_PEAK: file }
  await run(command, args, { env })
  return (Number(await readFile(file, 'utf8')) * 1024) / 1e6
}

/** CPU seconds of this process and of the children it has waited for; those of other programs do not count. */
export function cpuSeconds() {
  const { user, system } = process.cpuUsage()
  const ours = (user + system) / 1e6
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
    return ours + (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND
  } catch {
    return ours
  }
}

/**
 * @typedef {object} Bench
 * @property {string} temp folder of this run, removed at its end
 * @property {string} cache folder that stays between runs: inputs that take long to make
 * @property {number} rounds
 * @property {NodeJS.ProcessEnv} env for every child: no configuration of the user's
 * @property {ReadonlySet<string>} rows rows that are wanted
 * @property {(line: string) => void} say
 * @property {(end: () => Promise<unknown>) => void} onEnd
 */

/** @returns {Promise<{ temp: string, cache: string, env: NodeJS.ProcessEnv }>} */
export async function folders() {
  const cache = join(tmpdir(), `pkgcache-bench-${process.getuid?.() ?? 'user'}`)
  await mkdir(cache, { recursive: true, mode: 0o700 })
  const { uid } = await stat(cache)
  if (process.getuid && uid !== process.getuid()) throw new Error(`${cache} belongs to somebody else`)
  await access(cache, constants.W_OK)
  const temp = await mkdtemp(join(tmpdir(), 'pkgcache-bench-run-'))
  const removeAll = () => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(temp, { recursive: true, force: true })
  }
  process.once('exit', removeAll)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
  const env = { ...process.env, HOME: join(temp, 'home'), PKGCACHE_HOME: join(temp, 'home'), CI: '1' }
  for (const name of ['NODE_OPTIONS', 'GITHUB_ACTIONS', 'GITHUB_STEP_SUMMARY', 'SSH_AUTH_SOCK'])
    delete env[name]
  await mkdir(env.HOME)
  return { temp, cache, env }
}
