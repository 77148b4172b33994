import { definePlugin, type NodeSession, type NodeSpec, type PluginContext } from '@pkgcache/core'
import type { BlockReader } from './blocks.ts'
import { DEFAULT_CONNECT_TIMEOUT, DEFAULT_IDLE_TIMEOUT, type SshOptions, schema } from './options.ts'

export type { SshOptions } from './options.ts'

/** What all connections of one run share. */
interface Shared {
  reader?: BlockReader
}

/** ssh2 is loaded when a node is first connected to: a run with none should not wait for it. */
async function parts() {
  const [{ connect }, { Link }, { createSession }, { BlockReader }, { BLOCK_SIZE }] = await Promise.all([
    import('./connect.ts'),
    import('./link.ts'),
    import('./session.ts'),
    import('./blocks.ts'),
    import('./transfer.ts'),
  ])
  return { connect, Link, createSession, BlockReader, BLOCK_SIZE }
}

async function open(
  node: NodeSpec & { readonly host: string },
  ctx: PluginContext,
  options: SshOptions,
  shared: Shared,
): Promise<NodeSession> {
  const { connect, Link, createSession, BlockReader, BLOCK_SIZE } = await parts()
  const idle = options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT
  const timeouts = { connect: options.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT, idle }
  const client = await connect(node, timeouts, ctx.signal)
  shared.reader ??= new BlockReader(BLOCK_SIZE)
  return createSession(node, new Link(node, client, idle), shared.reader)
}

/** Reaches nodes that have a `host`, over SSH and SFTP. */
export default definePlugin<SshOptions>({
  name: 'transport-ssh',
  schema,
  setup(api, options) {
    const shared: Shared = {}
    api.hooks.distribute.tapPromise('transport-ssh', async (node, ctx) => {
      const { host } = node
      return (host === undefined ? undefined : open({ ...node, host }, ctx, options, shared)) as never
    })
  },
})
