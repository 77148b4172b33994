import type { Delivery, Placement } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import { explain, isMissing, noSpace, notAFile, readOnly, symlink } from './faults.ts'
import { noteDelivery } from './listing.ts'
import { type Part, takePart } from './part.ts'
import type { Target } from './paths.ts'
import type { DeliveryContext, Remote } from './remote.ts'
import type { Finished } from './shell.ts'
import { upload } from './transfer.ts'

/** How long removing a part may take after a fault, in ms. */
const CLEANUP_TIMEOUT = 3000
/** Faults after which a part is worth going on with. */
const LEAVES_PART: readonly string[] = ['E_ABORTED', 'E_NODE_LOST', 'E_NODE_TIMEOUT']

/** Fills a part from its offset on. @returns bytes that left this machine for it */
export type Fill = (part: Part) => Promise<number>

/** How a part that is filled comes to its place. `again`: what it holds is not worth keeping, or somebody took it. */
export type Publish = (part: Part) => Promise<'done' | 'again'>

/**
 * Gets a delivery to `path` by way of a part beside it.
 * @throws what `fill` and `publish` throw; the part stays only where the next run can go on with it
 */
export async function viaPart(
  remote: Remote,
  path: string,
  delivery: Delivery,
  { fill, publish }: { readonly fill: Fill; readonly publish: Publish },
): Promise<Placement> {
  let sentBytes = 0
  for (let attempt = 1; ; attempt++) {
    const part = await takePart(remote, path, delivery)
    try {
      sentBytes += await fill(part)
      if ((await publish(part)) === 'done') return { state: 'sent', sentBytes }
      if (attempt === 2) throw wrongDigest(path, delivery, 'changed bytes, twice,')
      await discard(remote, part.path)
    } catch (error) {
      if (!(error instanceof PkgcacheError && LEAVES_PART.includes(error.code)))
        await discard(remote, part.path)
      throw error
    }
  }
}

/** Sends straight into the folder of the target. */
export async function send(
  remote: Remote,
  target: Target,
  delivery: Delivery,
  fill: Fill,
): Promise<Placement> {
  await remote.makeFolders(target)
  const publish: Publish = (part) => moveIntoPlace(remote, part, target, delivery)
  return viaPart(remote, target.path, delivery, { fill, publish })
}

async function moveIntoPlace(remote: Remote, part: Part, target: Target, delivery: Delivery) {
  const scope = remote.scope('publishing', target.path, delivery.size)
  const finished = await remote.shell.finish(scope, part.path, target.path, delivery.sha256)
  if (finished !== undefined && finished.kind !== 'unhashed') {
    return judge(remote, finished, part, target.path, delivery)
  }
  const actual = await remote.readBack(part.path, delivery.size)
  if (actual !== delivery.sha256) {
    return judge(remote, { kind: 'digest', actual }, part, target.path, delivery)
  }
  await rename(remote, part.path, target.path)
  await noteDelivery(remote, target)
  return 'done'
}

/** What the node said of moving a part into place, as an answer or a fault. */
export async function judge(
  remote: Remote,
  finished: Finished,
  part: Part,
  path: string,
  delivery: Delivery,
): Promise<'done' | 'again'> {
  switch (finished.kind) {
    case 'done':
      return 'done'
    case 'symlink':
      throw symlink(path)
    case 'other':
      throw notAFile(remote.link.node, path)
    case 'refused':
      throw await remote.refusal(undefined, path, 0, `cannot be replaced: ${JSON.stringify(finished.why)}`)
    case 'digest':
      // bytes of an earlier run, changed since they were compared
      if (part.offset > 0) return 'again'
      throw wrongDigest(path, delivery, `sha256 ${finished.actual}`)
    default: {
      // another run took the part over, and may be done with it
      const found = await remote.look(path)
      const same = found.kind === 'file' && (await remote.digest(path, delivery.size)) === delivery.sha256
      return same ? 'done' : 'again'
    }
  }
}

