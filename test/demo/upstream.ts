import { open } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

export interface Upstream {
  /** `http://127.0.0.1:<port>/`: what `mirrors: { 'https://': [url] }` maps every https URL to. */
  readonly url: string
  /** `GET /github.com/…`, in the order they came. */
  readonly requests: string[]
  /** Ends the server and every connection to it. */
  close(): Promise<void>
}

/**
 * Serves the files of a world over HTTP on a loopback port: `<dir>/<host>/<path>` as `/<host>/<path>`.
 * Does not keep the process alive.
 */
export async function startUpstream(dir: string): Promise<Upstream> {
  const root = resolve(dir)
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    // a client that went away in the middle, or a disk that fails: either way the connection ends
    serve(root, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(0, '127.0.0.1', listening)
  })
  server.unref()
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

async function serve(dir: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'only GET and HEAD')
  const file = fileOf(dir, request.url ?? '/')
  const handle = file === undefined ? undefined : await open(file).catch(() => undefined)
  if (handle === undefined) return answer(response, 404, 'no such file')
  try {
    const info = await handle.stat({ bigint: true })
    if (!info.isFile()) return answer(response, 404, 'not a file')
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': info.size.toString(),
      'last-modified': info.mtime.toUTCString(),
      etag: `"${info.size.toString(16)}-${info.mtimeNs.toString(16)}"`,
    })
    if (request.method === 'HEAD') response.end()
    else await pipeline(handle.createReadStream({ autoClose: false }), response)
  } finally {
    await handle.close()
  }
}

/** The file that a request target names, or undefined when that is no file below `dir`. */
function fileOf(dir: string, target: string): string | undefined {
  try {
    const path = decodeURIComponent(target.replace(/[?#].*$/, ''))
    const file = join(dir, path)
    return path.includes('\0') || !file.startsWith(`${dir}${sep}`) ? undefined : file
  } catch {
    return undefined
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`)
}
