import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  deliveryOf,
  leftOut,
  type Sshd,
  sshdAvailable,
  startSshd,
  transportContext,
} from '@pkgcache/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { bench } from './kit.ts'

const SUITE = 'a node that serves another'
const PATH = 'runc/runc-1.3.0-amd64.tar.zst'
const SIZE = 3_000_001

describe.skipIf(leftOut(SUITE, sshdAvailable()))(SUITE, () => {
  const at = bench()
  const ctx = transportContext()
  const others: Sshd[] = []
  afterEach(() => Promise.all(others.splice(0).map((sshd) => sshd.stop())))

  /** Two nodes; the first one holds a file. */
  const two = async (second: Parameters<typeof startSshd>[0] = {}, keyType?: string) => {
    const sshd = await startSshd({ sftp: 'logged', ...second })
    others.push(sshd)
    if (keyType !== undefined) await login(sshd, keyType)
    const { host, port, user, identityFile, knownHosts, root } = sshd
    const delivery = await deliveryOf(join(at.folder, 'a'), randomBytes(SIZE), PATH)
    const from = await at.open()
    await from.place(delivery, ctx)
    return {
      delivery,
      from,
      to: await at.open({ name: 'n2', host, port, user, identityFile, knownHosts, root }),
      sshd,
    }
  }

  it.each([undefined, 'rsa', 'ecdsa'])('lends it a key for the one transfer (%s)', async (keyType) => {
    const { delivery, from, to, sshd } = await two({}, keyType)
    expect(await from.relay(delivery, { to }, ctx)).toEqual({ state: 'sent', sentBytes: 0 })
    expect((await readFile(join(sshd.root, PATH))).equals(await readFile(delivery.file))).toBe(true)
    expect(await readdir(join(sshd.root, 'runc'))).toEqual(['runc-1.3.0-amd64.tar.zst'])
    // the bytes came through a shell, not from here
    expect(await sshd.log()).not.toMatch(/written [1-9]/)
    expect(await from.relay(delivery, { to }, ctx)).toEqual({ state: 'present', sentBytes: 0 })
  })

  it('uses a key that lies on the node when one is named', async () => {
    const { delivery, from, to, sshd } = await two()
    expect(await from.relay(delivery, { to, identityFile: sshd.identityFile }, ctx)).toMatchObject({
      state: 'sent',
    })
    await writeFile(join(sshd.root, PATH), 'other')
    await expect(from.relay(delivery, { to, identityFile: '/nowhere' }, ctx)).rejects.toMatchObject({
      code: 'E_NODE',
      message: expect.stringContaining('Permission denied'),
    })
    expect(await readFile(join(sshd.root, PATH), 'utf8')).toBe('other')
    expect(await readdir(join(sshd.root, 'runc'))).toEqual(['runc-1.3.0-amd64.tar.zst'])
  })

  it('checks the host key of the other with what was checked from here', async () => {
    const { delivery, from, to } = await two()
    const forged = Object.assign(Object.create(to), {
      receive: (one: typeof delivery, serve: Parameters<typeof to.receive>[1], context: typeof ctx) =>
        to.receive(
          one,
          (receiver) => serve({ ...receiver, hostKey: `ssh-ed25519 ${otherKey(at.folder)}` }),
          context,
        ),
    })
    await expect(from.relay(delivery, { to: forged }, ctx)).rejects.toMatchObject({
      code: 'E_NODE',
      message: expect.stringMatching(/cannot send to .*verification failed/i),
    })
  })

  it('is found out when it sends other bytes', async () => {
    const { delivery, from, to, sshd } = await two()
    const spoiled = randomBytes(SIZE)
    await writeFile(join(at.root, PATH), spoiled)
    await expect(from.relay(delivery, { to }, ctx)).rejects.toMatchObject({ code: 'E_NODE_DIGEST' })
    expect(await readdir(join(sshd.root, 'runc'))).toEqual([])
  })

  it('says so when it may not use lent keys', async () => {
    const { delivery, from, to } = await two()
    const barred = await startSshd({ config: ['AllowAgentForwarding no'] })
    others.push(barred)
    const { host, port, user, identityFile, knownHosts, root } = barred
    const third = await at.open({ name: 'n3', host, port, user, identityFile, knownHosts, root })
    await from.relay(delivery, { to: third }, ctx)
    await expect(third.relay(delivery, { to }, ctx)).rejects.toMatchObject({
      code: 'E_NODE',
      message: expect.stringContaining('cannot be lent a key'),
    })
  })
})

/** Another key for the user, of another type, in place of the one that is there. */
async function login(sshd: Sshd, type: string): Promise<void> {
  const file = join(sshd.folder, `key_${type}`)
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file])
  await writeFile(sshd.identityFile, await readFile(file), { mode: 0o600 })
  await writeFile(join(sshd.folder, 'authorized_keys'), await readFile(`${file}.pub`))
}

function otherKey(folder: string): string {
  const file = join(folder, 'forged')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
  return execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).split(' ')[1] ?? ''
}
