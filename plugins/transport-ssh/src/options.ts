import type { OptionsSchema } from '@pkgcache/core'

export interface SshOptions {
  /** How long connecting and logging in to one host may take, in ms. Default: ConnectTimeout of the SSH config, else 20000. */
  readonly connectTimeout?: number
  /**
   * How long a node may leave an operation without any answer before it counts as stopped, in ms. Default 60000.
   * Hashing and flushing on the node get more, by the size of the file.
   */
  readonly idleTimeout?: number
  /** The SSH config that is read, `~` allowed; false: none. Default `~/.ssh/config`, when it is there. */
  readonly sshConfig?: string | false
}

export const DEFAULT_CONNECT_TIMEOUT = 20_000
export const DEFAULT_IDLE_TIMEOUT = 60_000
export const DEFAULT_SSH_CONFIG = '~/.ssh/config'

export const schema: OptionsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  properties: {
    connectTimeout: { type: 'integer', minimum: 1, description: 'ms until connecting counts as failed' },
    idleTimeout: {
      type: 'integer',
      minimum: 1,
      description: 'ms without an answer until a node counts as stopped',
    },
    sshConfig: {
      description: 'SSH config file, ~ allowed; false reads none',
      anyOf: [{ type: 'string', minLength: 1 }, { const: false }],
    },
  },
}
