import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import type { Config } from '@pkgcache/core'
import { Ajv } from 'ajv'

export const REPOSITORY = resolve(import.meta.dirname, '../..')
/** The built command. */
export const BIN = join(REPOSITORY, 'node_modules/.bin/pkgcache')

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end; what it prints is kept. @param options.timeout ms after which it is killed */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; timeout?: number } = {},
): Promise<Ran> {
  const child = spawn(program, args, {
    cwd: options.cwd ?? tmpdir(),
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.timeout !== undefined && { timeout: options.timeout, killSignal: 'SIGKILL' }),
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', (code) =>
      done({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    )
  })
}

/** The environment without what would change how the command speaks. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const {
    CI: _ci,
    GITHUB_ACTIONS: _actions,
    FORCE_COLOR: _color,
    NODE_OPTIONS: _options,
    ...rest
  } = process.env
  return rest
}

/** Which of these programs is not here, in words for `leftOut`; undefined when all are. */
export function missingProgram(...programs: readonly string[]): string | undefined {
  const missing = programs.find(
    (program) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status !== 0,
  )
  return missing && `there is no ${missing}`
}

/** A folder of its own with a config in it. */
export interface Project {
  readonly dir: string
  readonly store: string
  /** Runs the built command in it. */
  run(...args: string[]): Promise<Ran>
  /** Writes another config. */
  configure(config: Config): Promise<void>
  remove(): Promise<void>
}

export async function createProject(config: Config): Promise<Project> {
  const dir = await mkdtemp(join(tmpdir(), 'pkgcache-e2e-'))
  const configure = (changed: Config) =>
    writeFile(join(dir, 'pkgcache.config.json'), JSON.stringify({ store: './store', ...changed }))
  await configure(config)
  return {
    dir,
    store: join(dir, 'store'),
    run: (...args) => runProgram(BIN, args, { cwd: dir, env: { PKGCACHE_HOME: join(dir, 'home') } }),
    configure,
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

/** One file of a tree, as it is told apart from a changed one. */
export interface Seen {
  readonly sha256: string
  readonly mtimeNs: string
  readonly ino: string
}

/** Every file below a folder, by its path. */
export async function snapshotTree(root: string): Promise<Record<string, Seen>> {
  if (!existsSync(root)) return {}
  const files: Record<string, Seen> = {}
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const { mtimeNs, ino } = await lstat(file, { bigint: true })
    files[relative(root, file)] = {
      sha256: await sha256File(file),
      mtimeNs: String(mtimeNs),
      ino: String(ino),
    }
  }
  return files
}

export async function sha256File(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}

/** Faults of a document against one of the published schemas; empty when it is valid. */
export function schemaFaults(name: string, document: unknown): string[] {
  const schema = createRequire(import.meta.url)(join(REPOSITORY, 'schemas', `${name}.json`)) as object
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true })
  const validate = ajv.compile(schema)
  if (validate(document)) return []
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
}

/** A regular file of an archive, as GNU tar reads it. */
export interface TarMember {
  readonly path: string
  readonly mode: string
  readonly size: number
  readonly sha256: string
}

const HASH_MEMBER =
  'printf "%s %s %s " "$TAR_MODE" "$TAR_SIZE" "$(sha256sum | cut -c1-64)"; printf "%s\\n" "$TAR_FILENAME"'

/** Members by GNU tar itself, which hands each one's content to `sha256sum`; nothing is extracted. */
export async function gnuTarMembers(file: string): Promise<TarMember[]> {
  const args = ['--zstd', '-xf', file, `--to-command=${HASH_MEMBER}`]
  const { code, stdout, stderr } = await runProgram('tar', args)
  if (code !== 0 || stderr !== '') throw new Error(`tar ${file}: ${code} ${stderr}`)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [mode = '', size = '', sha256 = '', ...path] = line.split(' ')
      return { path: path.join(' '), mode: `0${mode.replace(/^0+/, '')}`, size: Number(size), sha256 }
    })
}
