import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { formatDuration } from '../format.ts'
import type { NodeSpec } from '../model/node.ts'
import type { NodeSession, PluginContext } from '../plugins/types.ts'
import { callScope, type RunContext } from '../run/context.ts'

/** Pauses before the second and third try to reach a node that has not answered yet, in ms. */
const FIRST_PAUSES = [1000, 3000]
const LONGEST_PAUSE = 8000
/** How long a node that was lost is tried again while nothing gets done, in ms. */
const PATIENCE = 120_000
/** A pause is drawn from this share of it around its middle: nodes that were lost together come back one by one. */
const JITTER = 0.4

/** A session and the transport it came from. */
export interface Opened {
  readonly plugin: string
  readonly session: NodeSession
}

/** A time in which nothing got done on a node. */
interface Trouble {
  readonly since: number
  /** Sessions that came to nothing in it. */
  tries: number
}

/**
 * One node's connection through a run: made when it is first needed, shared by all that goes on with the node, made
 * anew when it is lost. Once it cannot be had, it is not tried again.
 */
export class Link {
  readonly node: NodeSpec
  readonly #run: RunContext
  #current: Promise<Opened> | undefined
  #opened: Opened | undefined
  #trouble: Trouble | undefined
  #closing: Promise<void> | undefined
  #arch: Promise<string | undefined> | undefined
  #told: string | undefined

  constructor(node: NodeSpec, run: RunContext) {
    this.node = node
    this.#run = run
  }

  /** The session there is just now, without waiting for one. */
  get opened(): Opened | undefined {
    return this.#opened
  }

  /** @throws E_TRANSPORT, E_ABORTED, and what the transport throws */
  session(): Promise<Opened> {
    this.#current ??= this.#first()
    return this.#current
  }

  /** A context for a call of a session. */
  context({ plugin }: Opened, progress?: PluginContext['progress']): PluginContext {
    return this.#run.host.context(plugin, callScope(this.#run, progress))
  }

  /**
   * The node's arch: as declared, else as the node says, which is asked once. Undefined when that cannot be had, for
   * want of a connection too: whatever needs one fails by itself.
   */
  arch(): Promise<string | undefined> {
    if (this.node.arch !== undefined) return Promise.resolve(this.node.arch)
    this.#arch ??= this.attempt(async (opened) => {
      this.#told = await opened.session.arch?.(this.context(opened))
      return this.#told
    }).catch((thrown) => {
      const { message } = toPkgcacheError(thrown)
      this.#run.log('debug', 'distribute', `the arch of ${this.node.name} is not known: ${message}`)
      return undefined
    })
    return this.#arch
  }

  /** The arch as far as it is known by now: nobody is asked for it. */
  get knownArch(): string | undefined {
    return this.node.arch ?? this.#told
  }

  /** Something got done: what went wrong before does not count any more. */
  advance(): void {
    this.#trouble = undefined
  }

  /**
   * Does something on the node, and does it again on a new session when the connection was lost on the way.
   * @param lost told each time
   * @throws what `work` throws; after the last try it says how many there were
   */
  async attempt<T>(work: (opened: Opened) => Promise<T>, lost?: () => void): Promise<T> {
    for (;;) {
      const current = this.session()
      const opened = await current
      try {
        const result = await work(opened)
        this.advance()
        return result
      } catch (thrown) {
        const error = toPkgcacheError(thrown, 'E_NODE')
        if (!error.retryable || this.#run.signal.aborted) throw error
        if (this.#current === current) this.#reopen(opened, error)
        lost?.()
      }
    }
  }

  /** Ends the connection, if there is one. Never throws. */
  close(): Promise<void> {
    this.#closing ??= (this.#current ?? Promise.reject())
      .then(({ session }) => session.close())
      .catch(() => undefined)
    return this.#closing
  }

  async #open(): Promise<Opened> {
    const answer = await this.#run.host.bail<NodeSession>('distribute', this.node, callScope(this.#run))
    if (answer) {
      this.#opened = { plugin: answer.plugin, session: answer.value }
      return this.#opened
    }
    throw new PkgcacheError('E_TRANSPORT', 'no transport plugin takes this node', {
      hint: `loaded transports: ${this.#run.host.ownersOf('distribute').join(', ') || 'none'}`,
    })
  }

  async #first(): Promise<Opened> {
    const { clock, signal } = this.#run
    const since = clock.now()
    for (let tries = 1; ; tries++) {
      try {
        return await this.#open()
      } catch (thrown) {
        const error = toPkgcacheError(thrown, 'E_NODE')
        const pause = FIRST_PAUSES[tries - 1]
        const isWorthIt = error.retryable && error.code !== 'E_NODE_TIMEOUT' && !signal.aborted
        if (!isWorthIt) throw error
        if (pause === undefined) throw givenUp(error.code, error, tries, clock.now() - since)
        await clock.sleep(pause, signal)
      }
    }
  }

  #reopen(opened: Opened, error: PkgcacheError): void {
    const { clock, log } = this.#run
    if (this.#trouble === undefined)
      log('warn', 'distribute', `node ${this.node.name}: ${error.message}; trying again`)
    this.#trouble ??= { since: clock.now(), tries: 0 }
    this.#trouble.tries++
    this.#opened = undefined
    opened.session.close().catch(() => undefined)
    this.#current = this.#again(this.#trouble, error)
    // those who wait for it are told; there may be none just now
    this.#current.catch(() => undefined)
  }

  async #again(trouble: Trouble, first: PkgcacheError): Promise<Opened> {
    const { clock, signal } = this.#run
    for (let error = first; ; trouble.tries++) {
      const elapsed = clock.now() - trouble.since
      const code = error.code === 'E_NODE_TIMEOUT' ? error.code : 'E_NODE_LOST'
      if (elapsed >= PATIENCE) throw givenUp(code, error, trouble.tries, elapsed)
      await clock.sleep(Math.min(this.#pause(trouble.tries), PATIENCE - elapsed), signal)
      try {
        return await this.#open()
      } catch (thrown) {
        error = toPkgcacheError(thrown, 'E_NODE')
        if (!error.retryable) throw error
      }
    }
  }

  /** @param tries 1 or more */
  #pause(tries: number): number {
    const middle = Math.min(LONGEST_PAUSE, 500 * 2 ** (tries - 1))
    return middle * (1 + JITTER * (this.#run.clock.random() - 0.5))
  }
}

function givenUp(
  code: PkgcacheError['code'],
  error: PkgcacheError,
  tries: number,
  ms: number,
): PkgcacheError {
  const { message, hint, plugin } = error
  return new PkgcacheError(code, `${message} (after ${tries} tries over ${formatDuration(ms)})`, {
    hint,
    plugin,
    cause: error,
  })
}

/**
 * Nodes with the arch that they say they have. @param wanted an arch that was asked for: then nobody needs to be asked
 */
export async function knownArches(
  links: readonly Link[],
  wanted: string | undefined,
  run: RunContext,
): Promise<NodeSpec[]> {
  if (wanted !== undefined) return links.map(({ node }) => node)
  return Promise.all(
    links.map(async (link) => {
      // cancelled: it is not needed any more
      const arch = await run.limiters.connections.run(run.signal, () => link.arch()).catch(() => undefined)
      return { ...link.node, ...(arch !== undefined && { arch }) }
    }),
  )
}
