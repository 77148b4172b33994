import type { Client, ParsedKey } from 'ssh2'
import type { LendingAgent } from './lending.ts'

/** Where a connection leads: what the node's own config and the SSH config made of its name. */
export interface Place {
  /** Name or address that was connected to, from here or from the last jump host. */
  readonly host: string
  readonly port: number
  readonly username: string
}

/** The key that a node let us in with. */
export interface Identity {
  /** With its private part, unless an agent has that. */
  readonly key: ParsedKey
  /** Socket of the agent that signs for `key`. */
  readonly agent?: string
}

/** A connection that is logged in. */
export interface Connection {
  /** Ending or losing it ends the connections to the jump hosts too, and the loss of one of them ends it. */
  readonly client: Client
  readonly place: Place
  /** The public key of the node that was checked, as on the wire (RFC 4253 6.6). */
  readonly hostKey: Buffer
  readonly identity: Identity
  /** What the node can be lent keys through. */
  readonly lending: LendingAgent
  /** True when other hosts are in between: then the node is perhaps not reached directly from another one. */
  readonly jumped: boolean
  /** Ends it at once, whatever state it is in: `client.destroy` does nothing any more after `client.end`. */
  destroy(): void
}
