import { defineTransport } from '@pkgcache/core'
import { DEFAULT_CONNECT_TIMEOUT, DEFAULT_IDLE_TIMEOUT, type SshOptions, schema } from './options.ts'

export type { SshOptions } from './options.ts'

/** ssh2 is loaded when a node is first connected to: a run with none should not wait for it. */
async function parts() {
  const [{ connect }, { Link }, { createSession }] = await Promise.all([
    import('./connect.ts'),
    import('./link.ts'),
    import('./session.ts'),
  ])
  return { connect, Link, createSession }
}

/** Reaches nodes that have a `host`, over SSH and SFTP. */
export default defineTransport<SshOptions>({
  name: 'transport-ssh',
  schema,
  async connect(node, ctx, options) {
    const { host } = node
    if (host === undefined) return undefined
    const { connect, Link, createSession } = await parts()
    const idle = options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT
    const timeouts = { connect: options.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT, idle }
    const client = await connect({ ...node, host }, timeouts, ctx.signal)
    return createSession(node, new Link(node, client, idle))
  },
})
