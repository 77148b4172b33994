import { resolve } from 'node:path'
import type { PluginContext } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import { hostSettings, type Wanted } from './host-settings.ts'
import { KeyRing } from './key-ring.ts'
import { DEFAULT_IDLE_TIMEOUT, DEFAULT_SSH_CONFIG, type SshOptions } from './options.ts'
import { expandHome } from './paths.ts'
import type { HostSettings } from './settings.ts'
import { SharedJumps } from './shared-jumps.ts'
import { type Directive, readSshConfig } from './ssh-config-file.ts'

/** What all nodes of one run share: the SSH config, the keys, and what was said already. */
export class SshRun {
  readonly keys: KeyRing
  readonly jumps = new SharedJumps()
  readonly signal: AbortSignal
  /** ms */
  readonly idleTimeout: number
  readonly #ctx: PluginContext
  readonly #options: SshOptions
  readonly #said = new Set<string>()
  #config: Promise<readonly Directive[]> | undefined

  constructor(ctx: PluginContext, options: SshOptions) {
    this.#ctx = ctx
    this.#options = options
    this.keys = new KeyRing(ctx)
    this.signal = ctx.signal
    this.idleTimeout = options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT
  }

  /** How a host is connected to. @throws E_SSH_CONFIG */
  async settings(wanted: Wanted): Promise<HostSettings> {
    this.#config ??= this.#read()
    return hostSettings(wanted, await this.#config, {
      connectTimeout: this.#options.connectTimeout,
      idleTimeout: this.idleTimeout,
      warn: (message) => this.#warn(message),
    })
  }

  async #read(): Promise<readonly Directive[]> {
    const { sshConfig } = this.#options
    if (sshConfig === false) return []
    const file = resolve(expandHome(sshConfig ?? DEFAULT_SSH_CONFIG))
    const directives = await readSshConfig(file, sshConfig === undefined)
    if (directives !== undefined) return directives
    if (sshConfig === undefined) return []
    throw new PkgcacheError('E_SSH_CONFIG', `the SSH config ${file} does not exist`, {
      hint: 'correct sshConfig of transport-ssh, or leave it out',
    })
  }

  #warn(message: string): void {
    if (this.#said.has(message)) return
    this.#said.add(message)
    this.#ctx.logger.warn(message)
  }
}
