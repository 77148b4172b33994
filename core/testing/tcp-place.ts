import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { NetworkHost } from './network.ts'

/** Where a proxy listens and connects from. */
export interface TcpPlace {
  readonly address: string
  /** @param port 0: any */
  listen(port: number): Promise<Server>
  connect(port: number, host: string): Promise<Socket>
  end(): Promise<void>
}

/** This machine's loopback, or a host of a test network. */
export function tcpPlace(inside: NetworkHost | undefined): TcpPlace {
  return inside === undefined ? here() : within(inside)
}

function here(): TcpPlace {
  return {
    address: '127.0.0.1',
    listen: (port) => listening(createServer({ allowHalfOpen: true }), port, '127.0.0.1'),
    async connect(port, host) {
      const socket = connect({ port, host, allowHalfOpen: true })
      await once(socket, 'connect')
      return socket
    },
    end: async () => undefined,
  }
}

async function listening(server: Server, port: number, host: string): Promise<Server> {
  server.listen(port, host)
  await once(server, 'listening')
  return server
}

/** Opens sockets in its own network and hands them over: a socket stays in the network it was made in. */
const HELPER = `
const net = require('node:net')
process.on('message', ({ id, kind, port, host }) => {
  const failed = (error) => process.send({ id, error: error.message })
  if (kind === 'connect') {
    const socket = net.connect({ port, host, allowHalfOpen: true })
    socket.once('error', failed)
    socket.once('connect', () => process.send({ id }, socket))
  } else {
    const server = net.createServer((early) => early.resetAndDestroy())
    server.once('error', failed)
    server.listen(port, host, () => process.send({ id }, server, () => server.close()))
  }
})
process.on('disconnect', () => process.exit())
`

interface Reply {
  readonly id: number
  readonly error?: string
}

function within(inside: NetworkHost): TcpPlace {
  const [enter, ...rest] = inside.enter
  const child = spawn(enter, [...rest, process.execPath, '-e', HELPER], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  let asked = 0
  const ask = <T>(kind: 'connect' | 'listen', port: number, host: string) => {
    const id = ++asked
    const answer = answerOf<T>(child, id)
    child.send({ id, kind, port, host })
    return answer
  }
  return {
    address: inside.address,
    listen: (port) => ask<Server>('listen', port, inside.address),
    connect: (port, host) => ask<Socket>('connect', port, host),
    async end() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

function answerOf<T>(child: ChildProcess, id: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (reply: Reply, handle: unknown) => {
      if (reply.id !== id) return
      child.off('message', onMessage)
      if (reply.error === undefined) resolve(handle as T)
      else reject(new Error(reply.error))
    }
    child.on('message', onMessage)
    child.once('exit', () => reject(new Error('the helper in the network ended')))
  })
}
