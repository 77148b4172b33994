import { Duplex } from 'node:stream'
import { PkgcacheError } from '@pkgcache/core/errors'
import type { ClientChannel } from 'ssh2'
import type { Connection, Place } from './connection.ts'

/** A host on the way, as it is given. */
export interface JumpHost {
  readonly host: string
  readonly port?: number
  readonly user?: string
}

/**
 * The hosts of `ssh -J`: `[user@]host[:port]` or `ssh://[user@]host[:port]`, several separated by commas, first to last.
 * @throws E_SSH_CONFIG
 */
export function parseJumps(spec: string): JumpHost[] {
  return spec.split(',').map((one) => {
    const match = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^@:[\]/\s]+))(?::(\d{1,5}))?\/?$/.exec(
      one.trim(),
    )
    const [, user, bracketed, plain, digits] = match ?? []
    const host = bracketed ?? plain
    const port = digits === undefined ? undefined : Number(digits)
    if (host === undefined || host.startsWith('-') || port === 0 || (port ?? 0) > 65_535) {
      throw new PkgcacheError('E_SSH_CONFIG', `${JSON.stringify(spec)} is no list of jump hosts`, {
        hint: 'write [user@]host[:port], several separated by commas; an IPv6 address in brackets',
      })
    }
    return { host, ...(port !== undefined && { port }), ...(user !== undefined && { user }) }
  })
}

/** What bounds the opening of a line. */
export interface LineBounds {
  /** ms */
  readonly timeout: number
  readonly signal: AbortSignal
}

/**
 * A line from the last host on the way to `to`.
 * @throws E_NODE_UNREACHABLE, E_NODE_TIMEOUT, E_ABORTED
 */
export async function openLine(via: Connection, to: Place, bounds: LineBounds): Promise<Duplex> {
  const channel = await openChannel(via, to, bounds)
  const line = new JumpLine(channel)
  const lost = () =>
    line.destroy(new Error(`the connection to the jump host ${shownPlace(via.place)} was lost`))
  via.client.once('close', lost)
  line.once('close', () => via.client.off('close', lost))
  return line
}

/** For messages: `host:port`. */
export function shownPlace({ host, port }: Place): string {
  return `${host}:${port}`
}

function openChannel(via: Connection, to: Place, { timeout, signal }: LineBounds): Promise<ClientChannel> {
  const way = `the jump host ${shownPlace(via.place)}`
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      via.client.off('close', onClose)
      settle()
    }
    const fail = (error: PkgcacheError) => finish(() => reject(error))
    const onAbort = () => fail(new PkgcacheError('E_ABORTED', 'cancelled'))
    const onClose = () => fail(unreachable(`the connection to ${way} was lost`, RUN_AGAIN))
    const timer = setTimeout(() => {
      fail(
        new PkgcacheError('E_NODE_TIMEOUT', `${way} did not connect to ${shownPlace(to)} in time`, {
          retryable: true,
          hint: 'check that the node is up, and the line between the two',
        }),
      )
    }, timeout)
    via.client.once('close', onClose)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) return onAbort()
    try {
      via.client.forwardOut('127.0.0.1', 0, to.host, to.port, (cause, channel) => {
        if (cause) fail(refusal(cause, way, to))
        else finish(() => resolve(channel))
      })
    } catch (cause) {
      fail(unreachable(`the connection to ${way} was lost`, RUN_AGAIN, cause))
    }
  })
}

const RUN_AGAIN = 'run again, and look at the log of sshd there if it stays'

function unreachable(message: string, hint: string, cause?: unknown): PkgcacheError {
  return new PkgcacheError('E_NODE_UNREACHABLE', message, { hint, cause, retryable: true })
}

function refusal(cause: Error & { reason?: unknown }, way: string, to: Place): PkgcacheError {
  // RFC 4254 5.1: 1 is "administratively prohibited"; OpenSSH says it for AllowTcpForwarding and PermitOpen.
  const barred = cause.reason === 1 || /prohibited/i.test(cause.message)
  const message = `${way} cannot connect to ${shownPlace(to)}: ${JSON.stringify(cause.message)}`
  const hint = barred
    ? 'allow it there: AllowTcpForwarding and PermitOpen of sshd_config'
    : 'check the address and the port as they are seen from the jump host'
  return unreachable(message, hint, cause)
}

/**
 * A channel of ssh2 as a stream that can be relied on to close: the channel's own `destroy` waits for the other side, and so
 * for ever on a jump host that hangs.
 */
class JumpLine extends Duplex {
  readonly #channel: ClientChannel

  constructor(channel: ClientChannel) {
    super({ allowHalfOpen: false })
    this.#channel = channel
    channel.on('data', (data: Buffer) => {
      if (!this.push(data)) channel.pause()
    })
    channel.on('error', (error: Error) => this.destroy(error))
    channel.once('end', () => this.push(null))
    channel.once('close', () => this.push(null))
    channel.stderr.resume()
  }

  override _read(): void {
    this.#channel.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#channel.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#channel.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel.close()
    done(error)
  }
}
