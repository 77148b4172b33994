import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeSpec } from '@pkgcache/core'
import {
  connectThrough,
  deliveryOf,
  leftOut,
  type Sshd,
  type SshdOptions,
  sshdAvailable,
  startSshd,
  startTcpProxy,
  type TcpProxy,
  type TcpProxyOptions,
  transportContext,
} from '@pkgcache/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import ssh from '../src/index.ts'

const SUITE = 'transport-ssh when things go wrong'
const PATH = 'runc/runc-1.3.0-amd64.tar.zst'
const FILE = 'runc-1.3.0-amd64.tar.zst'

describe.skipIf(leftOut(SUITE, sshdAvailable()))(SUITE, () => {
  let folder: string
  const started: (() => Promise<void>)[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pkgcache-faults-'))
  })
  afterEach(async () => {
    for (const stop of started.splice(0).reverse()) await stop()
    await rm(folder, { recursive: true, force: true })
  })

  const server = async (options?: SshdOptions): Promise<Sshd> => {
    const sshd = await startSshd(options)
    started.push(() => sshd.stop())
    return sshd
  }
  const proxyTo = async (sshd: Sshd, options: Partial<TcpProxyOptions>): Promise<TcpProxy> => {
    const proxy = await startTcpProxy({ host: sshd.host, port: sshd.port, ...options })
    started.push(() => proxy.close())
    return proxy
  }
  const open = async (sshd: Sshd, changes: Partial<NodeSpec> = {}, options = {}) => {
    const { host, port, user, identityFile, knownHosts, root } = sshd
    const node = { name: 'n1', host, port, user, identityFile, knownHosts, root, sudo: false, ...changes }
    const session = await connectThrough(ssh(options), node)
    if (session === undefined) throw new Error('no session')
    return session
  }
  /** Through a proxy the host key is known under the server's port only; `*` stands for both. */
  const throughProxy = async (sshd: Sshd, proxy: TcpProxy, options = {}) => {
    const knownHosts = join(folder, 'known_hosts')
    await writeFile(knownHosts, (await readFile(sshd.knownHosts, 'utf8')).replace(/^\S+/, '*'))
    return open(sshd, { port: proxy.port, knownHosts }, options)
  }

  it.each([0.01, 0.5, 0.999])(
    'says E_NODE_LOST when the line drops after %d of a file, keeps the old file, and goes on from there',
    async (share) => {
      const sshd = await server()
      const direct = await open(sshd)
      const old = await deliveryOf(join(folder, 'old'), randomBytes(1000), PATH)
      await direct.place(old, transportContext())
      const size = 8_000_000
      const wanted = await deliveryOf(join(folder, 'new'), randomBytes(size), PATH)
      const proxy = await proxyTo(sshd, { cutAfter: size * share })
      const session = await throughProxy(sshd, proxy)
      await expect(session.place(wanted, transportContext())).rejects.toMatchObject({
        code: 'E_NODE_LOST',
        retryable: true,
      })
      await expect(session.place(wanted, transportContext())).rejects.toMatchObject({ code: 'E_NODE_LOST' })
      expect(await direct.check(old, transportContext())).toBe('present')
      const { state, sentBytes } = await direct.place(wanted, transportContext())
      expect(state).toBe('sent')
      // what was under way when the line dropped, and what does not fill a block that is compared
      expect(sentBytes).toBeLessThanOrEqual(size * (1 - share) + 3 * 2 ** 20)
      expect(await readdir(join(sshd.root, 'runc'))).toEqual(['runc-1.3.0-amd64.tar.zst'])
      await session.close()
      await direct.close()
    },
  )

  it('ends every delivery of a session when the line drops', async () => {
    const sshd = await server()
    const proxy = await proxyTo(sshd, { cutAfter: 3_000_000 })
    const session = await throughProxy(sshd, proxy)
    const deliveries = await Promise.all(
      ['a', 'b', 'c'].map((name) => deliveryOf(join(folder, name), randomBytes(4_000_000), `x/${name}`)),
    )
    const ended = await Promise.allSettled(deliveries.map((one) => session.place(one, transportContext())))
    expect(ended.map((one) => one.status === 'rejected' && one.reason.code)).toEqual([
      'E_NODE_LOST',
      'E_NODE_LOST',
      'E_NODE_LOST',
    ])
  })

  it('says E_NODE_TIMEOUT when the line goes silent in the middle', async () => {
    const sshd = await server()
    const proxy = await proxyTo(sshd, { stallAfter: 4_000_000 })
    const session = await throughProxy(sshd, proxy, { idleTimeout: 500 })
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(8_000_000), PATH)
    await expect(session.place(delivery, transportContext())).rejects.toMatchObject({
      code: 'E_NODE_TIMEOUT',
    })
  })

  it('says E_NODE_TIMEOUT when the node hangs', async () => {
    const sshd = await server()
    const session = await open(sshd, {}, { idleTimeout: 500 })
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(8_000_000), PATH)
    const ctx = { ...transportContext(), progress: () => sshd.freeze() }
    await expect(session.place(delivery, ctx)).rejects.toMatchObject({
      code: 'E_NODE_TIMEOUT',
      message: expect.stringContaining('stopped answering'),
    })
    await session.close()
  })

  it('sends over a slow line without losing patience', async () => {
    const sshd = await server()
    const proxy = await proxyTo(sshd, { delay: 50 })
    const session = await throughProxy(sshd, proxy, { idleTimeout: 1500 })
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(5_000_000), PATH)
    expect((await session.place(delivery, transportContext())).state).toBe('sent')
    expect((await session.place(delivery, transportContext())).state).toBe('present')
    await session.close()
  })

  it.each<[title: string, options: SshdOptions]>([
    ['runs no command', { config: ['ForceCommand internal-sftp'] }],
    ['allows a single channel', { config: ['MaxSessions 1'] }],
  ])('reads files back over SFTP when the node %s', async (_title, options) => {
    const sshd = await server(options)
    const session = await open(sshd)
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(3_000_001), PATH)
    expect((await session.place(delivery, transportContext())).state).toBe('sent')
    expect((await session.place(delivery, transportContext())).state).toBe('present')
    expect(await readdir(join(sshd.root, 'runc'))).toEqual([FILE])
    await session.close()
  })

  it('finds the digest in what a noisy login shell prints', async () => {
    const served = 'exec /usr/lib/openssh/sftp-server -e -l VERBOSE 2>>"$LOG"'
    const sftp = `if [ "$SSH_ORIGINAL_COMMAND" = internal-sftp ]; then ${served}; fi`
    const noise = `echo Welcome; echo ${'1'.repeat(64)}; echo sha256 ${'2'.repeat(64)} >&2; printf no-line-end`
    const log = join(folder, 'sftp.log')
    const command = `ForceCommand LOG=${log}; ${sftp}; ${noise}; eval "$SSH_ORIGINAL_COMMAND"`
    const sshd = await server({ config: [command] })
    const session = await open(sshd)
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(1000), PATH)
    expect((await session.place(delivery, transportContext())).state).toBe('sent')
    expect((await session.place(delivery, transportContext())).state).toBe('present')
    const requests = await readFile(log, 'utf8')
    expect(requests).toContain('flags WRITE')
    expect(requests, 'the file was read back, so no digest was found').not.toContain('flags READ')
    await session.close()
  })

  it('says E_NODE_SFTP when the node offers no SFTP', async () => {
    const sshd = await server({ sftp: 'none' })
    const session = await open(sshd)
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(10), PATH)
    await expect(session.place(delivery, transportContext())).rejects.toMatchObject({
      code: 'E_NODE_SFTP',
      hint: expect.stringContaining('Subsystem sftp'),
    })
    await session.close()
  })

  it('leaves a node alone that goes down between two files, and says so', async () => {
    const sshd = await startSshd()
    const session = await open(sshd)
    await mkdir(join(sshd.root, 'x'))
    const delivery = await deliveryOf(join(folder, 'a'), randomBytes(10), PATH)
    await session.place(delivery, transportContext())
    await sshd.stop()
    await expect(session.place(delivery, transportContext())).rejects.toMatchObject({
      code: 'E_NODE_LOST',
    })
    await session.close()
  })
})
