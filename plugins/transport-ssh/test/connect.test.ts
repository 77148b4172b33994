import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
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
  const hostKey = async (type: string) =>
    (await readFile(join(sshd.folder, `host_${type}.pub`), 'utf8')).trim()
  const name = () => `[127.0.0.1]:${sshd.port}`
  const withKnownHosts = async (...lines: string[]) => {
    const knownHosts = join(folder, 'known_hosts')
    await writeFile(knownHosts, `${lines.join('\n')}\n`)
    return { knownHosts }
  }
  const shown = (file: string) =>
    execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')[1] ?? ''

  it.each(['ed25519', 'ecdsa'])('takes a known %s key, whichever else the server has', async (type) => {
    expect(await connect(await withKnownHosts(`${name()} ${await hostKey(type)}`))).toBe(true)
  })

  it('takes a key under a hashed name', async () => {
    const known = await withKnownHosts(`${name()} ${await hostKey('ed25519')}`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', known.knownHosts], { stdio: 'ignore' })
    expect(await readFile(known.knownHosts, 'utf8')).not.toContain('127.0.0.1')
    expect(await connect(known)).toBe(true)
  })

  it('refuses an unknown key with its fingerprint and the step that records it', async () => {
    const known = await withKnownHosts(`[127.0.0.1]:1 ${await hostKey('ed25519')}`)
    await expect(connect(known)).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: expect.stringContaining(shown(join(sshd.folder, 'host_ed25519.pub'))),
      hint: expect.stringContaining(`ssh-keyscan -p ${sshd.port} '127.0.0.1' >> '${known.knownHosts}'`),
    })
  })

  it('refuses a node without a known_hosts file', async () => {
    await expect(connect({ knownHosts: join(folder, 'none') })).rejects.toMatchObject({ code: 'E_HOST_KEY' })
    await expect(connect({ knownHosts: folder })).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: expect.stringContaining('cannot be read'),
    })
  })

  it('refuses a changed key with both fingerprints', async () => {
    const refusal = connect(await withKnownHosts(`${name()} ${other.public}`))
    await expect(refusal).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: expect.stringContaining(shown(join(sshd.folder, 'host_ed25519.pub'))),
    })
    await expect(refusal).rejects.toMatchObject({ message: expect.stringContaining(shown(other.private)) })
  })

  it('refuses a revoked key although it is known', async () => {
    const key = await hostKey('ed25519')
    await expect(
      connect(await withKnownHosts(`${name()} ${key}`, `@revoked * ${key}`)),
    ).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: expect.stringContaining('revokes'),
    })
  })

  it('says that host certificates are not supported when only they would do', async () => {
    const authority = `@cert-authority ${name()} ${other.public}`
    await expect(connect(await withKnownHosts(authority))).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      hint: expect.stringContaining('certificates are not supported'),
    })
    expect(await connect(await withKnownHosts(authority, `${name()} ${await hostKey('ed25519')}`))).toBe(true)
  })

  it('refuses key files that cannot be used before it connects', async () => {
    const encrypted = join(folder, 'encrypted')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', encrypted])
    await writeFile(join(folder, 'garbage'), 'not a key')
    const cases: [file: string, why: string][] = [
      [join(folder, 'none'), 'does not exist'],
      [folder, 'cannot be read'],
      [join(folder, 'garbage'), 'is not a private key'],
      [`${other.private}.pub`, 'is a public key'],
      [encrypted, 'is encrypted'],
    ]
    const nobody = await freePort()
    for (const [identityFile, why] of cases) {
      await expect(connect({ identityFile, port: nobody })).rejects.toMatchObject({
        code: 'E_IDENTITY',
        message: expect.stringMatching(new RegExp(`${identityFile} ${why}`)),
      })
    }
  })

  it('says E_NODE_AUTH for a key or a user the node does not know', async () => {
    await expect(connect({ identityFile: other.private })).rejects.toMatchObject({ code: 'E_NODE_AUTH' })
    await expect(connect({ user: 'no-such-user' })).rejects.toMatchObject({
      code: 'E_NODE_AUTH',
      message: expect.stringContaining('no-such-user'),
    })
  })

  describe('without identityFile', () => {
    const nameless = async () => {
      const { host, port, user, knownHosts, root } = sshd
      const node = { name: 'n1', host, port, user, knownHosts, root, sudo: false }
      const session = await connectThrough(ssh(), node)
      await session?.close()
    }
    beforeEach(async () => {
      vi.stubEnv('HOME', folder)
      vi.stubEnv('SSH_AUTH_SOCK', '')
      execFileSync('mkdir', [join(folder, '.ssh')])
    })
    afterEach(() => vi.unstubAllEnvs())

    it('says E_IDENTITY when there is no key at all', async () => {
      await expect(nameless()).rejects.toMatchObject({ code: 'E_IDENTITY' })
    })

    it('uses a default key file, also when the agent does not answer', async () => {
      await writeFile(join(folder, '.ssh/id_ed25519'), await readFile(sshd.identityFile), { mode: 0o600 })
      await nameless()
      vi.stubEnv('SSH_AUTH_SOCK', join(folder, 'no-agent'))
      await nameless()
    })

    it('uses a real agent', async () => {
      const socket = join(folder, 'agent')
      const started = execFileSync('ssh-agent', ['-a', socket, '-s'], { encoding: 'utf8' })
      try {
        vi.stubEnv('SSH_AUTH_SOCK', socket)
        await expect(nameless()).rejects.toMatchObject({ code: 'E_NODE_AUTH' })
        execFileSync('ssh-add', ['-q', sshd.identityFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
        await nameless()
      } finally {
        process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]))
      }
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
