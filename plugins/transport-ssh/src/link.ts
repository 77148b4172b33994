import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { NodeSpec } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import type { Client, ClientChannel, ExecOptions, SFTPWrapper } from 'ssh2'
import type { Connection } from './connection.ts'
import { LOST_HINT } from './faults.ts'
import { OutputTail } from './output.ts'

/** What bounds one wait. */
export interface Scope {
  readonly signal: AbortSignal
  /** For messages: `writing /usr/local/src/x`. */
  readonly what: string
  /** Time allowed without an answer beyond the idle timeout, in ms: for work the node does in silence. */
  readonly extra?: number
}

export interface Executed {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** How long a node may take to say goodbye, in ms. */
const CLOSE_TIMEOUT = 2000
/** How often and after what pause, in ms, a channel is asked for that another one has to make room for. */
const CHANNEL_TRIES = 20
const CHANNEL_PAUSE = 50

interface Waiter {
  readonly since: number
  readonly limit: number
  readonly what: string
  reject(error: PkgcacheError): void
}

/**
 * One SSH connection with one SFTP channel. Every wait on it ends: by the answer, by the loss of the connection, by the
 * signal of its scope, or when the node leaves it without any answer for too long.
 */
export class Link {
  readonly node: NodeSpec
  readonly connection: Connection
  readonly #client: Client
  readonly #idle: number
  readonly #waiters = new Set<Waiter>()
  #sftp: Promise<SFTPWrapper> | undefined
  #heard = 0
  #timer: NodeJS.Timeout | undefined
  #failure: PkgcacheError | undefined

  /** Gives up a channel that SFTP can do without. */
  spare: (() => Promise<void>) | undefined

  /** @param idle ms */
  constructor(node: NodeSpec, connection: Connection, idle: number) {
    const { client } = connection
    this.node = node
    this.connection = connection
    this.#client = client
    this.#idle = idle
    const lost = (cause?: Error & { level?: string }) =>
      this.fail(
        cause?.level === 'client-timeout' ? this.#silent('keeping the connection', cause) : this.#lost(cause),
      )
    client
      .on('error', lost)
      .on('end', () => lost())
      .on('close', () => lost())
  }

  /** Why nothing can be asked any more. */
  get failure(): PkgcacheError | undefined {
    return this.#failure
  }

  /** Ends the connection and every wait on it. The first reason stays. */
  fail(error: PkgcacheError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    clearInterval(this.#timer)
    for (const waiter of this.#waiters) waiter.reject(error)
    this.connection.destroy()
  }

  /** Ends the connection in order. */
  async close(): Promise<void> {
    if (this.#failure !== undefined) return
    this.#failure = new PkgcacheError('E_NODE', `the session is closed`)
    clearInterval(this.#timer)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(
        () => {
          this.connection.destroy()
          resolve()
        },
        Math.min(CLOSE_TIMEOUT, this.#idle),
      )
      this.#client.once('close', () => {
        clearTimeout(timer)
        resolve()
      })
      this.#client.end()
    })
  }

  /** Says that the node answered something. */
  touch(): void {
    this.#heard = Date.now()
  }

  /** Waits for `work` within `scope`. */
  async wait<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure
    if (scope.signal.aborted) throw aborted()
    return new Promise<T>((resolve, reject) => {
      const waiter: Waiter = {
        since: Date.now(),
        limit: this.#idle + (scope.extra ?? 0),
        what: scope.what,
        reject,
      }
      const onAbort = () => reject(aborted())
      const done = () => {
        this.#waiters.delete(waiter)
        scope.signal.removeEventListener('abort', onAbort)
        if (this.#waiters.size === 0) this.#stopWatching()
      }
      // One run's signal ends many waits at once, by design.
      setMaxListeners(0, scope.signal)
      scope.signal.addEventListener('abort', onAbort, { once: true })
      this.#waiters.add(waiter)
      this.#timer ??= setInterval(() => this.#watch(), Math.max(20, Math.min(1000, this.#idle / 4)))
      const release =
        <A>(settle: (value: A) => void) =>
        (value: A) => {
          done()
          settle(value)
        }
      waiter.reject = release(reject)
      work().then(release(resolve), release(reject))
    })
  }

  /** The SFTP channel, opened on first use. */
  sftp(scope: Scope): Promise<SFTPWrapper> {
    return this.wait(scope, () => {
      this.#sftp ??= this.#openSftp()
      return this.#sftp
    })
  }

