import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config, NodeConfig } from '@pkgcache/core'
import { type NetworkHost, rawTar, type Sshd } from '@pkgcache/core/testing'
import { BIN, type Ran, runProgram, sha256File } from './kit.ts'

/** What `distribute --json` says, as far as these tests read it. */
export interface Told {
  readonly exit_code: number
  readonly deliveries: readonly {
    readonly node: string
    readonly state: string
    readonly sent_bytes?: number
    readonly via?: string | null
    readonly error?: { readonly code: string; readonly message: string; readonly hint: string | null }
  }[]
}

/** A package in a store, ready to be sent. */
export interface Sent {
  readonly name: string
  /** Bytes of the artifact. */
  readonly size: number
  readonly sha256: string
  /** Below a node's root. */
  readonly path: string
}

/** Commands that send packages, on hosts of a test network. */
export interface Sender {
  /** Puts a package of about so many bytes, which do not compress, into the store. */
  make(name: string, bytes: number): Promise<Sent>
  /** Starts `distribute` of one package. @param ssh options of transport-ssh */
  start(from: NetworkHost, task: Task): Promise<ChildProcess>
  /** The same, to its end. */
  send(from: NetworkHost, task: Task): Promise<Ran & { readonly told: Told }>
  remove(): Promise<void>
}

export interface Task {
  readonly what: Sent
  readonly nodes: readonly NodeConfig[]
  readonly args?: readonly string[]
  readonly config?: Config
  /** Options of transport-ssh. */
  readonly ssh?: Readonly<Record<string, unknown>>
}

export async function openSender(): Promise<Sender> {
  const dir = await mkdtemp(join(tmpdir(), 'pkgcache-nodes-'))
  const store = join(dir, 'store')
  const env = { HOME: dir, PKGCACHE_HOME: join(dir, 'home'), SSH_AUTH_SOCK: '' }
  let runs = 0
  const packageOf = (name: string) => ({
    ...{ name, version: '1.0.0' },
    url: pathToFileURL(join(dir, `${name}.tar`)).href,
  })
  const command = async (from: NetworkHost, { what, nodes, args = [], config = {}, ssh }: Task) => {
    const file = join(dir, `run-${++runs}.config.mjs`)
    const text = JSON.stringify({ store, arch: 'amd64', packages: [packageOf(what.name)], nodes, ...config })
    const plugins = ssh === undefined ? '' : `, plugins: [ssh(${JSON.stringify(ssh)})]`
    const head = "import ssh from '@pkgcache/transport-ssh'\n"
    await writeFile(file, `${head}export default { ...${text}${plugins} }\n`)
    const [program, ...rest] = from.enter
    return { program, args: [...rest, BIN, 'distribute', '--json', '--config', file, ...args] }
  }
  return {
    async make(name, bytes) {
      await writeFile(join(dir, `${name}.tar`), rawTar([{ name: 'data', content: randomBytes(bytes) }]))
      const file = join(dir, `${name}.json`)
      await writeFile(file, JSON.stringify({ store, arch: 'amd64', packages: [packageOf(name)] }))
      const { code, stderr } = await runProgram(BIN, ['fetch', '--config', file], { cwd: dir, env })
      if (code !== 0) throw new Error(`${name} was not fetched: ${stderr}`)
      const stored = join(store, `${name}-1.0.0-amd64.tar.zst`)
      const { size } = await stat(stored)
      return { name, size, sha256: await sha256File(stored), path: `${name}/${name}-1.0.0-amd64.tar.zst` }
    },
    async start(from, task) {
      const { program, args } = await command(from, task)
      return spawn(program, args, { cwd: dir, env: { ...process.env, ...env }, stdio: 'ignore' })
    },
    async send(from, task) {
      const { program, args } = await command(from, task)
      const ran = await runProgram(program, args, { cwd: dir, env, timeout: 200_000 })
      if (!ran.stdout.startsWith('{')) throw new Error(`no document: ${ran.code} ${ran.stderr}`)
      return { ...ran, told: JSON.parse(ran.stdout) as Told }
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

/** A server as a config declares it. */
export function nodeOn(sshd: Sshd, name: string, more: NodeConfig = {}): NodeConfig {
  const { host, port, user, identityFile, knownHosts, root } = sshd
  return { name, host, port, user, identityFile, knownHosts, root, ...more }
}

/** Bytes of the part of a package on a server; 0 without one. */
export async function partSize(sshd: Sshd, { name }: Sent): Promise<number> {
  const folder = join(sshd.root, name)
  const names = await readdir(folder).catch(() => [])
  const part = names.find((one) => one.endsWith('.part'))
  if (part === undefined) return 0
  return stat(join(folder, part)).then(
    ({ size }) => size,
    () => 0,
  )
}

/** Waits until a server holds so much of a package in a part. */
export async function arrived(sshd: Sshd, what: Sent, bytes: number): Promise<void> {
  for (let waited = 0; (await partSize(sshd, what)) < bytes; waited++) {
    if (waited > 30_000) throw new Error(`${bytes} bytes of ${what.name} never arrived`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
