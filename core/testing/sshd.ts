import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { NetworkHost } from './network.ts'
import { childrenOf, descendantsOf, inSessionWith } from './processes.ts'
import { findProgram } from './programs.ts'

/** How sshd is set up. */
export interface SshdOptions {
  /** Types of the host keys, as `ssh-keygen -t` takes them. Default `['ed25519']`. */
  readonly hostKeys?: readonly string[]
  /** More lines for sshd_config; they come first and so win. */
  readonly config?: readonly string[]
  /** Environment of the sessions, `PATH` for one. */
  readonly env?: Readonly<Record<string, string>>
  /**
   * What serves SFTP. Default `internal`. `logged` is the same server as a program of its own: only so do its lines
   * (`open … flags WRITE`) reach `log()` and not the syslog. `none`: no SFTP.
   */
  readonly sftp?: 'internal' | 'logged' | 'none'
  /** Address to listen on. Default 127.0.0.1, or that of `inside`. */
  readonly address?: string
  /** Default: one that is free; 22 on a host of a test network. */
  readonly port?: number
  /** Runs on this host of a test network. */
  readonly inside?: NetworkHost
}

/**
 * A real OpenSSH server of our own. Every user of this machine may log in with its key; whoever runs this has an empty home
 * there.
 */
export interface Sshd {
  readonly host: string
  readonly port: number
  /** Who may log in: whoever runs this. */
  readonly user: string
  /** Private key of that user, ed25519. */
  readonly identityFile: string
  /** A known_hosts file with the host keys. */
  readonly knownHosts: string
  /** An empty folder to deliver to. */
  readonly root: string
  /** Everything of this server; removed by `stop`. */
  readonly folder: string
  readonly pid: number
  /** Ids of the processes that serve its sessions now, and of commands of sessions, also of those that ended. */
  sessions(): readonly number[]
  /** What sshd and its SFTP server logged so far. */
  log(): Promise<string>
  /** Stops the server and its sessions with SIGSTOP, as a machine that hangs. */
  freeze(): void
  /** Lets them go on. */
  thaw(): void
  /** Ends the server and its sessions and removes its folder. */
  stop(): Promise<void>
}

const SFTP_SERVERS = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/lib/ssh/sftp-server',
  '/usr/libexec/sftp-server',
]

/** Why `startSshd` cannot work here; undefined when it can. */
export function sshdAvailable(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (findProgram('sshd') === undefined) return 'no sshd binary (Debian: openssh-server)'
  if (findProgram('ssh-keygen') === undefined) return 'no ssh-keygen binary (Debian: openssh-client)'
  if (userInfo().uid !== 0) return undefined
  try {
    // sshd as root drops into this folder and wants it there.
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
    return undefined
  } catch {
    return 'the folder /run/sshd cannot be made'
  }
}

/**
 * Brings up sshd with keys, log and target folder of its own below the temporary folder.
 * @throws Error with sshd's log when it does not come up
 */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const reason = sshdAvailable()
  if (reason !== undefined) throw new Error(`sshd cannot run here: ${reason}`)
  const folder = await mkdtemp(join(tmpdir(), 'pkgcache-sshd-'))
  const types = options.hostKeys ?? ['ed25519']
  for (const type of types) generateKey(type, join(folder, `host_${type}`))
  generateKey('ed25519', join(folder, 'user_key'))
  await mkdir(join(folder, 'root'))
  await mkdir(join(folder, 'home'))
  // sshd reads the public keys as the user that logs in
  await chmod(folder, 0o711)
  await writeFile(join(folder, 'authorized_keys'), await readFile(join(folder, 'user_key.pub')))
  const address = options.address ?? options.inside?.address ?? '127.0.0.1'
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (options.inside === undefined ? await freePort() : 22)
    await writeFile(join(folder, 'sshd_config'), configuration(folder, { address, port }, types, options))
    const child = launch(folder, options.inside)
    if (await isUp(folder, { address, port }, child, options.inside)) {
      return handle(folder, { address, port }, child, types)
    }
    for (const pid of descendantsOf(child.pid ?? 0)) process.kill(pid, 'SIGKILL')
    child.kill('SIGKILL')
    if (attempt === 5)
      throw new Error(`sshd did not come up:\n${await readFile(join(folder, 'log'), 'utf8')}`)
  }
}

interface Listening {
  readonly address: string
  readonly port: number
}

function generateKey(type: string, file: string): void {
  const bits = type === 'rsa' ? ['-b', '2048'] : []
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', '', '-C', 'pkgcache-test', '-f', file])
}

