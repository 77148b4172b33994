import type { PluginContext } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import type { ParsedKey } from 'ssh2'
import { type AgentKey, agentKeys } from './agent.ts'
import { decrypt, type KeyFile, readKeyFile } from './key-file.ts'

/** Names the environment variable that holds the passphrase of encrypted key files. */
export const PASSPHRASE_VARIABLE = 'PKGCACHE_SSH_PASSPHRASE'

/** What a run knows of keys: each file is read, each passphrase asked for, each agent listed once for all nodes. */
export class KeyRing {
  readonly #ctx: PluginContext
  readonly #files = new Map<string, Promise<KeyFile | undefined>>()
  readonly #agents = new Map<string, Promise<readonly AgentKey[] | undefined>>()
  readonly #unlocking = new Map<string, Promise<ParsedKey>>()
  readonly #unlocked = new Map<string, ParsedKey>()
  #question: Promise<unknown> = Promise.resolve()

  constructor(ctx: PluginContext) {
    this.#ctx = ctx
  }

  /** @returns undefined when there is no such file @throws E_IDENTITY */
  read(path: string): Promise<KeyFile | undefined> {
    return once(this.#files, path, () => readKeyFile(path))
  }

  /** Keys of the agent behind a socket; undefined when it does not answer. */
  agent(socket: string): Promise<readonly AgentKey[] | undefined> {
    return once(this.#agents, socket, () => agentKeys(socket))
  }

  /** The private key of a file, as far as it needs no passphrase or was unlocked before. */
  privateKey(file: KeyFile): ParsedKey | undefined {
    return file.key ?? this.#unlocked.get(file.path)
  }

  /** Decrypts a key file: with the passphrase of the environment, else with the one somebody tells. @throws E_PASSPHRASE */
  unlock(file: KeyFile): Promise<ParsedKey> {
    return once(this.#unlocking, file.path, async () => {
      const key = await this.#decrypt(file)
      this.#unlocked.set(file.path, key)
      return key
    })
  }

  async #decrypt(file: KeyFile): Promise<ParsedKey> {
    const given = process.env[PASSPHRASE_VARIABLE]
    if (given) {
      this.#ctx.secret(given)
      const key = decrypt(file, given)
      if (key !== undefined) return key
    }
    const told = await this.#ask(`Passphrase of the SSH key ${file.path}`)
    if (told === undefined) throw given ? wrong(file, true) : nobody(file)
    this.#ctx.secret(told)
    const key = decrypt(file, told)
    if (key === undefined) throw wrong(file, false)
    return key
  }

  /** One question at a time: two on one terminal would be answered crosswise. */
  #ask(question: string): Promise<string | undefined> {
    const answer = this.#question.then(() => this.#ctx.askSecret(question))
    this.#question = answer.catch(() => undefined)
    return answer
  }
}

function once<T>(all: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const known = all.get(name)
  if (known !== undefined) return known
  const made = make()
  all.set(name, made)
  return made
}

function wrong(file: KeyFile, variable: boolean): PkgcacheError {
  const what = variable ? `the passphrase in ${PASSPHRASE_VARIABLE}` : 'the passphrase given'
  return new PkgcacheError('E_PASSPHRASE', `${what} does not open key file ${file.path}`, {
    hint: variable
      ? `correct ${PASSPHRASE_VARIABLE}, or load the key into an SSH agent with ssh-add`
      : 'run again with the right one, or load the key into an SSH agent with ssh-add',
  })
}

function nobody(file: KeyFile): PkgcacheError {
  return new PkgcacheError('E_PASSPHRASE', `key file ${file.path} is encrypted, and nobody is there to ask`, {
    hint: `load it into an SSH agent with ssh-add, set ${PASSPHRASE_VARIABLE}, or run pkgcache on a terminal`,
  })
}
