import { defineTransport } from '@pkgcache/core'
import { listFiles, note, removeFile } from './files.ts'
import { inspect, pathOf, send } from './folder.ts'
import { type LocalOptions, schema } from './options.ts'

/** Treats a folder or mount of this machine as a node: takes nodes without a `host`. */
export default defineTransport<LocalOptions>({
  name: 'transport-local',
  schema,
  async connect(node) {
    if (node.host !== undefined) return undefined
    return {
      async place(delivery, ctx) {
        const path = pathOf(node, delivery.remotePath)
        if ((await inspect(node, path, delivery, ctx)) === 'present')
          return { state: 'present', sentBytes: 0 }
        await send(node, path, delivery, ctx)
        await note(node, delivery.remotePath)
        return { state: 'sent', sentBytes: delivery.size }
      },
      check: async (delivery, ctx) => inspect(node, pathOf(node, delivery.remotePath), delivery, ctx),
      list: async (ctx) => listFiles(node, ctx.signal),
      remove: async (remotePath) => removeFile(node, pathOf(node, remotePath)),
      close: async () => undefined,
    }
  },
})
