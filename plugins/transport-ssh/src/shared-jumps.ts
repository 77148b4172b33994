import type { Connection } from './connection.ts'

interface Shared {
  readonly connection: Promise<Connection>
  users: number
}

/**
 * Connections to jump hosts: nodes behind the same ones share them, so that a hundred nodes are not a hundred logins there
 * (sshd drops those above its `MaxStartups`). The last node that leaves ends it.
 */
export class SharedJumps {
  readonly #shared = new Map<string, Shared>()

  /**
   * @param key the way, as a whole
   * @returns the connection as if it were the node's own: `destroy` ends it when it is nobody else's
   * @throws what `open` throws, to all who wait for it
   */
  async lease(key: string, open: () => Promise<Connection>): Promise<Connection> {
    const shared = this.#shared.get(key) ?? this.#begin(key, open)
    shared.users++
    const connection = await shared.connection
    let left = false
    const destroy = () => {
      if (left) return
      left = true
      if (--shared.users > 0) return
      this.#forget(key, shared)
      connection.destroy()
    }
    return { ...connection, destroy }
  }

  #begin(key: string, open: () => Promise<Connection>): Shared {
    const shared = { connection: open(), users: 0 }
    this.#shared.set(key, shared)
    shared.connection.then(
      // every node on it listens for its end
      ({ client }) => client.setMaxListeners(0).once('close', () => this.#forget(key, shared)),
      () => this.#forget(key, shared),
    )
    return shared
  }

  #forget(key: string, shared: Shared): void {
    if (this.#shared.get(key) === shared) this.#shared.delete(key)
  }
}
