import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeSpec } from '@pkgcache/core'
import {
  connectThrough,
  leftOut,
  type Sshd,
  sshdAvailable,
  startSshd,
  transportContext,
} from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import ssh, { type SshOptions } from '../src/index.ts'
import { lookUpHost } from '../src/known-hosts.ts'

const SUITE = 'transport-ssh checking host keys of real OpenSSH'

describe.skipIf(leftOut(SUITE, sshdAvailable()))(SUITE, () => {
  let sshd: Sshd
  let folder: string
  let other: { private: string; public: string }

  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] })
  })
  afterAll(() => sshd.stop())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pkgcache-host-key-'))
    other = await newKey('ed25519', 'other')
    // Nothing of the machine's own configuration counts here.
    vi.stubEnv('HOME', folder)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })

  const newKey = async (type: string, called: string) => {
    const file = join(folder, called)
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', file])
    return { private: file, public: (await readFile(`${file}.pub`, 'utf8')).trim() }
  }
  const connect = async (changes: Partial<NodeSpec> = {}, options: SshOptions = {}) => {
    const { host, port, user, identityFile, knownHosts, root } = sshd
    const node = { name: 'n1', host, port, user, identityFile, knownHosts, root, sudo: false, ...changes }
    const session = await connectThrough(ssh(options), node, transportContext())
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
  const shownBy = (type: string) => shown(join(sshd.folder, `host_${type}.pub`))

  it.each(['ed25519', 'ecdsa', 'rsa'])(
    'takes a known %s key, whichever else the server has',
    async (type) => {
      expect(await connect(await withKnownHosts(`${name()} ${await hostKey(type)}`))).toBe(true)
    },
  )

  it('takes a key under a hashed name, and under the name without the port', async () => {
    const known = await withKnownHosts(`${name()} ${await hostKey('ed25519')}`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', known.knownHosts], { stdio: 'ignore' })
    expect(await readFile(known.knownHosts, 'utf8')).not.toContain('127.0.0.1')
    expect(await connect(known)).toBe(true)
    expect(await connect(await withKnownHosts(`127.0.0.1 ${await hostKey('ed25519')}`))).toBe(true)
  })

  it('refuses an unknown key with its fingerprint and the step that records it', async () => {
    const known = await withKnownHosts(`[127.0.0.1]:1 ${await hostKey('ed25519')}`)
    await expect(connect(known)).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: `127.0.0.1:${sshd.port} shows the host key ssh-ed25519 ${shownBy('ed25519')}, which is not in ${known.knownHosts}`,
      hint: expect.stringContaining(`ssh-keyscan -p ${sshd.port} '127.0.0.1' >> '${known.knownHosts}'`),
    })
  })

  it('is reached after the step that the hint names, also with quotes in the name of the file', async () => {
    const knownHosts = join(folder, "it's $HOME known")
    const error = await connect({ knownHosts }).catch((thrown: { hint: string }) => thrown)
    const [, command = ''] = /record it: (.*)$/.exec((error as { hint: string }).hint) ?? []
    execFileSync('sh', ['-c', command], { stdio: 'ignore' })
    expect(await connect({ knownHosts })).toBe(true)
  })

  it('refuses a node without a known_hosts file, or with one that cannot be read', async () => {
    await expect(connect({ knownHosts: join(folder, 'none') })).rejects.toMatchObject({ code: 'E_HOST_KEY' })
    await expect(connect({ knownHosts: folder })).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: `the known hosts in ${folder} cannot be read`,
    })
  })

  it('refuses a changed key with both fingerprints, and the hint leads out of it', async () => {
    const known = await withKnownHosts(`${name()} ${other.public}`)
    const before = await readFile(known.knownHosts, 'utf8')
    for (const hostKeys of ['strict', 'accept-new'] as const) {
      await expect(connect({ ...known, hostKeys })).rejects.toMatchObject({
        code: 'E_HOST_KEY_CHANGED',
        message: `127.0.0.1:${sshd.port} shows the host key ssh-ed25519 ${shownBy('ed25519')}, but ${known.knownHosts} has ssh-ed25519 ${shown(other.private)} for it`,
        hint: expect.stringContaining(`ssh-keygen -R '${name()}' -f '${known.knownHosts}'`),
      })
    }
    expect(await readFile(known.knownHosts, 'utf8')).toBe(before)
    execFileSync('sh', ['-c', `ssh-keygen -R '${name()}' -f '${known.knownHosts}'`], { stdio: 'ignore' })
    await expect(connect(known)).rejects.toMatchObject({ code: 'E_HOST_KEY' })
  })

  it('refuses a key of another type than the known one, also with accept-new', async () => {
    const plain = await startSshd({ hostKeys: ['ed25519'] })
    try {
      const key = await newKey('ecdsa', 'ecdsa')
      const { port, identityFile } = plain
      const known = await withKnownHosts(`[127.0.0.1]:${port} ${key.public}`)
      for (const hostKeys of ['strict', 'accept-new'] as const) {
        await expect(connect({ port, identityFile, ...known, hostKeys })).rejects.toMatchObject({
          code: 'E_HOST_KEY_CHANGED',
          message: expect.stringContaining('only a key of another type is known'),
        })
      }
    } finally {
      await plain.stop()
    }
  })

  it('refuses a revoked key although it is known or could be accepted', async () => {
    const key = await hostKey('ed25519')
    for (const lines of [[`${name()} ${key}`, `@revoked * ${key}`], [`@revoked 127.0.0.1 ${key}`]]) {
      const known = await withKnownHosts(...lines)
      await expect(connect({ ...known, hostKeys: 'accept-new' })).rejects.toMatchObject({
        code: 'E_HOST_KEY_REVOKED',
        message: expect.stringContaining(`which ${known.knownHosts} revokes`),
      })
    }
  })

  it('says that host certificates are not supported when only they would do', async () => {
    const authority = `@cert-authority ${name()} ${other.public}`
    for (const hostKeys of ['strict', 'accept-new'] as const) {
      await expect(connect({ ...(await withKnownHosts(authority)), hostKeys })).rejects.toMatchObject({
        code: 'E_HOST_KEY',
        hint: expect.stringContaining('certificates are not supported'),
      })
    }
    expect(await connect(await withKnownHosts(authority, `${name()} ${await hostKey('ed25519')}`))).toBe(true)
  })

  describe('with accept-new', () => {
    const acceptNew = (knownHosts: string, options?: SshOptions) =>
      connect({ knownHosts, hostKeys: 'accept-new' }, options)

    it('records a new key, in a file and a folder of our own, and trusts only that from then on', async () => {
      const knownHosts = join(folder, '.ssh/known_hosts')
      expect(await acceptNew(knownHosts)).toBe(true)
      const key = (await hostKey('ed25519')).split(' ').slice(0, 2).join(' ')
      expect(await readFile(knownHosts, 'utf8')).toBe(`${name()} ${key}\n`)
      expect((await stat(knownHosts)).mode & 0o777).toBe(0o600)
      expect((await stat(join(folder, '.ssh'))).mode & 0o777).toBe(0o700)
      expect(await acceptNew(knownHosts)).toBe(true)
      expect(await readFile(knownHosts, 'utf8')).toBe(`${name()} ${key}\n`)
      expect(await connect({ knownHosts })).toBe(true)
    })

    it('starts a line of its own after a file that ends within one, and leaves its mode', async () => {
      const knownHosts = join(folder, 'known')
      await writeFile(knownHosts, `other ${other.public}`)
      await chmod(knownHosts, 0o644)
      await acceptNew(knownHosts)
      const text = await readFile(knownHosts, 'utf8')
      expect(text.split('\n')).toEqual([`other ${other.public}`, expect.stringContaining(name()), ''])
      expect((await stat(knownHosts)).mode & 0o777).toBe(0o644)
    })

    it('writes hashes where the SSH config says HashKnownHosts, which ssh-keygen finds', async () => {
      const knownHosts = join(folder, 'known')
      const sshConfig = join(folder, 'config')
      await writeFile(
        sshConfig,
        `HashKnownHosts yes\nUserKnownHostsFile ${knownHosts}\nStrictHostKeyChecking accept-new\n`,
      )
      const node = { knownHosts: undefined } as unknown as Partial<NodeSpec>
      expect(await connect(node, { sshConfig })).toBe(true)
      expect(await readFile(knownHosts, 'utf8')).toMatch(/^\|1\|\S+\|\S+ ssh-ed25519 \S+\n$/)
      expect(spawnSync('ssh-keygen', ['-F', name(), '-f', knownHosts]).status).toBe(0)
      expect(await connect(node, { sshConfig })).toBe(true)
    })

    it('records what an SSH config calls the host', async () => {
      const knownHosts = join(folder, 'known')
      const sshConfig = join(folder, 'config')
      await writeFile(
        sshConfig,
        `Host alias1\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  HostKeyAlias the-node\n`,
      )
      const node = { host: 'alias1', port: undefined, hostKeys: 'accept-new', knownHosts }
      expect(await connect(node as unknown as Partial<NodeSpec>, { sshConfig })).toBe(true)
      expect(lookUpHost(await readFile(knownHosts, 'utf8'), 'the-node', 22).keys).toHaveLength(1)
    })

    it('keeps every line whole when many nodes are new at once', async () => {
      const knownHosts = join(folder, 'known')
      await writeFile(knownHosts, `other ${other.public}`)
      const hosts = ['127.0.0.1', '127.1', '127.0.1', 'localhost', '0.0.0.0', '0', '2130706433', '127.0.0.01']
      const usable = await Promise.all(
        hosts.map((host) =>
          connect({ host, knownHosts, hostKeys: 'accept-new' }).then(
            () => host,
            () => undefined,
          ),
        ),
      )
      const reached = usable.filter((host) => host !== undefined)
      expect(reached.length).toBeGreaterThan(3)
      const text = await readFile(knownHosts, 'utf8')
      for (const host of reached) expect(lookUpHost(text, host, sshd.port).keys, host).toHaveLength(1)
      const lines = text.split('\n').filter((line) => line !== '')
      expect(lines).toHaveLength(reached.length + 1)
      expect(lines.every((line) => line.split(' ').length >= 3)).toBe(true)
    })

    it('refuses a node whose key cannot be recorded', async () => {
      const knownHosts = join(folder, 'file/known')
      await writeFile(join(folder, 'file'), '')
      await expect(acceptNew(knownHosts)).rejects.toMatchObject({ code: 'E_HOST_KEY' })
      await mkdir(join(folder, 'ro'))
      const sshConfig = join(folder, 'config')
      await writeFile(sshConfig, 'UserKnownHostsFile none\nStrictHostKeyChecking accept-new\n')
      const node = { knownHosts: undefined } as unknown as Partial<NodeSpec>
      await expect(connect(node, { sshConfig })).rejects.toMatchObject({
        code: 'E_HOST_KEY',
        message: expect.stringContaining('not in any known_hosts file'),
      })
    })
  })

  it('honours HostKeyAlgorithms, several known_hosts files and StrictHostKeyChecking no as strict', async () => {
    const sshConfig = join(folder, 'config')
    const [one, two] = [join(folder, 'one'), join(folder, 'two')]
    await writeFile(one, `elsewhere ${other.public}\n`)
    await writeFile(two, `${name()} ${await hostKey('rsa')}\n`)
    const node = { knownHosts: undefined } as unknown as Partial<NodeSpec>
    const config = (...lines: string[]) => writeFile(sshConfig, `${lines.join('\n')}\n`)
    await config(`UserKnownHostsFile ${one} ${two}`, 'StrictHostKeyChecking no')
    expect(await connect(node, { sshConfig })).toBe(true)
    await config(`UserKnownHostsFile ${one} ${two}`, 'HostKeyAlgorithms ssh-ed25519')
    await expect(connect(node, { sshConfig })).rejects.toMatchObject({ code: 'E_HOST_KEY_CHANGED' })
    await config(`UserKnownHostsFile ${one}`, 'StrictHostKeyChecking no')
    await expect(connect(node, { sshConfig })).rejects.toMatchObject({ code: 'E_HOST_KEY' })
    await config('HostKeyAlgorithms ssh-dss')
    await expect(connect(node, { sshConfig })).rejects.toMatchObject({ code: 'E_SSH_CONFIG' })
  })
})
