import { setMaxListeners } from 'node:events'
import type { Duplex } from 'node:stream'
import { PkgcacheError, systemCode } from '@pkgcache/core/errors'
import ssh2, { type Client, type ConnectConfig, type NextAuthHandler } from 'ssh2'
import type { Place } from './connection.ts'
import type { HostKeyCheck } from './host-key.ts'
import type { LendingAgent } from './lending.ts'
import type { Login } from './login.ts'
import type { HostSettings } from './settings.ts'

/** One attempt to connect and log in. */
export interface Attempt {
  readonly settings: HostSettings
  readonly hostKey: HostKeyCheck
  readonly login: Login
  /** TCP from here, or a line through a jump host. */
  readonly line: Duplex
  /** For forwarding; nobody logs in with it. */
  readonly lending: LendingAgent
  readonly signal: AbortSignal
}

/** @throws E_HOST_KEY, E_HOST_KEY_CHANGED, E_HOST_KEY_REVOKED, E_NODE_AUTH, E_NODE_UNREACHABLE, E_NODE_TIMEOUT, E_NODE, E_ABORTED */
export function handshake(attempt: Attempt): Promise<Client> {
  const { settings, signal } = attempt
  const client = new ssh2.Client()
  return new Promise<Client>((resolve, reject) => {
    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', onAbort)
      client.off('ready', onReady).off('error', onError).off('close', onClose)
      finish()
    }
    const fail = (error: PkgcacheError) =>
      settle(() => {
        // Whatever the dying connection still says has no listener any more, and must not end the process.
        client.on('error', () => undefined)
        attempt.line.destroy()
        reject(error)
      })
    const explain = (cause: Error) => connectionError(cause, settings.place)
    const onReady = () => settle(() => resolve(client))
    const onAbort = () => fail(new PkgcacheError('E_ABORTED', 'cancelled'))
    const onClose = () => fail(explain(new Error('the connection was closed')))
    const onError = (cause: Error & { level?: string }) => {
      // An agent that does not sign is no end: ssh2 goes on with the next key.
      if (cause.level !== 'agent') fail(explain(cause))
    }
    client.on('ready', onReady).on('error', onError).on('close', onClose)
    setMaxListeners(0, signal)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    else client.connect(connectConfig(attempt, client, fail))
  })
}

function connectConfig(
  { settings, hostKey, login, line, lending }: Attempt,
  client: Client,
  fail: (error: PkgcacheError) => void,
): ConnectConfig {
  const { place } = settings
  const recorded = new Promise<void>((resolve) => {
    client.once('handshake', () => hostKey.record().then(resolve, fail))
  })
  return {
    host: place.host,
    port: place.port,
    username: place.username,
    authHandler: ((left: string[] | null, partial: boolean | null, next: NextAuthHandler) => {
      // Nobody is shown a key before the host's own is recorded.
      void recorded.then(() => next((login.next(left, partial) ?? false) as Parameters<NextAuthHandler>[0]))
    }) as NonNullable<ConnectConfig['authHandler']>,
    // ssh2's own order is right for the rest: AES-GCM first where the processor has AES, none of the compressions.
    algorithms: { serverHostKey: hostKey.algorithms },
    hostVerifier: (key: Buffer) => {
      const refused = hostKey.judge(key)
      if (refused !== undefined) fail(refused)
      return refused === undefined
    },
    readyTimeout: settings.connectTimeout,
    keepaliveInterval: settings.keepalive,
    keepaliveCountMax: settings.keepaliveCount,
    agent: lending,
    sock: line as NonNullable<ConnectConfig['sock']>,
  }
}

function connectionError(cause: Error & { level?: string }, place: Place): PkgcacheError {
  const who = `${place.host}:${place.port}`
  if (cause.level === 'client-authentication' || /authentication failures/i.test(cause.message)) {
    return new PkgcacheError('E_NODE_AUTH', `${who} refuses to log in ${place.username}`, { cause })
  }
  if (cause.level === 'client-timeout' || systemCode(cause) === 'ETIMEDOUT') {
    return new PkgcacheError('E_NODE_TIMEOUT', `${who} did not answer in time`, {
      cause,
      retryable: true,
      hint: 'check that the node is up and no firewall drops the connection, or raise connectTimeout of transport-ssh',
    })
  }
  if (cause.level === 'handshake') {
    const algorithms = /no matching/i.test(cause.message)
    const why = algorithms ? 'shares no SSH algorithm with pkgcache' : 'did not keep to the SSH protocol'
    return new PkgcacheError('E_NODE', `${who} ${why}: ${JSON.stringify(cause.message)}`, {
      cause,
      hint: algorithms
        ? 'update the SSH server of the node, or look at HostKeyAlgorithms in the SSH config'
        : 'check that the address is right and nobody is in between, then look at the log of sshd there',
    })
  }
  const closed = /closed|before handshake|ECONNRESET/i.test(cause.message)
  return new PkgcacheError(
    'E_NODE_UNREACHABLE',
    `${who} cannot be reached: ${JSON.stringify(cause.message)}`,
    {
      cause,
      retryable: true,
      hint: closed
        ? 'sshd closes connections when too many are logging in (MaxStartups), or the address is barred there'
        : 'check the address and the port, and that sshd runs there',
    },
  )
}
