import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type FetchRequest, type FetchResponse, PkgcacheError, shownUrl, systemCode } from '@pkgcache/core'

/** Bytes per read. 490 MB from the page cache: 1.6 GB/s with 64 KiB, 4.4 with 1 MiB, 3.3 with 4 MiB. */
const CHUNK = 1 << 20

/** Without O_NONBLOCK a FIFO that took the file's place would hold the open for ever. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK

/**
 * Looks at the file that `request.url` names. It is opened when the body is first read, and closed with it.
 * @throws E_NOT_FOUND, E_FORBIDDEN, E_UNREACHABLE (the disk fails), E_ABORTED; while the body is read also E_TRUNCATED
 */
export async function fetchFile(request: FetchRequest, signal: AbortSignal): Promise<FetchResponse> {
  const { url, method } = request
  stopIfAborted(signal)
  const file = { url, path: pathOf(url) }
  const info = await attempt(file, () => stat(file.path, { bigint: true }))
  if (!info.isFile()) throw notRegular(file, info.isDirectory())
  const handle = await attempt(file, () => open(file.path, FLAGS))
  await handle.close()
  const size = Number(info.size)
  const validator = validatorOf(info)
  if (method === 'GET' && request.unless?.etag === validator) {
    return { url, offset: 0, etag: validator, notModified: true, body: nothing() }
  }
  const asked = request.offset ?? 0
  const offset = method === 'GET' && request.validator === validator && asked <= size ? asked : 0
  const body = method === 'GET' ? bytes(file, { offset, size, validator }, signal) : nothing()
  return { url, size, offset, validator, etag: validator, body }
}

interface Named {
  readonly url: URL
  readonly path: string
}

/** Size and mtime: what `index.yaml` and the records call a file's identity. */
function validatorOf(info: { readonly size: bigint; readonly mtimeNs: bigint }): string {
  return `"${info.size}-${info.mtimeNs}"`
}

function pathOf(url: URL): string {
  try {
    const path = fileURLToPath(url)
    if (!path.includes('\0')) return path
  } catch {
    // An encoded slash or another machine's name: told below.
  }
  throw new PkgcacheError('E_NOT_FOUND', `${shownUrl(url)} names no file of this machine`, {
    hint: 'write file:///absolute/path, without a host and without encoded slashes',
  })
}

async function* bytes(
  file: Named,
  range: { readonly offset: number; readonly size: number; readonly validator: string },
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const handle = await attempt(file, () => open(file.path, FLAGS))
  try {
    const info = await attempt(file, () => handle.stat({ bigint: true }))
    if (validatorOf(info) !== range.validator) throw changed(file, 'changed since it was looked at')
    for (let at = range.offset; at < range.size; ) {
      stopIfAborted(signal)
      const chunk = await readAt(file, handle, at, range.size - at)
      if (chunk.length === 0) throw changed(file, `ended after ${at} of ${range.size} bytes`)
      at += chunk.length
      yield chunk
    }
  } finally {
    await handle.close()
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {}

async function readAt(file: Named, handle: FileHandle, position: number, left: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, left))
  const { bytesRead } = await attempt(file, () => handle.read(buffer, 0, buffer.length, position))
  return buffer.subarray(0, bytesRead)
}

function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new PkgcacheError('E_ABORTED', 'cancelled', { cause: signal.reason })
}

const MISSING = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']
const DENIED = ['EACCES', 'EPERM']

async function attempt<T>(file: Named, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const system = systemCode(cause) ?? 'unknown fault'
    const shown = shownUrl(file.url)
    if (MISSING.includes(system)) {
      const hint = 'check the path; it must be absolute, with special characters percent-encoded'
      throw new PkgcacheError('E_NOT_FOUND', `${shown} does not exist (${system})`, { hint, cause })
    }
    if (DENIED.includes(system)) {
      const hint = 'give this user the right to read the file and to enter its folders'
      throw new PkgcacheError('E_FORBIDDEN', `${shown} cannot be read (${system})`, { hint, cause })
    }
    const hint = 'check the disk or the mount that holds the file'
    throw new PkgcacheError('E_UNREACHABLE', `${shown} cannot be read (${system})`, {
      hint,
      cause,
      retryable: true,
    })
  }
}

function notRegular(file: Named, isFolder: boolean): PkgcacheError {
  const what = isFolder ? 'is a folder' : 'is no regular file'
  const hint = isFolder ? 'name one file in it' : 'devices, pipes and sockets are not fetched; name a file'
  return new PkgcacheError('E_NOT_FOUND', `${shownUrl(file.url)} ${what}`, { hint })
}

function changed(file: Named, what: string): PkgcacheError {
  const hint = 'run again when nobody writes to the file'
  return new PkgcacheError('E_TRUNCATED', `${shownUrl(file.url)} ${what}`, { hint, retryable: true })
}
