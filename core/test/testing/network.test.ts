import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leftOut } from '../../testing/left-out.ts'
import { type Network, networkAvailable, startNetwork } from '../../testing/network.ts'
import { type Sshd, sshdAvailable, startSshd } from '../../testing/sshd.ts'
import { startTcpProxy } from '../../testing/tcp-proxy.ts'

const SUITE = 'networks of the test kit'

const HELPER = fileURLToPath(new URL('./fixtures/make-network.ts', import.meta.url))

describe.skipIf(leftOut(SUITE, networkAvailable() ?? sshdAvailable()))(SUITE, () => {
  const MBIT = 20
  let network: Network
  let sshd: Sshd
  let known: string[]

  beforeAll(async () => {
    network = await startNetwork({ hosts: 3, rates: { 1: MBIT * 1e6 } })
    sshd = await startSshd({ ...(network.hosts[1] && { inside: network.hosts[1] }) })
    known = [
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-q',
      '-i',
      sshd.identityFile,
    ]
  })
  afterAll(async () => {
    await sshd.stop()
    await network.close()
  })

  const host = (index: number) => {
    const found = network.hosts[index]
    if (found === undefined) throw new Error(`no host ${index}`)
    return found
  }
  const ssh = (from: number, args: readonly string[], input?: Buffer) => {
    const [enter, ...rest] = host(from).enter
    return spawnSync(enter, [...rest, 'ssh', ...known, ...args], { input, encoding: 'utf8' })
  }

  it('are not seen outside', () => {
    const links = execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' })
    expect(links).not.toMatch(/host\d|br0/)
    expect(execFileSync('ip', ['-o', 'addr'], { encoding: 'utf8' })).not.toContain('10.213.')
  })

  it('carry real SSH from host to host, at the rate of the link, and count its bytes', () => {
    const before = host(1).traffic()
    const begun = performance.now()
    const sent = ssh(0, [sshd.host, 'wc -c'], Buffer.alloc(2_000_000, 1))
    const seconds = (performance.now() - begun) / 1000
    expect([sent.status, sent.stdout.trim()]).toEqual([0, '2000000'])
    expect(seconds).toBeGreaterThan((2_000_000 * 8 * 0.9) / (MBIT * 1e6))
    const received = host(1).traffic().received - before.received
    expect(received).toBeGreaterThan(2_000_000)
    expect(received).toBeLessThan(2_300_000)
    expect(host(1).traffic().sent - before.sent).toBeLessThan(300_000)
  })

  it('lose what is sent while the cable is out', () => {
    host(1).plug(false)
    const args = ['-o', 'ConnectTimeout=1', sshd.host, 'true']
    expect(ssh(0, args).status).toBe(255)
    host(1).plug(true)
    expect(ssh(0, [sshd.host, 'true']).status).toBe(0)
  })

  it('leave no process of a session behind, and no zombie of one', async () => {
    const orphan = '(sleep 0.2; true) > /dev/null 2>&1 & echo $!'
    const pid = Number(ssh(0, [sshd.host, orphan]).stdout)
    expect(pid).toBeGreaterThan(1)
    const isThere = () => ssh(0, [sshd.host, `test -d /proc/${pid} && echo yes || echo no`]).stdout.trim()
    await expect.poll(isThere, { timeout: 10_000 }).toBe('no')
  })

  it('take a proxy of the kit', async () => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: 22, inside: host(2) })
    const there = await startTcpProxy({ host: sshd.host, port: sshd.port, inside: host(2) })
    try {
      const [enter, ...rest] = host(0).enter
      const child = spawn(enter, [...rest, 'ssh', ...known, '-p', `${there.port}`, there.host, 'echo yes'])
      const lines = createInterface(child.stdout)
      expect(await once(lines, 'line')).toEqual(['yes'])
      await once(child, 'exit')
      expect(there.sent).toBeGreaterThan(1000)
      await there.cut(50)
      const again = spawn(enter, [...rest, 'ssh', ...known, '-p', `${there.port}`, there.host, 'echo again'])
      expect(await once(createInterface(again.stdout), 'line')).toEqual(['again'])
      await once(again, 'exit')
    } finally {
      await Promise.all([proxy.close(), there.close()])
    }
  })

  it('go with the process that made them, however it ends, and their servers too', async () => {
    const args = ['--conditions=@pkgcache/source', '--import', 'jiti/register', HELPER]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(createInterface(child.stdout), 'line')
    const { pids, folder } = JSON.parse(String(line)) as { pids: number[]; folder: string }
    try {
      const alive = () => pids.filter((pid) => existsSync(`/proc/${pid}`))
      expect(alive()).toEqual(pids)
      child.kill('SIGKILL')
      await once(child, 'exit')
      await expect.poll(alive, { timeout: 10_000 }).toEqual([])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
