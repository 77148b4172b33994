import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeSpec } from '@pkgcache/core'
import {
  connectThrough,
  freePort,
  leftOut,
  type Sshd,
  sshdAvailable,
  startSshd,
  transportContext,
} from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { connect as connectDirectly } from '../src/connect.ts'
import ssh from '../src/index.ts'
import { SshRun } from '../src/ssh-run.ts'

const SUITE = 'transport-ssh connecting to real OpenSSH'

describe.skipIf(leftOut(SUITE, sshdAvailable()))(SUITE, () => {
  let sshd: Sshd
  let folder: string
  let other: { private: string; public: string }

  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa'] })
  })
  afterAll(() => sshd.stop())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pkgcache-connect-'))
    const file = join(folder, 'other')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file])
    other = { private: file, public: (await readFile(`${file}.pub`, 'utf8')).trim() }
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const connect = async (changes: Partial<NodeSpec> = {}, options = {}, signal?: AbortSignal) => {
    const { host, port, user, identityFile, knownHosts, root } = sshd
    const node = { name: 'n1', host, port, user, identityFile, knownHosts, root, sudo: false, ...changes }
    const session = await connectThrough(ssh(options), node, transportContext(signal))
    await session?.close()
    return session !== undefined
  }

  it('says E_NODE_AUTH for a key or a user the node does not know', async () => {
    await expect(connect({ identityFile: other.private })).rejects.toMatchObject({ code: 'E_NODE_AUTH' })
    await expect(connect({ user: 'no-such-user' })).rejects.toMatchObject({
      code: 'E_NODE_AUTH',
      message: expect.stringContaining('no-such-user'),
    })
  })

  it('says E_NODE_UNREACHABLE when nobody listens or the name is unknown', async () => {
    await expect(connect({ port: await freePort() })).rejects.toMatchObject({
      code: 'E_NODE_UNREACHABLE',
      retryable: true,
    })
    await expect(connect({ host: 'no-such-host.invalid' })).rejects.toMatchObject({
      code: 'E_NODE_UNREACHABLE',
    })
  })

  it('says E_NODE_TIMEOUT when nothing answers, and ends when the run is cancelled', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    try {
      await expect(connect({ port }, { connectTimeout: 200 })).rejects.toMatchObject({
        code: 'E_NODE_TIMEOUT',
      })
      await expect(connect({ port }, {}, AbortSignal.timeout(100))).rejects.toMatchObject({
        code: 'E_ABORTED',
      })
      await expect(connect({ port }, {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'E_ABORTED' })
    } finally {
      silent.close()
    }
  })

  it('takes the time limit from the SSH config, where the options name none', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    const sshConfig = join(folder, 'config')
    await writeFile(sshConfig, 'ConnectTimeout 1\n')
    try {
      await expect(connect({ port }, { sshConfig })).rejects.toMatchObject({ code: 'E_NODE_TIMEOUT' })
    } finally {
      silent.close()
    }
  })

  it('says that trying again may help where sshd closes before the handshake (MaxStartups)', async () => {
    const busy = await startSshd({ config: ['MaxStartups 1'] })
    let waiting = createConnection(busy.port, busy.host)
    try {
      // The first may come while the kit's own look at the port still counts.
      await vi.waitFor(async () => {
        waiting.destroy()
        waiting = createConnection(busy.port, busy.host)
        const [banner] = await once(waiting, 'data')
        expect(String(banner)).toMatch(/^SSH-2.0-/)
      }, 15_000)
      const { port, identityFile, knownHosts } = busy
      await expect(connect({ port, identityFile, knownHosts })).rejects.toMatchObject({
        code: 'E_NODE_UNREACHABLE',
        retryable: true,
        hint: expect.stringContaining('MaxStartups'),
      })
      waiting.destroy()
      await vi.waitFor(
        async () => expect(await connect({ port, identityFile, knownHosts })).toBe(true),
        15_000,
      )
    } finally {
      waiting.destroy()
      await busy.stop()
    }
  })

  const strangers: [title: string, says: string, code: string][] = [
    ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'E_NODE_UNREACHABLE'],
    ['closes at once', '', 'E_NODE_UNREACHABLE'],
    ['shares no algorithm', 'SSH-2.0-old\r\n', 'E_NODE_UNREACHABLE'],
    ['speaks SSH 1', 'SSH-1.5-old\r\n', 'E_NODE_UNREACHABLE'],
  ]
  it.each(strangers)('is not confused by a server that %s', async (_title, says, code) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end(says)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    try {
      await expect(connect({ port })).rejects.toMatchObject({ code, retryable: true })
    } finally {
      server.close()
    }
  })

  it('says E_NODE where there is no algorithm that both have', async () => {
    const old = await startSshd({ config: ['Ciphers 3des-cbc'] })
    try {
      const { port, identityFile, knownHosts } = old
      await expect(connect({ port, identityFile, knownHosts })).rejects.toMatchObject({
        code: 'E_NODE',
        message: expect.stringContaining('shares no SSH algorithm'),
        retryable: false,
      })
    } finally {
      await old.stop()
    }
  })

  it('finds out that a node hangs by asking it now and then', async () => {
    const frozen = await startSshd()
    try {
      const { host, port, user, identityFile, knownHosts, root } = frozen
      const sshConfig = join(folder, 'config')
      await writeFile(sshConfig, 'ServerAliveInterval 1\nServerAliveCountMax 1\n')
      const node = { name: 'n1', host, port, user, identityFile, knownHosts, root, sudo: false }
      const { client } = await connectDirectly(node, new SshRun(transportContext(), { sshConfig }))
      const failed = once(client, 'error')
      const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
      frozen.freeze()
      expect(await failed).toEqual([expect.objectContaining({ message: 'Keepalive timeout' })])
      await closed
    } finally {
      frozen.thaw()
      await frozen.stop()
    }
  })
})
