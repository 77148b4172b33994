import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  leftOut,
  type Network,
  type NetworkHost,
  networkAvailable,
  type Sshd,
  sshdAvailable,
  startNetwork,
  startSshd,
  startTcpProxy,
} from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256File } from './kit.ts'
import { arrived, nodeOn, openSender, partSize, type Sender, type Sent } from './nodes-kit.ts'

const SUITE = 'nodes in a network'

/** Hosts of the network, by what they are for: each test has its own, so that their bytes can be counted. */
const HOSTS = {
  killing: { controller: 0, node: 1 },
  slow: { controller: 2, nodes: [3, 4, 5], dead: 6 },
  tree: { controller: 7, nodes: [8, 9, 10, 11, 12, 13, 14, 15] },
} as const
const MBIT = 1_000_000
const RATES = { 1: 400 * MBIT, 3: 100 * MBIT, 4: 100 * MBIT, 5: 100 * MBIT }

describe.skipIf(leftOut(SUITE, networkAvailable() ?? sshdAvailable()))(SUITE, { concurrent: true }, () => {
  let network: Network
  let sender: Sender
  const servers: Sshd[] = []

  beforeAll(async () => {
    sender = await openSender()
    network = await startNetwork({ hosts: 16, rates: RATES })
  })
  afterAll(async () => {
    for (const sshd of servers) await sshd.stop()
    await network.close()
    await sender.remove()
  })

  const host = (index: number): NetworkHost => {
    const found = network.hosts[index]
    if (found === undefined) throw new Error(`there is no host ${index}`)
    return found
  }
  const sshdOn = async (index: number) => {
    const sshd = await startSshd({ inside: host(index) })
    servers.push(sshd)
    return sshd
  }
  const holds = ({ root }: Sshd, { path }: Sent) => sha256File(join(root, path))

  it('a run that is killed at half is gone on with: the node gets the other half, and no more', async () => {
    const { controller, node } = HOSTS.killing
    const what = await sender.make('killed', 100_000_000)
    const sshd = await sshdOn(node)
    const nodes = [nodeOn(sshd, 'n1')]
    const old = join(sshd.root, what.path)
    await mkdir(dirname(old))
    await writeFile(old, 'what was there before')

    const killed = await sender.start(host(controller), { what, nodes })
    await arrived(sshd, what, what.size / 2)
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    expect(killed.signalCode).toBe('SIGKILL')
    await expect.poll(() => sshd.sessions(), { timeout: 10_000 }).toEqual([])
    expect(await readFile(old, 'utf8')).toBe('what was there before')
    expect(await partSize(sshd, what)).toBeLessThan(what.size * 0.9)

    const before = host(node).traffic().received
    const { code, told } = await sender.send(host(controller), { what, nodes })
    const [delivery] = told.deliveries
    expect([code, delivery?.state]).toEqual([0, 'sent'])
    expect(delivery?.sent_bytes).toBeLessThanOrEqual(55_000_000)
    expect(delivery?.sent_bytes).toBeGreaterThan(5_000_000)
    expect(host(node).traffic().received - before).toBeLessThanOrEqual(55_000_000)
    expect(await holds(sshd, what)).toBe(what.sha256)
    expect(await readdir(join(sshd.root, what.name))).toEqual([what.path.split('/')[1]])

    const idle = host(node).traffic().received
    const again = await sender.send(host(controller), { what, nodes })
    expect(again.told.deliveries).toMatchObject([{ state: 'present', sent_bytes: 0 }])
    expect(host(node).traffic().received - idle).toBeLessThan(100_000)

    // one byte, with the times it had
    const times = await stat(old)
    const file = await open(old, 'r+')
    const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: 50_000_000 })
    await file.write(Buffer.from([buffer.readUInt8() ^ 1]), 0, 1, 50_000_000)
    await file.close()
    await utimes(old, times.atime, times.mtime)
    expect((await stat(old)).size).toBe(what.size)
    const repaired = await sender.send(host(controller), { what, nodes, args: ['--rehash'] })
    expect([repaired.code, repaired.told.deliveries[0]?.state]).toEqual([0, 'sent'])
    expect(await holds(sshd, what)).toBe(what.sha256)
    const checked = await sender.send(host(controller), { what, nodes, args: ['--rehash'] })
    expect(checked.told.deliveries).toMatchObject([{ state: 'present', sent_bytes: 0 }])
  }, 120_000)

  it('lines of 100 Mbit/s that are late, cut for 20 s, unplugged for 20 s: all survive by themselves', async () => {
    const { controller, nodes: indexes, dead } = HOSTS.slow
    const what = await sender.make('slow', 15_000_000)
    const [late, refused, unplugged] = await Promise.all(indexes.map(sshdOn))
    if (!late || !refused || !unplugged) throw new Error('three servers')
    const third = what.size / 3
    const behind = (sshd: Sshd, index: number, cut = {}) =>
      startTcpProxy({ host: sshd.host, port: sshd.port, inside: host(index), delay: 50, ...cut })
    const lines = [
      await behind(late, indexes[0]),
      await behind(refused, indexes[1], { cutAfter: Math.round(third), cuts: 1, downFor: 20_000 }),
    ]
    const [lateLine, cutLine] = lines
    const knownAs = async (sshd: Sshd) => {
      const file = join(sshd.folder, 'known_as_any')
      await writeFile(file, (await readFile(sshd.knownHosts, 'utf8')).replace(/^\S+/gm, '*'))
      return file
    }
    const nodes = [
      nodeOn(late, 'late', { port: lateLine?.port ?? 0, knownHosts: await knownAs(late) }),
      nodeOn(refused, 'cut', { port: cutLine?.port ?? 0, knownHosts: await knownAs(refused) }),
      nodeOn(unplugged, 'unplugged'),
      // answers go nowhere, so that what is sent to it is neither taken nor refused
      nodeOn(unplugged, 'dead', { host: host(dead).address }),
    ]
    const [enter, ...rest] = host(dead).enter
    execFileSync(enter, [...rest, 'ip', 'route', 'add', 'blackhole', `${host(controller).address}/32`])
    const before = host(indexes[2]).traffic().received
    const pulling = arrived(unplugged, what, third).then(async () => {
      host(indexes[2]).plug(false)
      await sleep(20_000)
      host(indexes[2]).plug(true)
    })
    const sending = sender.send(host(controller), { what, nodes, ssh: { connectTimeout: 5000 } })
    const [{ code, told }] = await Promise.all([sending, pulling])
    const states = told.deliveries.map(({ node, state, error }) => [node, state, error?.code])
    expect([code, states]).toEqual([
      1,
      [
        ['late', 'sent', undefined],
        ['cut', 'sent', undefined],
        ['unplugged', 'sent', undefined],
        ['dead', 'failed', 'E_NODE_TIMEOUT'],
      ],
    ])
    expect(told.deliveries[3]?.error?.message).toContain(host(dead).address)
    expect(told.deliveries[3]?.error?.hint).toContain('connectTimeout')
    for (const sshd of [late, refused, unplugged]) expect(await holds(sshd, what)).toBe(what.sha256)
    expect(cutLine?.cuts).toBe(1)
    // what was there is not sent again
    expect(cutLine?.sent).toBeLessThan(what.size + third)
    expect(host(indexes[2]).traffic().received - before).toBeLessThan(what.size + third)
    await Promise.all(lines.map((line) => line.close()))
  }, 120_000)

  it('a tree of 8 nodes: this machine sends two times the payload, and every node holds the right bytes', async () => {
    const { controller, nodes: indexes } = HOSTS.tree
    const what = await sender.make('tree', 30_000_000)
    const sshds = await Promise.all(indexes.map(sshdOn))
    const nodes = sshds.map((sshd, index) => nodeOn(sshd, `n${index + 1}`))
    const config = { distribute: { via: 'tree', fanout: 2 } } as const
    const before = host(controller).traffic().sent
    const { code, told } = await sender.send(host(controller), { what, nodes, config })
    const egress = host(controller).traffic().sent - before
    expect([code, told.deliveries.map(({ state }) => state)]).toEqual([0, Array(8).fill('sent')])
    expect(egress).toBeGreaterThan(what.size)
    expect(egress).toBeLessThanOrEqual(2 * what.size * 1.05)
    for (const sshd of sshds) {
      expect(await holds(sshd, what)).toBe(what.sha256)
      expect(await readdir(join(sshd.root, what.name))).toEqual([what.path.split('/')[1]])
    }
    const payloads = told.deliveries.reduce((sum, { sent_bytes: sent = 0 }) => sum + sent, 0)
    expect(payloads).toBe(2 * what.size)
    expect(told.deliveries.filter(({ via }) => typeof via === 'string')).toHaveLength(6)

    const again = await sender.send(host(controller), { what, nodes, config })
    expect(again.told.deliveries.map(({ state }) => state)).toEqual(Array(8).fill('present'))
    expect(host(controller).traffic().sent - before - egress).toBeLessThan(1_000_000)
  }, 120_000)
})
