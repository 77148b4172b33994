import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeSpec } from '@pkgcache/core'
import {
  connectThrough,
  deliveryOf,
  freePort,
  leftOut,
  type Sshd,
  sshdAvailable,
  startSshd,
  startTcpProxy,
  transportContext,
} from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Connection, connect } from '../src/connect.ts'
import ssh, { type SshOptions } from '../src/index.ts'
import { parseJumps } from '../src/jump.ts'
import { SshRun } from '../src/ssh-run.ts'

describe('parseJumps', () => {
  it.each([
    ['bastion', [{ host: 'bastion' }]],
    ['me@bastion:2222', [{ host: 'bastion', port: 2222, user: 'me' }]],
    ['a,b:1 , c', [{ host: 'a' }, { host: 'b', port: 1 }, { host: 'c' }]],
    ['ssh://me@bastion:22', [{ host: 'bastion', port: 22, user: 'me' }]],
    ['ssh://bastion/', [{ host: 'bastion' }]],
    ['me@[::1]:2222', [{ host: '::1', port: 2222, user: 'me' }]],
    ['domain\\me@host@bastion', [{ host: 'bastion', user: 'domain\\me@host' }]],
  ])('%s', (spec, hosts) => {
    expect(parseJumps(spec)).toEqual(hosts)
  })

  it.each(['a,', ',', 'a:b', 'a:0', 'a:65536', '::1', '-oProxyCommand=x', 'me@', 'a b:', 'a/b/c:'])(
    'refuses %s',
    (spec) => {
      expect(() => parseJumps(spec)).toThrowError(expect.objectContaining({ code: 'E_SSH_CONFIG' }))
    },
  )
})

const SUITE = 'transport-ssh over jump hosts, on real OpenSSH'

