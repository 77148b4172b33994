import type { AnyAuthMethod } from 'ssh2'
import { oneKeyAgent, ShownKey } from './agent.ts'
import type { Identity } from './connection.ts'
import type { Candidate } from './identity.ts'
import type { KeyFile } from './key-file.ts'
import type { KeyRing } from './key-ring.ts'

/**
 * One attempt to log in, key after key. A key whose passphrase is not known yet is only shown; when the host would take it,
 * the attempt ends and says so: nobody can be asked while the host's and our own timers for logging in run.
 */
export class Login {
  readonly #username: string
  readonly #ring: KeyRing
  readonly #left: Candidate[]
  readonly #tried: string[] = []
  #current: Candidate | undefined
  /** The file whose passphrase is needed to go on. */
  locked: KeyFile | undefined
  /** The other ways to log in, when keys are none or no longer one. */
  others: readonly string[] = []
  /** True when the host took a key and asks for more. */
  partial = false

  constructor(username: string, candidates: readonly Candidate[], ring: KeyRing) {
    this.#username = username
    this.#left = [...candidates]
    this.#ring = ring
  }

  /** The keys that were offered. */
  get tried(): readonly string[] {
    return this.#tried
  }

  /** What let us in; to be asked after that. */
  get identity(): Identity | undefined {
    const one = this.#current
    if (one?.agent !== undefined && one.publicKey) return { key: one.publicKey, agent: one.agent }
    const key = one?.file && this.#ring.privateKey(one.file)
    return key && { key }
  }

  /** The next way to log in; undefined when there is none. */
  next(left: readonly string[] | null, partial: boolean | null): AnyAuthMethod | undefined {
    if (partial) this.partial = true
    if (left !== null && !left.includes('publickey')) {
      this.others = left
      return undefined
    }
    if (this.locked !== undefined) return undefined
    this.#current = this.#left.shift()
    if (this.#current === undefined) return undefined
    this.#tried.push(this.#current.shown)
    return this.#method(this.#current)
  }

  #method(one: Candidate): AnyAuthMethod | undefined {
    const username = this.#username
    if (one.agent !== undefined && one.publicKey) {
      return { type: 'agent', username, agent: oneKeyAgent(one.agent, one.publicKey) }
    }
    const key = one.file && this.#ring.privateKey(one.file)
    if (key !== undefined) return { type: 'publickey', username, key }
    if (one.publicKey === undefined) {
      this.locked = one.file
      return undefined
    }
    const shown = new ShownKey(one.publicKey, () => {
      this.locked = one.file
    })
    return { type: 'agent', username, agent: shown }
  }
}
