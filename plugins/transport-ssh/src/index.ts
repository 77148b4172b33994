import { randomBytes } from 'node:crypto'
import { definePlugin, type PluginContext } from '@pkgcache/core'
import type { SshNode } from './opener.ts'
import { type SshOptions, schema } from './options.ts'
import type { SshSession } from './ssh-session.ts'

export type { SshOptions } from './options.ts'

/** Opens the sessions of one run. */
interface Sessions {
  open(node: SshNode, ctx: PluginContext): Promise<SshSession>
}

/** Threads cannot load TypeScript: where this file is not built yet, as in its own tests, there are none. */
const THREADS = !import.meta.url.endsWith('.ts')

/** What it takes to connect is loaded when a node is first connected to: a run with none should not wait for it. */
async function sessionsFor(ctx: PluginContext, options: SshOptions): Promise<Sessions> {
  const run = randomBytes(4).toString('hex')
  if (THREADS) {
    const { SessionPool } = await import('./pool.ts')
    return new SessionPool(options, run)
  }
  const { Opener } = await import('./opener.ts')
  const opener = new Opener(ctx, options, run)
  return { open: (node) => opener.open(node) }
}

/** Reaches nodes that have a `host`, over SSH and SFTP. */
export default definePlugin<SshOptions>({
  name: 'transport-ssh',
  schema,
  setup(api, options) {
    // A run has one signal; what its nodes share ends with it.
    const runs = new WeakMap<AbortSignal, Promise<Sessions>>()
    api.hooks.distribute.tapPromise('transport-ssh', async (node, ctx) => {
      const { host } = node
      if (host === undefined) return undefined as never
      const sessions = runs.get(ctx.signal) ?? sessionsFor(ctx, options)
      runs.set(ctx.signal, sessions)
      return (await sessions).open({ ...node, host }, ctx)
    })
  },
})
