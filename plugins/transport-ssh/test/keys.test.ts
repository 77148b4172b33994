import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeSpec, PkgcacheError, PluginContext } from '@pkgcache/core'
import { leftOut, type Sshd, sshdAvailable, startSshd, transportContext } from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Connection, connect } from '../src/connect.ts'
import type { SshOptions } from '../src/options.ts'
import { SshRun } from '../src/ssh-run.ts'

const SUITE = 'transport-ssh logging in to real OpenSSH'

describe.skipIf(leftOut(SUITE, sshdAvailable()))(SUITE, () => {
  let sshd: Sshd
  let folder: string
  let agents: number[]

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.stop())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pkgcache-keys-'))
    agents = []
    vi.stubEnv('HOME', folder)
    vi.stubEnv('SSH_AUTH_SOCK', '')
    vi.stubEnv('PKGCACHE_SSH_PASSPHRASE', '')
    await mkdir(join(folder, '.ssh'), { mode: 0o700 })
  })
  afterEach(async () => {
    for (const pid of agents) process.kill(pid)
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })

  /** A fresh key pair; the node knows it unless told otherwise. */
  const newKey = async (name: string, options: readonly string[] = [], known = true) => {
    const file = join(folder, name)
    const passphrase = options.includes('-N') ? [] : ['-N', '']
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-C', name, ...passphrase, ...options, '-f', file])
    if (known) await appendFile(join(sshd.folder, 'authorized_keys'), await readFile(`${file}.pub`))
    return file
  }
  const shown = (file: string) =>
    execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? ''
  const fingerprint = (connection: Connection) =>
    `SHA256:${createHash('sha256').update(connection.identity.key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`
  const startAgent = (...keys: string[]) => {
    const socket = join(folder, `agent-${agents.length}`)
    const started = execFileSync('ssh-agent', ['-a', socket, '-s'], { encoding: 'utf8' })
    agents.push(Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]))
    if (keys.length > 0) addTo(socket, ...keys)
    return socket
  }
  const addTo = (socket: string, ...keys: string[]) =>
    execFileSync('ssh-add', ['-q', ...keys], {
      env: {
        ...process.env,
        SSH_AUTH_SOCK: socket,
        SSH_ASKPASS: join(folder, 'askpass'),
        SSH_ASKPASS_REQUIRE: 'force',
      },
      stdio: 'ignore',
    })
  const askpass = (answer: string) =>
    writeFile(join(folder, 'askpass'), `#!/bin/sh\necho '${answer}'\n`, { mode: 0o700 })

  const nodeWith = (changes: Partial<NodeSpec> = {}) => {
    const { host, port, user, knownHosts, root } = sshd
    return { name: 'n1', host, port, user, knownHosts, root, sudo: false, ...changes }
  }
  const logIn = async (
    changes: Partial<NodeSpec> = {},
    ctx: PluginContext = transportContext(),
    options: SshOptions = {},
  ) => {
    const connection = await connect(nodeWith(changes), new SshRun(ctx, options))
    connection.destroy()
    return connection
  }
  /** A context with somebody to ask, who says `answer`; what was asked, and what was told to be secret. */
  const asked = (answer: string | undefined) => {
    const questions: string[] = []
    const secrets: string[] = []
    const ctx: PluginContext = {
      ...transportContext(),
      secret: (text) => void secrets.push(text),
      askSecret: async (question) => {
        questions.push(question)
        await new Promise((resolve) => setTimeout(resolve, 20))
        return answer
      },
    }
    return { ctx, questions, secrets }
  }

  const kinds: [title: string, options: string[]][] = [
    ['ed25519', ['-t', 'ed25519']],
    ['ecdsa 256', ['-t', 'ecdsa', '-b', '256']],
    ['ecdsa 384', ['-t', 'ecdsa', '-b', '384']],
    ['ecdsa 521', ['-t', 'ecdsa', '-b', '521']],
    ['rsa', ['-t', 'rsa', '-b', '2048']],
    ['rsa, PEM', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
    ['ecdsa 256, PEM', ['-t', 'ecdsa', '-b', '256', '-m', 'PEM']],
    ['ecdsa 521, PEM', ['-t', 'ecdsa', '-b', '521', '-m', 'PEM']],
    ['rsa, PKCS#8', ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8']],
    ['ecdsa 384, PKCS#8', ['-t', 'ecdsa', '-b', '384', '-m', 'PKCS8']],
  ]
  it.each(kinds)('takes a key file: %s', async (_title, options) => {
    const identityFile = await newKey('key', options)
    const connection = await logIn({ identityFile })
    expect(fingerprint(connection)).toBe(shown(identityFile))
    expect(connection).toMatchObject({
      place: { host: '127.0.0.1', port: sshd.port, username: sshd.user },
      jumped: false,
    })
    expect(connection.identity.agent).toBeUndefined()
    expect(connection.identity.key.isPrivateKey()).toBe(true)
    const [, hostKey] = (await readFile(join(sshd.folder, 'host_ed25519.pub'), 'utf8')).split(' ')
    expect(connection.hostKey.toString('base64')).toBe(hostKey)
  })

  const locked = kinds.filter(([title]) => !/521|384$/.test(title))
  it.each(locked)(
    'takes an encrypted key file with the passphrase of the environment: %s',
    async (_t, options) => {
      const identityFile = await newKey('key', [...options, '-N', 'open sesame'])
      vi.stubEnv('PKGCACHE_SSH_PASSPHRASE', 'open sesame')
      const { ctx, questions, secrets } = asked('never asked')
      expect(fingerprint(await logIn({ identityFile }, ctx))).toBe(shown(identityFile))
      expect(questions).toEqual([])
      expect(secrets).toContain('open sesame')
      vi.stubEnv('PKGCACHE_SSH_PASSPHRASE', 'wrong one')
      await expect(logIn({ identityFile })).rejects.toMatchObject({
        code: 'E_PASSPHRASE',
        message: `the passphrase in PKGCACHE_SSH_PASSPHRASE does not open key file ${identityFile}`,
        hint: expect.stringContaining('correct PKGCACHE_SSH_PASSPHRASE'),
      })
    },
  )

  it('takes an encrypted PEM file without its .pub beside it', async () => {
    const identityFile = await newKey('key', ['-t', 'rsa', '-m', 'PEM', '-N', 'open sesame'])
    await rm(`${identityFile}.pub`)
    const { ctx, questions } = asked('open sesame')
    expect((await logIn({ identityFile }, ctx)).identity.key.type).toBe('ssh-rsa')
    expect(questions).toHaveLength(1)
  })

  describe('with a passphrase that somebody is asked for', () => {
    it('asks once for a file, when 8 nodes start at the same time and again later in the run', async () => {
      const identityFile = await newKey('key', ['-N', 'open sesame'])
      const { ctx, questions, secrets } = asked('open sesame')
      const run = new SshRun(ctx, {})
      const all = await Promise.all(
        Array.from({ length: 8 }, (_, index) => connect(nodeWith({ name: `n${index}`, identityFile }), run)),
      )
      all.push(await connect(nodeWith({ identityFile }), run))
      for (const connection of all) connection.destroy()
      expect(questions).toEqual([`Passphrase of the SSH key ${identityFile}`])
      expect(secrets).toEqual(['open sesame'])
    })

    it('asks for one file after the other', async () => {
      const files = [await newKey('one', ['-N', 'open sesame']), await newKey('two', ['-N', 'open sesame'])]
      let open = 0
      let most = 0
      const ctx: PluginContext = {
        ...transportContext(),
        askSecret: async () => {
          most = Math.max(most, ++open)
          await new Promise((resolve) => setTimeout(resolve, 20))
          open--
          return 'open sesame'
        },
      }
      const run = new SshRun(ctx, {})
      const all = await Promise.all(files.map((identityFile) => connect(nodeWith({ identityFile }), run)))
      for (const connection of all) connection.destroy()
      expect(most).toBe(1)
    })

    it('says E_PASSPHRASE for a wrong one and for nobody to ask, each with its hint', async () => {
      const identityFile = await newKey('key', ['-N', 'open sesame'])
      const wrong = asked('wrong one')
      const refusal = await logIn({ identityFile }, wrong.ctx).catch((error: PkgcacheError) => error)
      expect(refusal).toMatchObject({
        code: 'E_PASSPHRASE',
        message: `the passphrase given does not open key file ${identityFile}`,
        hint: expect.stringContaining('run again with the right one'),
      })
      expect(wrong.questions).toHaveLength(1)
      expect(JSON.stringify(refusal)).not.toContain('wrong one')
      await expect(logIn({ identityFile })).rejects.toMatchObject({
        code: 'E_PASSPHRASE',
        message: `key file ${identityFile} is encrypted, and nobody is there to ask`,
        hint: expect.stringContaining('set PKGCACHE_SSH_PASSPHRASE'),
      })
    })

    it('asks only for a key that the node would take, and goes on with others', async () => {
      const { ctx, questions } = asked(undefined)
      await newKey('.ssh/id_ed25519', ['-N', 'open sesame'], false)
      const good = await newKey('.ssh/id_rsa', ['-t', 'rsa'])
      expect(fingerprint(await logIn({}, ctx))).toBe(shown(good))
      expect(questions).toEqual([])
      const taken = await newKey('.ssh/id_ecdsa', ['-t', 'ecdsa', '-N', 'open sesame'])
      expect(fingerprint(await logIn({}, ctx))).toBe(shown(good))
      expect(questions).toEqual([`Passphrase of the SSH key ${taken}`])
    })

    it('ends when the run is cancelled meanwhile', async () => {
      const identityFile = await newKey('key', ['-N', 'open sesame'])
      const abort = new AbortController()
      const ctx: PluginContext = {
        ...transportContext(abort.signal),
        askSecret: () => {
          abort.abort()
          return new Promise(() => undefined)
        },
      }
      await expect(logIn({ identityFile }, ctx)).rejects.toMatchObject({ code: 'E_ABORTED' })
    })
  })

  describe('with an agent', () => {
    it('says E_IDENTITY when it has no key, and uses one that is added', async () => {
      const socket = startAgent()
      vi.stubEnv('SSH_AUTH_SOCK', socket)
      await expect(logIn()).rejects.toMatchObject({
        code: 'E_IDENTITY',
        message: `there is no key to log in with: the agent at ${socket} has none that may be used`,
      })
      const key = await newKey('key')
      addTo(socket, key)
      const connection = await logIn()
      expect(fingerprint(connection)).toBe(shown(key))
      expect(connection.identity).toMatchObject({ agent: socket })
    })

    it.each(['ed25519', 'ecdsa', 'rsa'])('has it sign with a key of type %s', async (type) => {
      const key = await newKey('key', ['-t', type])
      vi.stubEnv('SSH_AUTH_SOCK', startAgent(await newKey('stranger', [], false), key))
      expect(fingerprint(await logIn())).toBe(shown(key))
    })

    it('uses the agent for an encrypted identityFile that is loaded, and none of its other keys', async () => {
      await askpass('open sesame')
      const identityFile = await newKey('key', ['-N', 'open sesame'])
      const socket = startAgent(await newKey('other'), identityFile)
      vi.stubEnv('SSH_AUTH_SOCK', socket)
      const { ctx, questions } = asked('never asked')
      const connection = await logIn({ identityFile }, ctx)
      expect([fingerprint(connection), connection.identity.agent, questions]).toEqual([
        shown(identityFile),
        socket,
        [],
      ])
      const stranger = await newKey('stranger', [], false)
      await expect(logIn({ identityFile: stranger })).rejects.toMatchObject({ code: 'E_NODE_AUTH' })
    })

    it('takes an identityFile of which only the public part is here', async () => {
      const identityFile = await newKey('key')
      vi.stubEnv('SSH_AUTH_SOCK', startAgent(identityFile))
      await rm(identityFile)
      expect(fingerprint(await logIn({ identityFile }))).toBe(shown(identityFile))
      expect(fingerprint(await logIn({ identityFile: `${identityFile}.pub` }))).toBe(shown(identityFile))
      vi.stubEnv('SSH_AUTH_SOCK', '')
      await expect(logIn({ identityFile })).rejects.toMatchObject({
        code: 'E_IDENTITY',
        message: `key file ${identityFile} does not exist, and no agent holds it`,
      })
    })

    it('goes on to key files when the socket is dead, not there, or silent', async () => {
      const key = await newKey('.ssh/id_ed25519')
      const silent = createServer(() => undefined)
      const paths = ['none', 'silent', 'noise'].map((name) => join(folder, name))
      const noise = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
      await new Promise<void>((resolve) => silent.listen(paths[1], resolve))
      await new Promise<void>((resolve) => noise.listen(paths[2], resolve))
      try {
        for (const path of paths) {
          vi.stubEnv('SSH_AUTH_SOCK', path)
          expect(fingerprint(await logIn())).toBe(shown(key))
        }
        await rm(key)
        await rm(`${key}.pub`)
        vi.stubEnv('SSH_AUTH_SOCK', paths[0])
        await expect(logIn()).rejects.toMatchObject({
          code: 'E_IDENTITY',
          message: `there is no key to log in with: the agent at ${paths[0]} does not answer`,
        })
      } finally {
        silent.close()
        noise.close()
      }
    })

    it('follows IdentityAgent, IdentityFile and IdentitiesOnly of the SSH config', async () => {
      const [one, two] = [await newKey('one'), await newKey('two')]
      const socket = startAgent(one, two)
      const sshConfig = join(folder, 'config')
      const by = async (...lines: string[]) => {
        await writeFile(sshConfig, `${lines.join('\n')}\n`)
        return fingerprint(await logIn({}, transportContext(), { sshConfig }))
      }
      expect(await by(`IdentityAgent ${socket}`)).toBe(shown(one))
      expect(await by(`IdentityAgent ${socket}`, `IdentityFile ${two}`)).toBe(shown(two))
      expect(await by(`IdentityFile ${join(folder, 'missing')}`, `IdentityFile ${two}`)).toBe(shown(two))
      expect(await by(`IdentityAgent ${socket}`, `IdentityFile ${two}.pub`, 'IdentitiesOnly yes')).toBe(
        shown(two),
      )
      await expect(by(`IdentityAgent ${socket}`, 'IdentitiesOnly yes')).rejects.toMatchObject({
        code: 'E_IDENTITY',
      })
      vi.stubEnv('SSH_AUTH_SOCK', socket)
      await expect(by('IdentityAgent none')).rejects.toMatchObject({ code: 'E_IDENTITY' })
    })
  })

  it('uses a default key file', async () => {
    const key = await newKey('.ssh/id_ecdsa', ['-t', 'ecdsa'])
    expect(fingerprint(await logIn())).toBe(shown(key))
  })

  /** Handle of a hardware key, as `ssh-keygen -t ed25519-sk` writes it; no such hardware is at hand. */
  const hardwareKey = () => {
    const field = (bytes: string | Buffer) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return Buffer.concat([length, Buffer.from(bytes)])
    }
    const blob = Buffer.concat([
      field('sk-ssh-ed25519@openssh.com'),
      field(Buffer.alloc(32, 1)),
      field('ssh:'),
    ])
    const head = [
      Buffer.from('openssh-key-v1\0'),
      field('none'),
      field('none'),
      field(''),
      Buffer.from([0, 0, 0, 1]),
    ]
    const body = Buffer.concat([...head, field(blob), field(Buffer.alloc(64, 1))]).toString('base64')
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`
  }

  it('refuses key files that cannot be used before it connects', async () => {
    const good = await newKey('good')
    await writeFile(join(folder, 'garbage'), 'not a key')
    await writeFile(join(folder, 'id_sk'), hardwareKey())
    await writeFile(join(folder, 'ed-pkcs8'), execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519']))
    const cases: [file: string, why: string][] = [
      [join(folder, 'none'), 'does not exist'],
      [folder, 'cannot be read (EISDIR)'],
      [join(folder, 'garbage'), 'is not a private key'],
      [join(folder, 'ed-pkcs8'), 'is not a private key'],
      [`${good}.pub`, 'is a public key'],
      [join(folder, 'id_sk'), 'is the handle of a hardware key (sk-ssh-ed25519@openssh.com)'],
    ]
    for (const [identityFile, why] of cases) {
      await expect(logIn({ identityFile, port: 1 })).rejects.toMatchObject({
        code: 'E_IDENTITY',
        message: `key file ${identityFile} ${why}`,
        hint: expect.any(String),
      })
    }
  })

  it('names the user and every key that a node refuses, and those that were not tried', async () => {
    const [one, two] = [await newKey('one', [], false), await newKey('.ssh/id_rsa', ['-t', 'rsa'], false)]
    vi.stubEnv('SSH_AUTH_SOCK', startAgent(one))
    await writeFile(join(folder, '.ssh/id_ed25519'), hardwareKey())
    await expect(logIn({ user: 'no-such-user' })).rejects.toMatchObject({
      code: 'E_NODE_AUTH',
      message: `127.0.0.1:${sshd.port} refuses to log in no-such-user with ssh-ed25519 ${shown(one)} (agent), ssh-rsa ${shown(two)} (${two}); not tried: key file ${folder}/.ssh/id_ed25519 is the handle of a hardware key (sk-ssh-ed25519@openssh.com)`,
      hint: expect.stringContaining('authorized_keys of no-such-user'),
      retryable: false,
    })
  })

  const rules: [title: string, lines: string[], message: string, hint: string][] = [
    [
      'passwords only',
      ['PubkeyAuthentication no', 'PasswordAuthentication yes'],
      '(it takes no keys, only password)',
      'authorized_keys',
    ],
    [
      'a second factor',
      ['AuthenticationMethods publickey,password', 'PasswordAuthentication yes'],
      'with a key alone: it also wants password',
      'AuthenticationMethods',
    ],
    ['few attempts', ['MaxAuthTries 1'], 'refuses to log in', 'MaxAuthTries'],
  ]
  it.each(rules)('says E_NODE_AUTH where the node wants %s', async (_title, config, message, hint) => {
    const server = await startSshd({ config })
    try {
      vi.stubEnv('SSH_AUTH_SOCK', startAgent(await newKey('a', [], false), await newKey('b', [], false)))
      const { port, knownHosts, identityFile } = server
      const own = hint === 'MaxAuthTries' ? {} : { identityFile }
      await expect(logIn({ port, knownHosts, ...own })).rejects.toMatchObject({
        code: 'E_NODE_AUTH',
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      })
    } finally {
      await server.stop()
    }
  })
})
