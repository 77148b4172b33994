import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, type FileHandle, lstat, mkdir, open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import {
  type Delivery,
  makeFolder,
  type NodeSpec,
  PkgcacheError,
  type PluginContext,
  systemCode,
  toPkgcacheError,
} from '@pkgcache/core'
import { denied, explain } from './faults.ts'

const BLOCK_SIZE = 1024 * 1024
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._+~-]*$/

export type Context = Pick<PluginContext, 'signal' | 'progress'>
export type State = 'present' | 'differs' | 'missing'

/** @throws E_CONFIG for a relative root, E_NAME when a segment of the path is not a plain name */
export function pathOf(node: NodeSpec, remotePath: string): string {
  if (!isAbsolute(node.root)) {
    throw new PkgcacheError('E_CONFIG', `root ${JSON.stringify(node.root)} is not absolute`, {
      hint: 'give an absolute path',
    })
  }
  const segments = remotePath.split('/')
  if (segments.every((segment) => SEGMENT.test(segment))) return join(node.root, ...segments)
  throw new PkgcacheError('E_NAME', `${JSON.stringify(remotePath)} cannot be a path on a node`, {
    hint: 'each segment starts with a letter or digit and holds letters, digits and . _ + ~ - only',
  })
}

/** Compares by size, which can only say "differs", then by SHA-256. Writes nothing. */
export async function inspect(
  node: NodeSpec,
  path: string,
  delivery: Delivery,
  ctx: Context,
): Promise<State> {
  checkSignal(ctx.signal)
  try {
    const found = await lstat(path)
    if (found.isSymbolicLink())
      throw denied(node, path, 'is a symbolic link, which is never followed or replaced')
    if (!found.isFile()) throw denied(node, path, 'is not a regular file')
    if (found.size !== delivery.size) return 'differs'
    return (await digestOf(path, ctx.signal)) === delivery.sha256 ? 'present' : 'differs'
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing'
    throw explain(error, node, path)
  }
}

/** Writes a part beside the target, flushes it, reads it back, renames it. The old file stays until then. */
export async function send(node: NodeSpec, path: string, delivery: Delivery, ctx: Context): Promise<void> {
  const folder = dirname(path)
  const part = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.part`)
  try {
    await makeFolders(node, folder)
    await writePart(part, delivery, ctx)
    await checkDigest(part, delivery, ctx.signal)
    await chmod(part, 0o644)
    await rename(part, path)
    await syncFolder(folder)
  } catch (error) {
    await unlink(part).catch(() => undefined)
    throw explain(error, node, path)
  }
}

async function makeFolders(node: NodeSpec, folder: string): Promise<void> {
  await makeFolder(node.root, 0o755)
  let path = node.root
  for (const segment of folder.slice(join(node.root, '/').length).split('/').filter(Boolean)) {
    path = join(path, segment)
    await mkdir(path, { mode: 0o755 }).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error
    })
    if (!(await lstat(path)).isDirectory()) throw denied(node, path, 'is not a folder')
  }
}

async function writePart(part: string, delivery: Delivery, ctx: Context): Promise<void> {
  const source = await open(delivery.file).catch((cause: unknown) => {
    throw toPkgcacheError(cause, 'E_STORE')
  })
  try {
    const target = await open(part, 'wx', 0o600)
    try {
      await copy(source, target, delivery, ctx)
      await target.sync()
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

async function copy(source: FileHandle, target: FileHandle, delivery: Delivery, ctx: Context): Promise<void> {
  const hash = createHash('sha256')
  const block = Buffer.allocUnsafe(BLOCK_SIZE)
  let done = 0
  for (;;) {
    checkSignal(ctx.signal)
    const { bytesRead } = await source.read(block, 0, BLOCK_SIZE, done)
    if (bytesRead === 0) break
    const data = block.subarray(0, bytesRead)
    hash.update(data)
    await target.writeFile(data)
    done += bytesRead
    ctx.progress({ done, total: delivery.size })
  }
  if (delivery.size === 0) ctx.progress({ done: 0, total: 0 })
  const digest = hash.digest('hex')
  if (digest !== delivery.sha256) throw wrongDigest(`${delivery.file} holds`, digest, delivery)
}

async function checkDigest(part: string, delivery: Delivery, signal: AbortSignal): Promise<void> {
  const digest = await digestOf(part, signal)
  if (digest !== delivery.sha256) throw wrongDigest(`it holds in ${part}`, digest, delivery)
}

function wrongDigest(where: string, digest: string, delivery: Delivery): PkgcacheError {
  return new PkgcacheError(
    'E_NODE_DIGEST',
    `${where} sha256 ${digest}, but ${delivery.sha256} was to be sent`,
    {
      hint: 'run "pkgcache verify"; if the store is right, look at the disk that holds the root',
    },
  )
}

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  // The path was looked at before; a link put there meanwhile is not followed.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const block = Buffer.allocUnsafe(BLOCK_SIZE)
    for (;;) {
      checkSignal(signal)
      const { bytesRead } = await file.read(block, 0, BLOCK_SIZE, null)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(block.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some network mounts cannot flush a folder; the file itself is flushed.
    if (systemCode(error) !== 'EINVAL' && systemCode(error) !== 'ENOTSUP') throw error
  } finally {
    await handle.close()
  }
}

/** @throws E_ABORTED once the run is cancelled */
export function checkSignal(signal: AbortSignal): void {
  if (signal.aborted) throw new PkgcacheError('E_ABORTED', 'cancelled')
}
