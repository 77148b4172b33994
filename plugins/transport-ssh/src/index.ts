import { definePlugin, type NodeSession, type NodeSpec } from '@pkgcache/core'
import { type SshOptions, schema } from './options.ts'
import type { SshRun } from './ssh-run.ts'

export type { SshOptions } from './options.ts'

/** ssh2 is loaded when a node is first connected to: a run with none should not wait for it. */
async function parts() {
  const [{ connect }, { Link }, { createSession }, { SshRun }] = await Promise.all([
    import('./connect.ts'),
    import('./link.ts'),
    import('./session.ts'),
    import('./ssh-run.ts'),
  ])
  return { connect, Link, createSession, SshRun }
}

async function open(
  node: NodeSpec & { readonly host: string },
  share: (make: typeof SshRun) => SshRun,
): Promise<NodeSession> {
  const { connect, Link, createSession, SshRun } = await parts()
  const run = share(SshRun)
  const { client } = await connect(node, run)
  return createSession(node, new Link(node, client, run.idleTimeout))
}

/** Reaches nodes that have a `host`, over SSH and SFTP. */
export default definePlugin<SshOptions>({
  name: 'transport-ssh',
  schema,
  setup(api, options) {
    // A run has one signal; what its nodes share ends with it.
    const runs = new WeakMap<AbortSignal, SshRun>()
    api.hooks.distribute.tapPromise('transport-ssh', async (node, ctx) => {
      const { host } = node
      if (host === undefined) return undefined as never
      return open({ ...node, host }, (Run) => {
        const run = runs.get(ctx.signal) ?? new Run(ctx, options)
        runs.set(ctx.signal, run)
        return run
      })
    })
  },
})