function configuration(
  folder: string,
  { address, port }: Listening,
  types: readonly string[],
  options: SshdOptions,
): string {
  const env = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`)
  return [
    // First, because sshd keeps the first value of a keyword.
    ...(options.config ?? []),
    `Port ${port}`,
    `ListenAddress ${address}`,
    ...types.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    `PidFile ${join(folder, 'pid')}`,
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'PrintMotd no',
    'LogLevel VERBOSE',
    // Of this one keyword sshd keeps the last value.
    ...(options.config?.some((line) => line.startsWith('MaxStartups')) ? [] : ['MaxStartups 100:30:200']),
    ...sftpSubsystem(folder, options.sftp ?? 'internal'),
    ...(env.length > 0 ? [`SetEnv ${env.join(' ')}`] : []),
    // whoever runs this has rc files that no node has, and a home that is none of a node's business
    `Match User ${userInfo().username}`,
    `SetEnv ${[`HOME=${join(folder, 'home')}`, ...env].join(' ')}`,
    '',
  ].join('\n')
}

function sftpSubsystem(folder: string, kind: 'internal' | 'logged' | 'none'): string[] {
  if (kind === 'none') return []
  if (kind === 'internal') return ['Subsystem sftp internal-sftp']
  const program = SFTP_SERVERS.find((file) => existsSync(file))
  if (program === undefined) throw new Error(`no sftp-server at ${SFTP_SERVERS.join(', ')}`)
  return [`Subsystem sftp exec ${program} -e -l VERBOSE 2>>${join(folder, 'log')}`]
}

function launch(folder: string, inside: NetworkHost | undefined): ChildProcess {
  const sshd = findProgram('sshd')
  if (sshd === undefined) throw new Error('no sshd binary')
  const log = openSync(join(folder, 'log'), 'a')
  const args = [...(inside?.enterForServer ?? []), sshd]
  args.push('-D', '-f', join(folder, 'sshd_config'), '-E', join(folder, 'log'))
  const [program = sshd, ...rest] = args
  const child = spawn(program, rest, { stdio: ['ignore', log, log] })
  closeSync(log)
  const end = () => child.kill('SIGKILL')
  // a fleet is no leak
  process.setMaxListeners(Math.max(process.getMaxListeners(), process.listenerCount('exit') + 10))
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  return child
}

async function handle(
  folder: string,
  { address, port }: Listening,
  child: ChildProcess,
  types: readonly string[],
): Promise<Sshd> {
  const started = child.pid ?? 0
  // on a host of a network, what was started is only what entered it
  const pid = child.spawnargs[0]?.endsWith('nsenter') ? (childrenOf(started)[0] ?? started) : started
  const signalAll = (signal: NodeJS.Signals) => signalEach([started, ...descendantsOf(started)], signal)
  return {
    host: address,
    port,
    user: userInfo().username,
    identityFile: join(folder, 'user_key'),
    knownHosts: await writeKnownHosts(folder, { address, port }, types),
    root: join(folder, 'root'),
    folder,
    pid,
    sessions: () => [...new Set([...descendantsOf(pid), ...inSessionWith(address, port)])],
    log: () => readFile(join(folder, 'log'), 'utf8'),
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = new Promise((resolve) => child.once('exit', resolve))
        signalAll('SIGKILL')
        await exited
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function signalEach(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

async function writeKnownHosts(
  folder: string,
  { address, port }: Listening,
  types: readonly string[],
): Promise<string> {
  const file = join(folder, 'known_hosts')
  const keys = await Promise.all(types.map((type) => readFile(join(folder, `host_${type}.pub`), 'utf8')))
  const name = port === 22 ? address : `[${address}]:${port}`
  await writeFile(file, keys.map((key) => `${name} ${key}`).join(''))
  return file
}

/** A port nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/**
 * True once it says that it listens, and shows its banner; false when the process ended or 10 s are over. A banner alone
 * may be that of another server, which was quicker to take the port.
 */
async function isUp(
  folder: string,
  { address, port }: Listening,
  child: ChildProcess,
  inside: NetworkHost | undefined,
): Promise<boolean> {
  const end = Date.now() + 10_000
  while (Date.now() < end && child.exitCode === null) {
    const log = await readFile(join(folder, 'log'), 'utf8')
    if (log.includes(`Server listening on ${address} port ${port}.`)) {
      // into another network there is no way from here
      if (inside !== undefined || (await bannerOf(address, port)).startsWith('SSH-2.0-')) return true
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}

function bannerOf(address: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    socket.once('error', () => resolve(''))
    socket.once('data', (data) => {
      resolve(data.toString('latin1'))
      socket.destroy()
    })
    socket.setTimeout(2000, () => {
      resolve('')
      socket.destroy()
    })
  })
}
