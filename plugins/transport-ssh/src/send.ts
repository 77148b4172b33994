import { type Delivery, PkgcacheError } from '@pkgcache/core'
import { explain, noSpace } from './faults.ts'
import type { DeliveryContext, Remote } from './remote.ts'
import { upload } from './transfer.ts'

/** How long removing a part may take after a cancelled run, in ms. */
const CLEANUP_TIMEOUT = 3000

/** Sends a file to `part`, flushed and closed. */
export async function writePart(
  remote: Remote,
  part: string,
  delivery: Delivery,
  ctx: DeliveryContext,
): Promise<void> {
  const { link, window } = remote
  const disk = await remote.fileSystem(part.slice(0, part.lastIndexOf('/')) || '/').catch(() => undefined)
  if (disk && !disk.readOnly && disk.free < delivery.size) throw noSpace(part, delivery.size)
  const scope = remote.scope('writing', part)
  const slow = remote.scope('flushing', part, delivery.size)
  let handle: Buffer
  try {
    handle = await link.call<Buffer>(scope, (sftp, done) => sftp.open(part, 'wx', { mode: 0o600 }, done))
  } catch (error) {
    throw await remote.refusal(error, part, 0, 'cannot be created')
  }
  let written = 0
  try {
    const progress = (done: number) => {
      written = done
      ctx.progress({ done, total: delivery.size })
    }
    await upload(link, handle, { delivery, scope, window, progress })
    await remote.optional(slow, (sftp, done) => sftp.ext_openssh_fsync(handle, done as never))
    await link.call(slow, (sftp, done) => sftp.close(handle, done))
  } catch (error) {
    if (link.failure === undefined && !scope.signal.aborted) {
      await link.call(scope, (sftp, done) => sftp.close(handle, done)).catch(() => undefined)
    }
    throw error instanceof PkgcacheError ? error : await writeFault(remote, part, delivery, written, error)
  }
}

async function writeFault(remote: Remote, part: string, delivery: Delivery, written: number, error: unknown) {
  const fault = await remote.refusal(error, part, delivery.size - written, 'cannot be written')
  const full = fault instanceof PkgcacheError && fault.code !== 'E_NODE_DENIED'
  return full ? fault : explain(error, remote.link.node, part, 'writing')
}

/** @throws E_NODE_DIGEST */
export async function checkDigest(
  remote: Remote,
  path: string,
  delivery: Delivery,
  sudo = false,
): Promise<void> {
  const digest = await remote.digest(path, delivery.size, sudo)
  if (digest === delivery.sha256) return
  throw new PkgcacheError(
    'E_NODE_DIGEST',
    `it holds sha256 ${digest} as ${path}, but ${delivery.sha256} was to be sent`,
    { hint: 'run "pkgcache verify"; if the store is right, look at the disk and memory of the node' },
  )
}

/**
 * Removes a part and its private folder, if it has one, also after the run was cancelled. On a lost connection there is
 * nothing to do it with.
 */
export async function discard(remote: Remote, part: string, folder?: string): Promise<void> {
  const { link } = remote
  if (link.failure !== undefined) return
  const cleanup = remote.under(AbortSignal.timeout(CLEANUP_TIMEOUT))
  const scope = cleanup.scope('removing', part)
  await link.call(scope, (sftp, done) => sftp.unlink(part, done)).catch(() => undefined)
  if (folder !== undefined)
    await link.call(scope, (sftp, done) => sftp.rmdir(folder, done)).catch(() => undefined)
}
