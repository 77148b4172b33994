import { connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import type { NodeSpec } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import type { Client } from 'ssh2'
import type { Connection } from './connection.ts'
import { handshake } from './handshake.ts'
import { hostKeyCheck } from './host-key.ts'
import type { Wanted } from './host-settings.ts'
import { type Candidates, findCandidates } from './identity.ts'
import { type JumpHost, openLine, parseJumps, shownPlace } from './jump.ts'
import type { KeyFile } from './key-file.ts'
import { LendingAgent } from './lending.ts'
import { Login } from './login.ts'
import { authError } from './login-fault.ts'
import type { HostSettings } from './settings.ts'
import type { SshRun } from './ssh-run.ts'

export type { Connection, Identity, Place } from './connection.ts'

/** Hosts on the way to one node, at most. */
const MAX_JUMPS = 8

/**
 * Connects to a node, over its jump hosts where it has some, and logs in.
 * @throws E_SSH_CONFIG, E_IDENTITY, E_PASSPHRASE, E_HOST_KEY, E_HOST_KEY_CHANGED, E_HOST_KEY_REVOKED, E_NODE_AUTH,
 * E_NODE_UNREACHABLE, E_NODE_TIMEOUT, E_NODE, E_ABORTED
 */
export function connect(node: NodeSpec & { readonly host: string }, run: SshRun): Promise<Connection> {
  const { host, port, user, identityFile, knownHosts, hostKeys, proxyJump } = node
  return reach({ host, port, user, identityFile, knownHosts, hostKeys, proxyJump }, run, [])
}

/** @param trail the hosts whose way this one is on */
async function reach(wanted: Wanted, run: SshRun, trail: readonly string[]): Promise<Connection> {
  const settings = await run.settings(wanted)
  const name = `${settings.place.username}@${shownPlace(settings.place)}`
  if (trail.includes(name) || trail.length > MAX_JUMPS) {
    throw new PkgcacheError('E_SSH_CONFIG', `the way to ${trail[0]} leads in a circle over ${name}`, {
      hint: 'exclude the jump host from its own ProxyJump: "Host * !jumphost", or ProxyJump none for it',
    })
  }
  if (settings.jump === undefined) return logIn(settings, undefined, run)
  const otherwise = {
    identityFile: wanted.identityFile ?? wanted.otherwise?.identityFile,
    knownHosts: wanted.knownHosts ?? wanted.otherwise?.knownHosts,
    hostKeys: wanted.hostKeys ?? wanted.otherwise?.hostKeys,
  }
  return reachOver(settings, otherwise, run, [...trail, name])
}

async function reachOver(
  settings: HostSettings,
  otherwise: NonNullable<Wanted['otherwise']>,
  run: SshRun,
  trail: readonly string[],
): Promise<Connection> {
  const hosts = parseJumps(settings.jump ?? '')
  if (hosts.length > MAX_JUMPS) {
    throw new PkgcacheError('E_SSH_CONFIG', `there are more than ${MAX_JUMPS} jump hosts to ${trail[0]}`, {
      hint: 'shorten ProxyJump',
    })
  }
  const open = async () => {
    let last: Connection | undefined
    for (const host of hosts) last = await hop({ ...host, otherwise }, last, run, trail)
    if (last === undefined) throw new PkgcacheError('E_SSH_CONFIG', `ProxyJump of ${trail[0]} names no host`)
    return last
  }
  // a way within a way is part of what is shared, and may turn out to be a circle
  const isOwn = trail.length === 1
  const via = await (isOwn ? run.jumps.lease(JSON.stringify([hosts, otherwise]), open) : open())
  return over(via, () => logIn(settings, via, run))
}

/** Connects to one host on the way. The first of them may have a way of its own; for the others it is the one before. */
async function hop(
  wanted: Wanted & JumpHost,
  via: Connection | undefined,
  run: SshRun,
  trail: readonly string[],
): Promise<Connection> {
  try {
    if (via === undefined) return await reach(wanted, run, trail)
    return await over(via, async () => logIn(await run.settings({ ...wanted, proxyJump: 'none' }), via, run))
  } catch (error) {
    if (!(error instanceof PkgcacheError) || error.code === 'E_ABORTED') throw error
    const { hint, retryable } = error
    const message = error.message.startsWith('jump host ') ? '' : `jump host ${wanted.host}: `
    throw new PkgcacheError(error.code, `${message}${error.message}`, { hint, retryable, cause: error })
  }
}

/** Ends the connection to a jump host when what it was made for fails. */
async function over<T>(via: Connection | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    via?.destroy()
    throw error
  }
}

