import type { NodeSpec, PluginContext } from '@pkgcache/core'
import { BlockReader } from './blocks.ts'
import { connect } from './connect.ts'
import { Link } from './link.ts'
import type { SshOptions } from './options.ts'
import { createSession } from './session.ts'
import { SshRun } from './ssh-run.ts'
import type { SshSession } from './ssh-session.ts'
import { BLOCK_SIZE } from './transfer.ts'

/** A node that is reached over the network. */
export type SshNode = NodeSpec & { readonly host: string }

/** Opens the sessions of one run; what they share in one thread is here. */
export class Opener {
  readonly #run: SshRun
  readonly #name: string
  readonly #reader = new BlockReader(BLOCK_SIZE)

  /** @param name of the run, hex: what marks its parts on the nodes */
  constructor(ctx: PluginContext, options: SshOptions, name: string) {
    this.#run = new SshRun(ctx, options)
    this.#name = name
  }

  /** @throws what `connect` throws, E_CONFIG for a root that cannot be used */
  async open(node: SshNode): Promise<SshSession> {
    const connection = await connect(node, this.#run)
    const link = new Link(node, connection, this.#run.idleTimeout)
    return createSession(node, link, this.#reader, this.#name)
  }
}
