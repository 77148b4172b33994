import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startUpstream, type Upstream } from './upstream.ts'

let root: string
let upstream: Upstream

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pkgcache-upstream-'))
  await mkdir(join(root, 'served/host'), { recursive: true })
  await writeFile(join(root, 'served/host/a b.txt'), 'hello')
  await writeFile(join(root, 'secret'), 'outside')
  await mkdir(join(root, 'served-too'))
  await writeFile(join(root, 'served-too/x'), 'outside')
  upstream = await startUpstream(join(root, 'served'))
})
afterAll(async () => {
  await upstream.close()
  await rm(root, { recursive: true })
})
beforeEach(() => {
  upstream.requests.length = 0
})

/** Sends the path as it is: no client in between tidies it. */
function ask(
  path: string,
  method = 'GET',
): Promise<{ status?: number; headers: NodeJS.Dict<unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(upstream.url, { method, path }, async (response) => {
      const body = Buffer.concat(await response.toArray()).toString()
      resolve({
        ...(response.statusCode && { status: response.statusCode }),
        headers: response.headers,
        body,
      })
    })
    asked.on('error', reject).end()
  })
}

it('serves files with length, validator and date', async () => {
  const answer = await ask('/host/a%20b.txt?x=1')
  expect(answer).toMatchObject({ status: 200, body: 'hello', headers: { 'content-length': '5' } })
  expect(answer.headers.etag).toMatch(/^"5-[0-9a-f]+"$/)
  expect(Date.parse(String(answer.headers['last-modified']))).not.toBeNaN()
  expect(await ask('/host/a%20b.txt', 'HEAD')).toMatchObject({
    status: 200,
    body: '',
    headers: { 'content-length': '5' },
  })
  expect(upstream.requests).toEqual(['GET /host/a%20b.txt?x=1', 'HEAD /host/a%20b.txt'])
})

it.each([
  '/',
  '/host',
  '/host/none',
  '/host/a%20b.txt/x',
  '/../secret',
  '/%2e%2e/secret',
  '/..%2fsecret',
  '/../served-too/x',
  '/host/%00',
  '/%zz',
])('answers 404 to %s', async (path) => {
  expect((await ask(path)).status).toBe(404)
})

it('answers 405 to a POST', async () => {
  expect((await ask('/host/a%20b.txt', 'POST')).status).toBe(405)
})

it('closes although a client holds a connection', async () => {
  const short = await startUpstream(join(root, 'served'))
  const socket = connect(Number(new URL(short.url).port), '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  const gone = new Promise((resolve) => socket.once('close', resolve))
  socket.resume().on('error', () => {})
  await short.close()
  await gone
  await expect(new Promise((_, reject) => get(short.url).once('error', reject))).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  })
})
