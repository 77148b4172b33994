import type { Delivery, NodeSession, NodeSpec, Placement } from '@pkgcache/core'
import { denied } from './faults.ts'
import { Hasher } from './hasher.ts'
import type { Link } from './link.ts'
import { partOf, type Target, targetOf } from './paths.ts'
import { type DeliveryContext, Remote } from './remote.ts'
import { checkDigest, discard, writePart } from './send.ts'
import { installWithSudo, stateWithSudo } from './sudo.ts'
import { RequestWindow } from './window.ts'

/** Requests under way at once on one connection: 64 of 31 KiB fill OpenSSH's channel window of 2 MiB. */
const WINDOW = 64
/** A session over one link. Deliveries may run at the same time; they share the window. */
export function createSession(node: NodeSpec, link: Link): NodeSession {
  const shared = {
    link,
    window: new RequestWindow(WINDOW),
    hasher: new Hasher(link, false),
    rootHasher: new Hasher(link, true),
  }
  const remoteFor = (ctx: DeliveryContext) => new Remote(shared, ctx.signal)
  return {
    async place(delivery, ctx) {
      const target = targetOf(node, delivery.remotePath)
      const remote = remoteFor(ctx)
      if ((await inspect(remote, target, delivery)) === 'present') return { state: 'present', sentBytes: 0 }
      return node.sudo ? installWithSudo(remote, target, delivery, ctx) : send(remote, target, delivery, ctx)
    },
    check: (delivery, ctx) => inspect(remoteFor(ctx), targetOf(node, delivery.remotePath), delivery),
    close: () => link.close(),
  }
}

/** Compares by size, which is cheap and can only say "differs", then by digest. Writes nothing. */
async function inspect(remote: Remote, target: Target, delivery: Delivery) {
  const { node } = remote.link
  const state = node.sudo ? await stateWithSudo(remote, target.path) : await stateOf(remote, target.path)
  if (state === 'missing') return 'missing'
  if (state === 'symlink')
    throw denied(node, target.path, 'is a symbolic link, which is never followed or replaced')
  if (state === 'other') throw denied(node, target.path, 'is not a regular file')
  if (state !== delivery.size) return 'differs'
  const digest = await remote.digest(target.path, delivery.size, node.sudo)
  return digest === delivery.sha256 ? 'present' : 'differs'
}

async function stateOf(remote: Remote, path: string): Promise<number | 'missing' | 'symlink' | 'other'> {
  const found = await remote.lstat(path)
  if (found === undefined) return 'missing'
  if (found.isSymbolicLink()) return 'symlink'
  return found.isFile() ? found.size : 'other'
}

async function send(
  remote: Remote,
  target: Target,
  delivery: Delivery,
  ctx: DeliveryContext,
): Promise<Placement> {
  await remote.makeFolders(target)
  const part = partOf(target.path)
  try {
    await writePart(remote, part, delivery, ctx)
    await checkDigest(remote, part, delivery)
    await publish(remote, part, target.path)
  } catch (error) {
    await discard(remote, part)
    throw error
  }
  return { state: 'sent', sentBytes: delivery.size }
}

async function publish(remote: Remote, part: string, path: string): Promise<void> {
  const { link } = remote
  const scope = remote.scope('renaming', part)
  try {
    await link.call(scope, (sftp, done) => sftp.chmod(part, 0o644, done))
    const renamed = await remote.optional(scope, (sftp, done) => sftp.ext_openssh_rename(part, path, done))
    if (renamed !== false) return
    // SFTP 3 cannot rename over a file: for a moment there is none. Only servers without posix-rename get here.
    if ((await remote.lstat(path)) !== undefined)
      await link.call(scope, (sftp, done) => sftp.unlink(path, done))
    await link.call(scope, (sftp, done) => sftp.rename(part, path, done))
  } catch (error) {
    throw await remote.refusal(error, path, 0, 'cannot be replaced')
  }
}
