import { defineTransport } from '@pkgcache/core'
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
        const path = pathOf(node, delivery)
        if ((await inspect(node, path, delivery, ctx)) === 'present')
          return { state: 'present', sentBytes: 0 }
        await send(node, path, delivery, ctx)
        return { state: 'sent', sentBytes: delivery.size }
      },
      check: async (delivery, ctx) => inspect(node, pathOf(node, delivery), delivery, ctx),
      close: async () => undefined,
    }
  },
})
