import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTcpProxy, type TcpProxy, type TcpProxyOptions } from '../../testing/tcp-proxy.ts'

const CONTENT = randomBytes(3_000_000)
const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex')

/** Takes everything, and answers its digest at the end; before that, as many bytes as the first line asks for. */
function collect(socket: Socket): void {
  const pieces: Buffer[] = []
  socket.on('error', () => undefined)
  socket.on('data', (data: Buffer) => {
    const asked = pieces.length === 0 && /^get (\d+)\n$/.exec(data.toString('latin1'))?.[1]
    if (asked) socket.write(CONTENT.subarray(0, Number(asked)))
    else pieces.push(data)
  })
  socket.on('end', () => socket.end(digest(Buffer.concat(pieces))))
}

describe('a TCP proxy of the test kit', () => {
  let server: Server
  let taken: Socket[]
  const proxies: TcpProxy[] = []

  beforeEach(async () => {
    taken = []
    server = createServer({ allowHalfOpen: true }, (socket) => {
      taken.push(socket)
      collect(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close()
    for (const socket of taken) socket.destroy()
    server.close()
  })

  const proxyWith = async (options: Partial<TcpProxyOptions> = {}) => {
    const { port } = server.address() as AddressInfo
    const proxy = await startTcpProxy({ host: '127.0.0.1', port, ...options })
    proxies.push(proxy)
    return proxy
  }
  const client = async (proxy: TcpProxy) => {
    const socket = connect({ port: proxy.port, host: proxy.host, allowHalfOpen: true })
    await once(socket, 'connect')
    return socket
  }
  /** What comes back, and how it ends: `end`, or the error's code. */
  const readAll = (socket: Socket): Promise<{ text: string; bytes: number; end: string }> => {
    const pieces: Buffer[] = []
    socket.on('data', (data: Buffer) => pieces.push(data))
    const got = (end: string) => {
      const all = Buffer.concat(pieces)
      return { text: all.toString('latin1'), bytes: all.length, end }
    }
    return new Promise((resolve) => {
      socket.once('end', () => resolve(got('end')))
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(got(error.code ?? 'error')))
    })
  }
  const send = async (proxy: TcpProxy, content: Buffer) => {
    const socket = await client(proxy)
    const answer = readAll(socket)
    socket.end(content)
    return answer
  }

  it.each([
    ['as they are', {}],
    ['late, in order, to the last byte', { delay: 50 }],
    ['at a rate', { rate: 20_000_000 }],
    ['late and at a rate', { delay: 50, rate: 20_000_000 }],
  ])('passes bytes on %s, and counts them', async (_, options) => {
    const proxy = await proxyWith(options)
    expect(await send(proxy, CONTENT)).toEqual({ text: digest(CONTENT), bytes: 64, end: 'end' })
    expect([proxy.sent, proxy.received, proxy.connections]).toEqual([CONTENT.length, 64, 1])
  })

  it('keeps what a line carries at once when it is late: 12 MB take one delay each way, not one per piece', async () => {
    const proxy = await proxyWith({ delay: 50 })
    const content = Buffer.concat([CONTENT, CONTENT, CONTENT, CONTENT])
    const begun = performance.now()
    expect((await send(proxy, content)).text).toBe(digest(content))
    const ms = performance.now() - begun
    expect(ms).toBeGreaterThanOrEqual(99)
    // one delay for each of the pieces of 64 KiB would be 9 s
    expect(ms).toBeLessThan(4500)
  })

  it('holds all connections together to its rate', async () => {
    const proxy = await proxyWith({ rate: 6_000_000 })
    const begun = performance.now()
    await Promise.all([send(proxy, CONTENT), send(proxy, CONTENT)])
    expect(performance.now() - begun).toBeGreaterThan(950)
  })

  it('cuts when so many bytes came from clients, as often as asked', async () => {
    const proxy = await proxyWith({ cutAfter: 1_000_000, cuts: 1 })
    expect((await send(proxy, CONTENT)).end).toMatch(/ECONNRESET|EPIPE/)
    expect([proxy.sent, proxy.cuts]).toEqual([1_000_000, 1])
    expect((await send(proxy, CONTENT)).text).toBe(digest(CONTENT))
    const always = await proxyWith({ cutAfter: 1_000_000 })
    await send(always, CONTENT)
    expect((await send(always, Buffer.from('x'))).end).toMatch(/ECONNRESET|EPIPE/)
    expect(always.cuts).toBe(2)
  })

  it('cuts at byte 0, when the server has sent so many bytes, and when it is told to', async () => {
    const first = await proxyWith({ cutAfter: 0 })
    expect((await send(first, CONTENT)).end).toMatch(/ECONNRESET|EPIPE/)
    expect([first.sent, first.cuts, taken.length]).toEqual([0, 1, 0])
    const second = await proxyWith({ cutAfterReceived: 500_000 })
    const socket = await client(second)
    const answer = readAll(socket)
    socket.write('get 900000\n')
    // a reset behind bytes that were not read yet looks like an end to libuv
    expect((await answer).bytes).toBeLessThanOrEqual(500_000)
    expect([second.received, second.cuts]).toEqual([500_000, 1])
    let now = false
    const third = await proxyWith({ cutWhen: () => now, cuts: 1 })
    expect((await send(third, CONTENT)).text).toBe(digest(CONTENT))
    const sent = third.sent
    now = true
    expect((await send(third, CONTENT)).end).toMatch(/ECONNRESET|EPIPE/)
    expect([third.sent - sent, third.cuts]).toEqual([0, 1])
  })

  it('lets nobody in for a while after a cut', async () => {
    const proxy = await proxyWith({ cutAfter: 10, cuts: 1, downFor: 300 })
    const { port } = proxy
    expect((await send(proxy, CONTENT)).end).toMatch(/ECONNRESET|EPIPE/)
    await expect.poll(() => client(proxy).catch((error) => error.code)).toBe('ECONNREFUSED')
    await sleep(500)
    expect((await send(proxy, CONTENT)).text).toBe(digest(CONTENT))
    expect(proxy.port).toBe(port)
  })

  it('swallows everything for a while, and closes nothing', async () => {
    const proxy = await proxyWith()
    const socket = await client(proxy)
    const answer = readAll(socket)
    socket.write(CONTENT.subarray(0, 1000))
    await expect.poll(() => proxy.sent).toBe(1000)
    proxy.blackHole(400)
    socket.end(CONTENT.subarray(1000))
    await sleep(200)
    expect(proxy.sent).toBe(1000)
    expect((await answer).text).toBe(digest(CONTENT))
  })

  it('stalls for good, without closing', async () => {
    const proxy = await proxyWith({ stallAfter: 1_000_000 })
    let ended = false
    void send(proxy, CONTENT).then(() => {
      ended = true
    })
    await expect.poll(() => proxy.sent).toBe(1_000_000)
    await sleep(200)
    expect([proxy.sent, ended]).toEqual([1_000_000, false])
  })

  it('resets the server when the client is reset', async () => {
    const proxy = await proxyWith()
    const socket = await client(proxy)
    socket.write('x')
    await expect.poll(() => taken.length).toBe(1)
    const failed = new Promise((resolve) => taken[0]?.once('error', resolve))
    socket.resetAndDestroy()
    expect(await failed).toMatchObject({ code: 'ECONNRESET' })
  })
})
