import { setMaxListeners } from 'node:events'
import { userInfo } from 'node:os'
import { type NodeSpec, PkgcacheError, systemCode } from '@pkgcache/core'
import ssh2, { type Client, type ConnectConfig } from 'ssh2'
import { hostKeyCheck } from './host-key.ts'
import { identities } from './identity.ts'

export interface Timeouts {
  /** ms */
  readonly connect: number
  /** ms */
  readonly idle: number
}

/**
 * Connects and logs in.
 * @throws E_IDENTITY, E_HOST_KEY, E_NODE_AUTH, E_NODE_UNREACHABLE, E_NODE_TIMEOUT, E_NODE, E_ABORTED
 */
export async function connect(
  node: NodeSpec & { readonly host: string },
  timeouts: Timeouts,
  signal: AbortSignal,
): Promise<Client> {
  const port = node.port ?? 22
  const username = node.user ?? userInfo().username
  const authHandler = await identities(node, username)
  const hostKey = await hostKeyCheck(node, node.host, port)
  let refused: PkgcacheError | undefined
  const config: ConnectConfig = {
    host: node.host,
    port,
    username,
    authHandler,
    // ssh2's own order is right: AES-GCM first where the processor has AES, none of the compressions.
    algorithms: { serverHostKey: hostKey.algorithms },
    hostVerifier: (key: Buffer) => {
      refused = hostKey.judge(key)
      return refused === undefined
    },
    readyTimeout: timeouts.connect,
    keepaliveInterval: Math.min(15_000, timeouts.idle),
    keepaliveCountMax: 3,
  }
  const place = { host: node.host, port, username }
  return handshake(config, signal, (cause) => refused ?? connectionError(cause, place))
}

function handshake(
  config: ConnectConfig,
  signal: AbortSignal,
  explain: (cause: Error) => PkgcacheError,
): Promise<Client> {
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
        client.on('error', () => undefined).destroy()
        reject(error)
      })
    const onReady = () => settle(() => resolve(client))
    const onAbort = () => fail(new PkgcacheError('E_ABORTED', 'cancelled'))
    const onClose = () => fail(explain(new Error('the connection was closed')))
    const onError = (cause: Error & { level?: string }) => {
      // An agent that does not answer is no end: ssh2 goes on with the next key.
      if (cause.level !== 'agent') fail(explain(cause))
    }
    client.on('ready', onReady).on('error', onError).on('close', onClose)
    setMaxListeners(0, signal)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    else client.connect(config)
  })
}

interface Place {
  readonly host: string
  readonly port: number
  readonly username: string
}

function connectionError(cause: Error & { level?: string }, place: Place): PkgcacheError {
  const who = `${place.host}:${place.port}`
  if (cause.level === 'client-authentication' || /authentication failures/i.test(cause.message)) {
    return new PkgcacheError(
      'E_NODE_AUTH',
      `${who} refuses to log in ${place.username} with the keys offered`,
      {
        cause,
        hint: 'check the user and that the public key is in its authorized_keys on the node',
      },
    )
  }
  if (cause.level === 'client-timeout' || systemCode(cause) === 'ETIMEDOUT') {
    return new PkgcacheError('E_NODE_TIMEOUT', `${who} did not answer in time`, {
      cause,
      retryable: true,
      hint: 'check that the node is up and no firewall drops the connection, or raise connectTimeout of transport-ssh',
    })
  }
  if (cause.level === 'handshake') {
    return new PkgcacheError(
      'E_NODE',
      `${who} shares no SSH algorithm with pkgcache: ${JSON.stringify(cause.message)}`,
      {
        cause,
        hint: 'update the SSH server of the node',
      },
    )
  }
  return new PkgcacheError(
    'E_NODE_UNREACHABLE',
    `${who} cannot be reached: ${JSON.stringify(cause.message)}`,
    {
      cause,
      retryable: true,
      hint: 'check the address and the port, and that sshd runs there',
    },
  )
}
