import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { childrenOf } from './processes.ts'
import { findProgram } from './programs.ts'

/** How a network is set up. */
export interface NetworkOptions {
  readonly hosts: number
  /** What every link carries in each direction, in bit/s (`tc tbf`). Default: as much as the machine can. */
  readonly rate?: number
  /** The same for single hosts, by index. */
  readonly rates?: Readonly<Record<number, number>>
}

/** Bytes that went over a host's interface, Ethernet headers included. */
export interface Traffic {
  /** By the host. */
  readonly sent: number
  /** By the host. */
  readonly received: number
}

/** One host of a network: a network namespace with an interface and a loopback of its own. */
export interface NetworkHost {
  /** IPv4; reachable from the other hosts of the network only. */
  readonly address: string
  /** What to put before a program and its arguments to run it on this host: signals reach it as ever. */
  readonly enter: readonly [string, ...string[]]
  /** The same for a server: it ends at the latest with the network, however this process ends. It is a grandchild. */
  readonly enterForServer: readonly [string, ...string[]]
  /** Since the start of the network. */
  traffic(): Traffic
  /** Pulls the cable, or plugs it in again. What is under way is lost without a word, as on a real line. */
  plug(connected: boolean): void
}

/** Hosts around one switch. Nothing of it is seen outside: no interface, no address, no name. */
export interface Network {
  readonly hosts: readonly NetworkHost[]
  /** Ends every server in it. */
  close(): Promise<void>
}

const NEEDED = {
  ip: 'iproute2',
  tc: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  bash: 'bash',
} as const

/** Why `startNetwork` cannot work here; undefined when it can. */
export function networkAvailable(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const missing = Object.entries(NEEDED).find(([program]) => findProgram(program) === undefined)
  if (missing !== undefined) return `no ${missing[0]} binary (Debian: ${missing[1]})`
  try {
    execFileSync('unshare', ['--net', '--pid', '--fork', 'ip', 'link', 'add', 'br0', 'type', 'bridge'], QUIET)
    return undefined
  } catch {
    return 'network namespaces or bridges are not allowed here'
  }
}

const QUIET = { stdio: 'pipe' } as const

/**
 * Starts hosts that are joined by a switch.
 * @throws Error when it cannot work here, or with what `ip` or `tc` says
 */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const reason = networkAvailable()
  if (reason !== undefined) throw new Error(`no network can be made here: ${reason}`)
  const holders: Holder[] = []
  const close = async () => {
    await Promise.all(holders.map((holder) => holder.end()))
  }
  try {
    for (let count = 0; count <= options.hosts; count++) holders.push(await hold())
    const [hub, ...hosts] = holders
    if (hub === undefined) throw new Error('there is no switch')
    ip(hub, ['link set lo up', 'link add br0 type bridge', 'link set br0 up'])
    return { hosts: hosts.map((holder, index) => join(hub, holder, index, options)), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A process that holds a network and a process namespace open for as long as this process lives. */
interface Holder {
  /** The first process of the namespaces. */
  readonly pid: number
  end(): Promise<void>
}

async function hold(): Promise<Holder> {
  // Its input ends when this process does, and with the first process of a namespace all others end. Like any first
  // process it has to bury those that lost their parents, which bash does and cat does not.
  const own = ['--net', '--pid', '--mount-proc', '--propagation', 'slave']
  const args = [...own, '--fork', '--kill-child', 'bash', '-c', 'read -r']
  const child: ChildProcess = spawn('unshare', args, { stdio: ['pipe', 'ignore', 'ignore'] })
  child.stdin?.on('error', () => undefined)
  const exited = once(child, 'exit')
  for (let waited = 0; waited < 5000 && child.exitCode === null; waited += 5) {
    const [pid] = childrenOf(child.pid ?? 0)
    if (pid !== undefined) {
      return {
        pid,
        async end() {
          child.stdin?.end()
          await exited
        },
      }
    }
    await sleep(5)
  }
  child.kill('SIGKILL')
  throw new Error('unshare made no namespaces')
}

function within(holder: Holder, ...more: readonly string[]): [string, ...string[]] {
  return ['nsenter', '-t', `${holder.pid}`, '-n', ...more, '--']
}

function runIn(holder: Holder, program: string, args: readonly string[], input?: string): void {
  const [enter, ...rest] = within(holder)
  execFileSync(enter, [...rest, program, ...args], { ...QUIET, ...(input !== undefined && { input }) })
}

function ip(holder: Holder, commands: readonly string[]): void {
  runIn(holder, 'ip', ['-batch', '-'], `${commands.join('\n')}\n`)
}

function join(hub: Holder, holder: Holder, index: number, options: NetworkOptions): NetworkHost {
  const address = `10.213.0.${index + 1}`
  const port = `host${index}`
  ip(hub, [
    `link add ${port} type veth peer name eth0 netns ${holder.pid}`,
    `link set ${port} master br0`,
    `link set ${port} up`,
  ])
  ip(holder, ['link set lo up', `addr add ${address}/24 dev eth0`, 'link set eth0 up'])
  const rate = options.rates?.[index] ?? options.rate
  if (rate !== undefined) {
    limit(hub, port, rate)
    limit(holder, 'eth0', rate)
  }
  return {
    address,
    enter: within(holder),
    // its own view of /proc too: process ids are those of the host
    enterForServer: within(holder, '-p', '-m'),
    traffic: () => trafficOf(holder.pid),
    plug: (connected) => ip(hub, [`link set ${port} ${connected ? 'up' : 'down'}`]),
  }
}

function limit(holder: Holder, device: string, rate: number): void {
  const bucket = ['rate', `${rate}bit`, 'burst', '64kb', 'latency', '100ms']
  runIn(holder, 'tc', ['qdisc', 'add', 'dev', device, 'root', 'tbf', ...bucket])
}

/** Of `eth0` (proc(5), `/proc/pid/net/dev`: received bytes first, sent bytes ninth). */
function trafficOf(pid: number): Traffic {
  const lines = readFileSync(`/proc/${pid}/net/dev`, 'utf8').split('\n')
  const line = lines.find((one) => one.trim().startsWith('eth0:')) ?? ''
  const fields = line
    .slice(line.indexOf(':') + 1)
    .trim()
    .split(/\s+/)
    .map(Number)
  return { received: fields[0] ?? 0, sent: fields[8] ?? 0 }
}