function wrongDigest(path: string, delivery: Delivery, what: string): PkgcacheError {
  return new PkgcacheError(
    'E_NODE_DIGEST',
    `it holds ${what} as ${path}, but sha256 ${delivery.sha256} was to be sent`,
    { hint: 'run "pkgcache verify"; if the store is right, look at the disk and memory of the node' },
  )
}

/** Sends what a part lacks of the local file, flushed and closed. @returns payload bytes sent */
export async function writePart(
  remote: Remote,
  part: Part,
  delivery: Delivery,
  ctx: DeliveryContext,
): Promise<number> {
  const { link, window, reader } = remote
  const missing = delivery.size - part.offset
  await checkRoom(remote, part.path, missing)
  const scope = remote.scope('writing', part.path)
  const slow = remote.scope('flushing', part.path, delivery.size)
  const handle = await openPart(remote, part)
  let written = part.offset
  try {
    const progress = (done: number) => {
      written = done
      ctx.progress({ done, total: delivery.size })
    }
    const sending = { delivery, offset: part.offset, scope, window, reader, progress }
    await remote.uploads.take(() => upload(link, handle, sending))
    await remote.optional(slow, (sftp, done) => sftp.ext_openssh_fsync(handle, done as never))
    await link.call(slow, (sftp, done) => sftp.close(handle, done))
    return missing
  } catch (error) {
    if (link.failure === undefined && !scope.signal.aborted) {
      await link.call(scope, (sftp, done) => sftp.close(handle, done)).catch(() => undefined)
    }
    throw error instanceof PkgcacheError
      ? error
      : await writeFault(remote, part.path, delivery, written, error)
  }
}

/** @throws E_NODE_NOSPC, E_NODE_READ_ONLY */
export async function checkRoom(remote: Remote, path: string, bytes: number): Promise<void> {
  const disk = await remote.fileSystem(path.slice(0, path.lastIndexOf('/')) || '/').catch(() => undefined)
  if (disk?.readOnly) throw readOnly(path)
  if (disk && disk.free < bytes) throw noSpace(path, bytes)
}

/** A new one is created; one that is gone on with loses what is not the delivery's. */
export async function openPart(remote: Remote, part: Part): Promise<Buffer> {
  const { link } = remote
  const scope = remote.scope('writing', part.path)
  try {
    if (part.offset === 0) {
      return await link.call<Buffer>(scope, (sftp, done) => sftp.open(part.path, 'wx', { mode: 0o600 }, done))
    }
    const handle = await link.call<Buffer>(scope, (sftp, done) => sftp.open(part.path, 'r+', done))
    await link.call(scope, (sftp, done) => sftp.fsetstat(handle, { size: part.offset }, done))
    return handle
  } catch (error) {
    if (part.offset > 0 && isMissing(error)) throw taken(part.path, error)
    throw await remote.refusal(error, part.path, 0, 'cannot be created')
  }
}

function taken(path: string, cause: unknown): PkgcacheError {
  return new PkgcacheError('E_NODE', `another run took over ${path}`, {
    cause,
    retryable: true,
    hint: 'run again when that run is done',
  })
}

async function writeFault(remote: Remote, part: string, delivery: Delivery, written: number, error: unknown) {
  const fault = await remote.refusal(error, part, delivery.size - written, 'cannot be written')
  const full = fault instanceof PkgcacheError && fault.code !== 'E_NODE_DENIED'
  return full ? fault : explain(error, remote.link.node, part, 'writing')
}

async function rename(remote: Remote, part: string, path: string): Promise<void> {
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

/** Removes a part, also after the run was cancelled. On a lost connection there is nothing to do it with. */
export async function discard(remote: Remote, part: string): Promise<void> {
  const { link } = remote
  if (link.failure !== undefined) return
  const cleanup = remote.under(AbortSignal.timeout(CLEANUP_TIMEOUT))
  const scope = cleanup.scope('removing', part)
  await link.call(scope, (sftp, done) => sftp.unlink(part, done)).catch(() => undefined)
}
