import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import type { HttpRoute } from './http-script.ts'

/** Something the server can send, whole or from an offset. */
export interface Content {
  /** Bytes. */
  readonly size: number
  readonly type: string
  readonly etag: string
  readonly lastModified: string
  /** From `start` to `end`, both included. */
  read(start: number, end: number): AsyncIterable<Uint8Array>
}

const PAST = 'Wed, 01 Jan 2025 00:00:00 GMT'
const BINARY = 'application/octet-stream'

/** Content given in the route itself. */
export async function contentOf(route: HttpRoute): Promise<Content> {
  const bytes = Buffer.from(route.content ?? '')
  return {
    size: bytes.length,
    type: route.contentType ?? BINARY,
    etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`,
    lastModified: route.lastModified ?? PAST,
    async *read(start, end) {
      yield bytes.subarray(start, end + 1)
    },
  }
}

/** A regular file below `root`; undefined when there is none. */
export async function contentUnder(
  root: string | undefined,
  path: string,
  route: HttpRoute | undefined,
): Promise<Content | undefined> {
  const name = decoded(path)
  if (root === undefined || name === undefined) return undefined
  // The path starts with a slash, so normalising it cannot lead out of the root.
  const file = join(root, normalize(name))
  const info = await stat(file).catch(() => undefined)
  if (!info?.isFile()) return undefined
  return {
    size: info.size,
    type: route?.contentType ?? BINARY,
    etag: `"${info.size.toString(16)}-${Math.round(info.mtimeMs).toString(16)}"`,
    lastModified: route?.lastModified ?? info.mtime.toUTCString(),
    read: (start, end) => createReadStream(file, { start, end, highWaterMark: 1 << 20 }),
  }
}

function decoded(path: string): string | undefined {
  try {
    const name = decodeURIComponent(path)
    return name.startsWith('/') && !name.includes('\0') ? name : undefined
  } catch {
    return undefined
  }
}
