import type { OptionsSchema } from '@pkgcache/core'

/** Options of fetch-http. */
export interface FetchHttpOptions {
  /** Time for a connection, TLS included, in ms. Default 15000. */
  readonly connectTimeout?: number
  /** Longest time without a byte from upstream, before and within an answer, in ms. Default 30000. */
  readonly stallTimeout?: number
  /** Follow redirects from public servers to private, loopback and link-local addresses. Default false. */
  readonly allowPrivateRedirects?: boolean
  /** Take credentials from `$NETRC`, else `~/.netrc`, where neither URL nor headers bring any. Default true. */
  readonly netrc?: boolean
}

const MS = { type: 'integer', minimum: 1, maximum: 3_600_000 }

export const schema: OptionsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  properties: {
    connectTimeout: { ...MS, description: 'Time for a connection, TLS included, in ms. Default 15000.' },
    stallTimeout: { ...MS, description: 'Longest time without a byte from upstream, in ms. Default 30000.' },
    allowPrivateRedirects: {
      type: 'boolean',
      description: 'Follow redirects from public servers to private addresses. Default false.',
    },
    netrc: { type: 'boolean', description: 'Take credentials from $NETRC or ~/.netrc. Default true.' },
  },
}
