import type { Delivery, NodeSession, PluginContext } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import type { Receiver } from './relay.ts'

// What both threads of a session know of it; nothing here loads what it takes to connect.

/** Has another node send what it holds to a part of this one. */
export type Serve = (receiver: Receiver) => Promise<void>

/** A session by this plugin: what `NodeSession` leaves open is there, and the two halves of `relay`. */
export type SshSession = Required<Omit<NodeSession, 'relay'>> & {
  readonly relay: NonNullable<NodeSession['relay']>
  /** Sends a file that this node holds to another one. */
  serve(delivery: Delivery, receiver: Receiver, ctx: PluginContext): Promise<void>
  /** Takes a file that another node serves, checks it, and puts it in place. */
  receive: (delivery: Delivery, serve: Serve, ctx: PluginContext) => ReturnType<NodeSession['place']>
}

/** Methods of a session with what they take, but for the context: what can be asked of it from another thread. */
export type SessionCall =
  | {
      [Method in Exclude<keyof SshSession, 'relay' | 'receive'>]: readonly [
        Method,
        ...Plain<Parameters<SshSession[Method]>>,
      ]
    }[Exclude<keyof SshSession, 'relay' | 'receive'>]
  | readonly ['receive', Delivery]

type Plain<Args extends readonly unknown[]> = Args extends [...infer Before, PluginContext] ? Before : Args

/** `relay` by its two halves, wherever the sessions live. @throws E_TRANSPORT for a session of another transport */
export async function relayTo(
  from: Pick<SshSession, 'serve'>,
  delivery: Delivery,
  { to, identityFile }: Parameters<SshSession['relay']>[1],
  ctx: PluginContext,
): ReturnType<SshSession['relay']> {
  const receiving = to as Partial<SshSession>
  if (receiving.receive === undefined) throw notOurs()
  const serve: Serve = (receiver) =>
    from.serve(delivery, identityFile === undefined ? receiver : { ...receiver, identityFile }, ctx)
  return receiving.receive(delivery, serve, ctx)
}

function notOurs(): PkgcacheError {
  return new PkgcacheError('E_TRANSPORT', 'a node of another transport cannot be sent to from this one', {
    hint: 'nothing is to be done: such nodes are sent to directly',
  })
}