  /** One SFTP request. Rejects with ssh2's error, whose `code` is the SFTP status. */
  async call<T = void>(
    scope: Scope,
    request: (sftp: SFTPWrapper, done: (error?: Error | null, value?: T) => void) => void,
  ): Promise<T> {
    const sftp = await this.sftp(scope)
    return this.wait(
      scope,
      () =>
        new Promise<T>((resolve, reject) => {
          request(sftp, (error, value) => {
            this.touch()
            if (error) reject(error)
            else resolve(value as T)
          })
        }),
    )
  }

  /** Starts one command. Rejects with ssh2's error when the node runs none. */
  channel(scope: Scope, command: string, agentForward = false): Promise<ClientChannel> {
    return this.wait(
      scope,
      () =>
        new Promise<ClientChannel>((resolve, reject) => {
          this.#client.exec(command, { agentForward } as ExecOptions, (error, channel) => {
            this.touch()
            if (error) reject(error)
            else resolve(channel)
          })
        }),
    )
  }

  /** Runs one command to its end. @param input for its standard input. @param agentForward lets it use lent keys */
  async exec(scope: Scope, command: string, input = '', agentForward = false): Promise<Executed> {
    const channel = await this.channel(scope, command, agentForward)
    return this.wait(scope, () => new Promise((resolve) => this.#collect(channel, input, resolve)))
  }

  #collect(channel: ClientChannel, input: string, resolve: (executed: Executed) => void): void {
    const stdout = new OutputTail()
    const stderr = new OutputTail()
    let code: number | undefined
    const take = (tail: OutputTail) => (data: Buffer) => {
      this.touch()
      tail.push(data)
    }
    channel.on('data', take(stdout))
    channel.stderr.on('data', take(stderr))
    channel.on('exit', (status: number | null) => {
      code = status ?? undefined
    })
    channel.on('close', () => resolve({ code, stdout: stdout.text(), stderr: stderr.text() }))
    channel.end(input)
  }

  /** A server may allow one channel at a time: then the one that is less needed goes. */
  async #openSftp(): Promise<SFTPWrapper> {
    try {
      return await this.#requestSftp()
    } catch (error) {
      if (this.#failure !== undefined || this.spare === undefined) throw error
      await this.spare()
      return this.#requestSftpSoon()
    }
  }

  /** The server counts a channel until its command is gone too, which is a moment after it is closed. */
  async #requestSftpSoon(): Promise<SFTPWrapper> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#requestSftp()
      } catch (error) {
        if (this.#failure !== undefined || attempt === CHANNEL_TRIES) throw error
        await pause(CHANNEL_PAUSE)
      }
    }
  }

  #requestSftp(): Promise<SFTPWrapper> {
    return new Promise((resolve, reject) => {
      this.#client.sftp((cause, sftp) => {
        this.touch()
        if (cause) {
          reject(
            new PkgcacheError('E_NODE_SFTP', `it offers no SFTP: ${JSON.stringify(cause.message)}`, {
              cause,
              hint: 'enable "Subsystem sftp internal-sftp" in its sshd_config',
            }),
          )
          return
        }
        sftp.on('error', (error: Error) => this.fail(this.#lost(error)))
        sftp.on('close', () => this.fail(this.#lost(new Error('the SFTP server ended'))))
        resolve(sftp)
      })
    })
  }

  #watch(): void {
    const now = Date.now()
    for (const waiter of this.#waiters) {
      if (now - Math.max(this.#heard, waiter.since) <= waiter.limit) continue
      this.fail(this.#silent(waiter.what))
      return
    }
  }

  #stopWatching(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #silent(what: string, cause?: Error): PkgcacheError {
    return new PkgcacheError('E_NODE_TIMEOUT', `it stopped answering while ${what}`, {
      cause,
      retryable: true,
      hint: 'check the load and the disks of the node and the line to it, then run again',
    })
  }

  #lost(cause?: Error): PkgcacheError {
    const why = cause === undefined ? '' : `: ${JSON.stringify(cause.message)}`
    return new PkgcacheError('E_NODE_LOST', `the connection was lost${why}`, {
      cause,
      retryable: true,
      hint: LOST_HINT,
    })
  }
}

function aborted(): PkgcacheError {
  return new PkgcacheError('E_ABORTED', 'cancelled')
}
