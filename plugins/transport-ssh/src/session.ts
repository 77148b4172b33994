import type { Delivery, NodeSpec } from '@pkgcache/core'
import type { BlockReader } from './blocks.ts'
import { notAFile, symlink } from './faults.ts'
import type { Link } from './link.ts'
import { listFiles, removeFile } from './listing.ts'
import { checkRoot, type Target, targetOf } from './paths.ts'
import { fillFrom, serveFile } from './relay.ts'
import { type DeliveryContext, Remote } from './remote.ts'
import { type Fill, send, writePart } from './send.ts'
import { NodeShell } from './shell.ts'
import { relayTo, type SshSession } from './ssh-session.ts'
import { Stage, sendWithSudo } from './sudo.ts'
import { applyTask, runCommand } from './tasks.ts'
import { RequestWindow, Turns } from './window.ts'

/** Requests under way at once on one connection: 64 of 31 KiB fill OpenSSH's channel window of 2 MiB. */
const WINDOW = 64

/**
 * A session over one link. Deliveries may run at the same time; they share the window.
 * @param run name of the run, hex
 */
export function createSession(node: NodeSpec, link: Link, reader: BlockReader, run: string): SshSession {
  const shell = new NodeShell(link, checkRoot(node), node.sudo)
  const shared = { link, shell, reader, run, window: new RequestWindow(WINDOW), uploads: new Turns() }
  const stage = new Stage()
  const remoteFor = (ctx: Pick<DeliveryContext, 'signal'>) => new Remote(shared, ctx.signal)

  const put = async (delivery: Delivery, ctx: DeliveryContext, fillOf: (remote: Remote) => Fill) => {
    const target = targetOf(node, delivery.remotePath)
    const remote = remoteFor(ctx)
    if ((await inspect(remote, target, delivery)) === 'present')
      return { state: 'present', sentBytes: 0 } as const
    const fill = fillOf(remote)
    if (!node.sudo) return send(remote, target, delivery, fill)
    return sendWithSudo(remote, await stage.folder(remote), target, delivery, fill)
  }

  const session: SshSession = {
    place: (delivery, ctx) =>
      put(delivery, ctx, (remote) => (part) => writePart(remote, part, delivery, ctx)),
    check: (delivery, ctx) => inspect(remoteFor(ctx), targetOf(node, delivery.remotePath), delivery),
    arch: (ctx) => shell.arch(remoteFor(ctx).scope('asking', 'its architecture')),
    list: (ctx) => listFiles(remoteFor(ctx), checkRoot(node)),
    remove: (remotePath, ctx) => removeFile(remoteFor(ctx), targetOf(node, remotePath)),
    apply: (artifact, task, ctx) => applyTask(remoteFor(ctx), artifact, task),
    run: (command, env, ctx) => runCommand(remoteFor(ctx), command, env),
    serve: (delivery, receiver, ctx) =>
      serveFile(remoteFor(ctx), delivery, targetOf(node, delivery.remotePath), receiver),
    receive: (delivery, serve, ctx) => put(delivery, ctx, (remote) => fillFrom(remote, delivery, serve)),
    relay: (delivery, task, ctx) => relayTo(session, delivery, task, ctx),
    close: () => link.close(),
  }
  return session
}

/** Compares by size, which is cheap and can only say "differs", then by digest. Writes nothing to the target. */
async function inspect(
  remote: Remote,
  target: Target,
  delivery: Delivery,
): Promise<'present' | 'differs' | 'missing'> {
  const found = await remote.look(target.path)
  if (found.kind === 'missing') return 'missing'
  if (found.kind === 'symlink') throw symlink(target.path)
  if (found.kind === 'other') throw notAFile(remote.link.node, target.path)
  if (found.size !== delivery.size) return 'differs'
  const remembered = delivery.rehash ? undefined : found.remembered
  const digest = remembered ?? (await remote.digest(target.path, delivery.size))
  return digest === delivery.sha256 ? 'present' : 'differs'
}