/** Logs in to one host. Passphrases are asked for while no connection is open, and only for keys that the host takes. */
async function logIn(settings: HostSettings, via: Connection | undefined, run: SshRun): Promise<Connection> {
  const candidates = await findCandidates(settings.identities, run.keys)
  const failures = new Map<KeyFile, PkgcacheError>()
  for (;;) {
    const keys = candidates.keys.filter(({ file }) => file === undefined || !failures.has(file))
    if (keys.length === 0) throw firstOf(failures) ?? authError(settings, candidates, undefined)
    const login = new Login(settings.place.username, keys, run.keys)
    try {
      return await attempt(settings, login, via, run)
    } catch (error) {
      if (!(error instanceof PkgcacheError) || error.code !== 'E_NODE_AUTH') throw error
      if (login.locked === undefined) throw explained(error, settings, candidates, login, failures)
      await unlock(login.locked, run, failures)
    }
  }
}

function explained(
  error: PkgcacheError,
  settings: HostSettings,
  candidates: Candidates,
  login: Login,
  failures: ReadonlyMap<KeyFile, PkgcacheError>,
): PkgcacheError {
  return firstOf(failures) ?? authError(settings, candidates, login, error.cause)
}

function firstOf(failures: ReadonlyMap<KeyFile, PkgcacheError>): PkgcacheError | undefined {
  return [...failures.values()][0]
}

async function unlock(file: KeyFile, run: SshRun, failures: Map<KeyFile, PkgcacheError>): Promise<void> {
  const { signal } = run
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new PkgcacheError('E_ABORTED', 'cancelled'))
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
  try {
    await Promise.race([run.keys.unlock(file), aborted])
  } catch (error) {
    if (!(error instanceof PkgcacheError) || error.code !== 'E_PASSPHRASE') throw error
    failures.set(file, error)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function attempt(
  settings: HostSettings,
  login: Login,
  via: Connection | undefined,
  run: SshRun,
): Promise<Connection> {
  const { signal } = run
  const hostKey = await hostKeyCheck(settings)
  const bounds = { timeout: settings.connectTimeout, signal }
  const line = via === undefined ? dial(settings) : await openLine(via, settings.place, bounds)
  const lending = new LendingAgent()
  const client = await handshake({ settings, hostKey, login, line, lending, signal })
  const { identity } = login
  const { key } = hostKey
  if (identity === undefined || key === undefined) {
    line.destroy()
    throw new PkgcacheError('E_NODE', `${shownPlace(settings.place)} let us in before it checked a key`, {
      hint: 'look at the configuration of its SSH server',
    })
  }
  return connection(client, line, via, { place: settings.place, hostKey: key, identity, lending })
}

function connection(
  client: Client,
  line: Duplex,
  via: Connection | undefined,
  what: Pick<Connection, 'place' | 'hostKey' | 'identity' | 'lending'>,
): Connection {
  // Who uses the connection is told by its own listeners; an error between two of them must not end the process.
  client.on('error', () => undefined)
  client.once('close', () => via?.destroy())
  return { ...what, client, jumped: via !== undefined, destroy: () => void line.destroy() }
}

function dial({ place, family, localAddress }: HostSettings): Duplex {
  const socket = connectTcp({
    host: place.host,
    port: place.port,
    ...(family !== undefined && { family }),
    ...(localAddress !== undefined && { localAddress }),
  })
  return socket.setNoDelay()
}
