import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
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
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import ssh from '../src/index.ts'

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
})
