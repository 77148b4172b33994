// static-server.mjs DIR PORT: serves DIR on 127.0.0.1, for machines without nginx.
import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, normalize } from 'node:path'

const [dir = '', port] = process.argv.slice(2)

createServer((request, response) => {
  const file = join(
    dir,
    normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)),
  )
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found?.isFile()) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, { 'content-length': found.size, 'content-type': 'application/octet-stream' })
  if (request.method === 'HEAD') response.end()
  else createReadStream(file, { highWaterMark: 1 << 20 }).pipe(response)
}).listen(Number(port), '127.0.0.1')