describe.skipIf(leftOut(SUITE, sshdAvailable()))(SUITE, () => {
  let node: Sshd
  let one: Sshd
  let two: Sshd
  let folder: string
  let knownHosts: string
  let open: Connection[]

  beforeAll(async () => {
    ;[node, one, two] = await Promise.all([startSshd(), startSshd(), startSshd()])
  })
  afterAll(() => Promise.all([node, one, two].map((server) => server.stop())))
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pkgcache-jump-'))
    vi.stubEnv('HOME', folder)
    vi.stubEnv('SSH_AUTH_SOCK', '')
    knownHosts = join(folder, 'known_hosts')
    const all = await Promise.all([node, one, two].map((server) => readFile(server.knownHosts, 'utf8')))
    await writeFile(knownHosts, all.join(''))
    open = []
  })
  afterEach(async () => {
    for (const connection of open) connection.destroy()
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })

  const place = ({ port }: Sshd) => `127.0.0.1:${port}`
  const block = (name: string, { port, identityFile }: Sshd, ...more: string[]) =>
    [`Host ${name}`, 'HostName 127.0.0.1', `Port ${port}`, `IdentityFile ${identityFile}`, ...more].join('\n')
  const config = async (...blocks: string[]) => {
    const file = join(folder, 'config')
    await writeFile(file, `${blocks.join('\n')}\n`)
    return file
  }
  const spec = (changes: Partial<NodeSpec> = {}) => {
    const { host, port, user, identityFile, root } = node
    return { name: 'n1', host, port, user, identityFile, knownHosts, root, sudo: false, ...changes }
  }
  const reach = async (changes: Partial<NodeSpec> = {}, options: SshOptions = {}, signal?: AbortSignal) => {
    const run = new SshRun(transportContext(signal), options)
    const connection = await connect(spec(changes), run)
    open.push(connection)
    return connection
  }
  const closed = ({ client }: Connection) =>
    new Promise<void>((resolve) => client.once('close', () => resolve()))
  /** Processes that serve a login there; they end with the connection. */
  const sessions = async (server: Sshd) => {
    const children = await readFile(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')
    return children.trim().split(/\s+/).filter(Boolean).length
  }
  const none = async (...servers: Sshd[]) => {
    for (const server of servers) await vi.waitFor(async () => expect(await sessions(server)).toBe(0), 15_000)
  }

  it('delivers over a jump host of the node itself, whose key it offers there too', async () => {
    const sshConfig = await config(block('bastion', one))
    const session = await connectThrough(
      ssh({ sshConfig }),
      spec({ proxyJump: 'bastion' }),
      transportContext(),
    )
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(3_000_001), 'runc/runc-1.3.0.tar.zst')
    expect(await session?.place(delivery, transportContext())).toEqual({
      state: 'sent',
      sentBytes: 3_000_001,
    })
    expect(await readFile(join(node.root, 'runc/runc-1.3.0.tar.zst'))).toEqual(await readFile(delivery.file))
    expect(await one.log()).toContain(`Accepted publickey for ${one.user}`)
    await session?.close()
    await none(one, node)
  })

  it('shares one login on a jump host among the nodes behind it', async () => {
    const sshConfig = await config(block('bastion', one))
    const run = new SshRun(transportContext(), { sshConfig })
    const before = (await one.log()).match(/Accepted publickey/g)?.length ?? 0
    const nodes = Array.from({ length: 5 }, (_, index) => spec({ name: `n${index}`, proxyJump: 'bastion' }))
    const connections = await Promise.all(nodes.map((each) => connect(each, run)))
    expect((await one.log()).match(/Accepted publickey/g)?.length).toBe(before + 1)
    const [first, ...others] = connections
    const isClosed = first && closed(first)
    first?.destroy()
    await isClosed
    expect(await sessions(one)).toBe(1)
    for (const other of others) other.destroy()
    await none(one, node)
    // what ended is not leased out again
    const again = await connect(spec({ proxyJump: 'bastion' }), run)
    open.push(again)
    expect((await one.log()).match(/Accepted publickey/g)?.length).toBe(before + 2)
  })

  it('goes over several hosts in order, each with its own user, port, key and known_hosts name', async () => {
    const sshConfig = await config(block('first', one), block('second', two))
    const connection = await reach({ proxyJump: 'first,second' }, { sshConfig })
    expect(connection).toMatchObject({ jumped: true, place: { host: '127.0.0.1', port: node.port } })
    expect(await two.log()).toContain('Accepted publickey')
    expect([await sessions(one), await sessions(two), await sessions(node)]).toEqual([1, 1, 1])
    const gone = closed(connection)
    connection.client.end()
    await gone
    await none(one, two, node)
  })

  it('takes ProxyJump from the SSH config, for the jump host too', async () => {
    const sshConfig = await config(
      block('node', node, 'ProxyJump second'),
      block('second', two, 'ProxyJump first'),
      block('first', one),
    )
    const changes = { host: 'node', port: undefined, identityFile: undefined } as unknown as Partial<NodeSpec>
    expect(await reach(changes, { sshConfig })).toMatchObject({ jumped: true })
    expect([await sessions(one), await sessions(two)]).toEqual([1, 1])
    expect(await reach({ ...changes, proxyJump: 'none' }, { sshConfig })).toMatchObject({ jumped: false })
  })

  it('checks the key of every host on the way, and says which is wrong', async () => {
    const sshConfig = await config(block('first', one), block('second', two))
    const lines = (await readFile(knownHosts, 'utf8')).split('\n')
    const without = (server: Sshd) =>
      writeFile(knownHosts, lines.filter((line) => !line.includes(`:${server.port} `)).join('\n'))
    await without(two)
    await expect(reach({ proxyJump: 'first,second' }, { sshConfig })).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: expect.stringContaining(`jump host second: ${place(two)} shows the host key`),
    })
    await without(node)
    await expect(reach({ proxyJump: 'first,second' }, { sshConfig })).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: expect.stringMatching(`^${place(node)} shows the host key`),
      hint: expect.stringContaining(
        `ssh -J 'first,second' -o 'UserKnownHostsFile ${knownHosts}' -p ${node.port} '127.0.0.1'`,
      ),
    })
    await none(one, two, node)
  })

  it('records new keys of all hosts with accept-new', async () => {
    const sshConfig = await config(block('first', one), block('second', two))
    await rm(knownHosts)
    await reach({ proxyJump: 'first,second', hostKeys: 'accept-new' }, { sshConfig })
    const text = await readFile(knownHosts, 'utf8')
    const names = text
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0])
    expect(names).toEqual([one, two, node].map((server) => `[127.0.0.1]:${server.port}`))
  })

  it('says which host cannot be reached or refuses us', async () => {
    const nobody = await freePort()
    const sshConfig = await config(
      block('first', one),
      `Host dead\nHostName 127.0.0.1\nPort ${nobody}`,
      block('stranger', one, 'User no-such-user'),
    )
    await expect(reach({ proxyJump: 'dead' }, { sshConfig })).rejects.toMatchObject({
      code: 'E_NODE_UNREACHABLE',
      message: expect.stringContaining(`jump host dead: 127.0.0.1:${nobody} cannot be reached`),
      retryable: true,
    })
    await expect(reach({ proxyJump: 'first,dead' }, { sshConfig })).rejects.toMatchObject({
      code: 'E_NODE_UNREACHABLE',
      message: expect.stringContaining(
        `jump host dead: the jump host ${place(one)} cannot connect to 127.0.0.1:${nobody}`,
      ),
    })
    await expect(reach({ proxyJump: 'first', port: nobody }, { sshConfig })).rejects.toMatchObject({
      code: 'E_NODE_UNREACHABLE',
      message: expect.stringMatching(`^the jump host ${place(one)} cannot connect to 127.0.0.1:${nobody}`),
    })
    await expect(reach({ proxyJump: 'stranger' }, { sshConfig })).rejects.toMatchObject({
      code: 'E_NODE_AUTH',
      message: expect.stringContaining(`jump host stranger: ${place(one)} refuses to log in no-such-user`),
    })
    await expect(reach({ proxyJump: 'first', user: 'no-such-user' }, { sshConfig })).rejects.toMatchObject({
      code: 'E_NODE_AUTH',
      message: expect.stringMatching(`^${place(node)} refuses to log in no-such-user`),
    })
    await none(one, node)
  })

  it('says so when the jump host forbids it', async () => {
    const strict = await startSshd({ config: ['AllowTcpForwarding no'] })
    try {
      const sshConfig = await config(block('strict', strict, `UserKnownHostsFile ${strict.knownHosts}`))
      await expect(reach({ proxyJump: 'strict' }, { sshConfig })).rejects.toMatchObject({
        code: 'E_NODE_UNREACHABLE',
        hint: expect.stringContaining('AllowTcpForwarding'),
      })
    } finally {
      await strict.stop()
    }
  })

  it.each([
    ['over itself', 'Host *\n  ProxyJump first', 'first'],
    [
      'over two',
      'Host first\n  ProxyJump second\nHost second\n  ProxyJump first\nHost *\n  ProxyJump first',
      'first',
    ],
  ])('refuses a way that leads in a circle: %s', async (_title, text) => {
    const sshConfig = await config(text)
    await expect(reach({}, { sshConfig })).rejects.toMatchObject({
      code: 'E_SSH_CONFIG',
      message: expect.stringContaining('leads in a circle'),
      hint: expect.stringContaining('ProxyJump none'),
    })
  })

  it('refuses more jump hosts than anybody needs', async () => {
    await expect(reach({ proxyJump: 'a,b,c,d,e,f,g,h,i' })).rejects.toMatchObject({ code: 'E_SSH_CONFIG' })
  })

  it('ends the node’s connection at once when a host on the way is lost', async () => {
    const line = await startTcpProxy({ host: '127.0.0.1', port: one.port })
    try {
      const known = (await readFile(one.knownHosts, 'utf8')).replace(`:${one.port} `, `:${line.port} `)
      await writeFile(knownHosts, `${await readFile(knownHosts, 'utf8')}${known}`)
      const { identityFile } = one
      const sshConfig = await config(
        block('first', { ...one, port: line.port, identityFile }),
        block('second', two),
      )
      for (const proxyJump of ['first', 'first,second']) {
        const connection = await reach({ proxyJump }, { sshConfig })
        const errors: string[] = []
        connection.client.on('error', (error) => errors.push(error.message))
        const gone = closed(connection)
        line.cut()
        await gone
        expect(errors).toEqual([expect.stringContaining('the connection to the jump host 127.0.0.1:')])
      }
      await none(one, two, node)
    } finally {
      await line.close()
    }
  })

  it('ends by itself when a host on the way hangs, and can be ended by us', async () => {
    const frozen = await startSshd()
    try {
      const own = `UserKnownHostsFile ${frozen.knownHosts}`
      const sshConfig = await config(
        block('watched', frozen, own, 'ServerAliveInterval 1', 'ServerAliveCountMax 1'),
        block('unwatched', frozen, own),
      )
      const watched = await reach({ proxyJump: 'watched' }, { sshConfig })
      const unwatched = await reach({ proxyJump: 'unwatched' }, { sshConfig })
      const ends = [closed(watched), closed(unwatched)]
      frozen.freeze()
      unwatched.client.end()
      unwatched.destroy()
      await Promise.all(ends)
    } finally {
      frozen.thaw()
      await frozen.stop()
    }
  })

  it('gives up on a jump host that does not answer, and when the run is cancelled', async () => {
    const frozen = await startSshd()
    try {
      const sshConfig = await config(block('frozen', frozen, `UserKnownHostsFile ${frozen.knownHosts}`))
      frozen.freeze()
      const options = { sshConfig, connectTimeout: 300 }
      await expect(reach({ proxyJump: 'frozen' }, options)).rejects.toMatchObject({
        code: 'E_NODE_TIMEOUT',
        message: expect.stringContaining('jump host frozen'),
      })
      const signal = AbortSignal.timeout(100)
      await expect(reach({ proxyJump: 'frozen' }, { sshConfig }, signal)).rejects.toMatchObject({
        code: 'E_ABORTED',
      })
    } finally {
      frozen.thaw()
      await frozen.stop()
    }
  })
})
