import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  connectThrough,
  deliveryOf,
  leftOut,
  sshdAvailable,
  transportConformance,
  transportContext,
} from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import { bench, setUp } from './kit.ts'

const SUITE = 'transport-ssh as it is built, in threads'
const BUILT = fileURLToPath(new URL('../dist/src/index.js', import.meta.url))
const PATH = 'runc/runc-1.3.0-amd64.tar.zst'

const notBuilt = existsSync(BUILT) ? undefined : 'transport-ssh is not built (npm run build)'

describe.skipIf(leftOut(SUITE, sshdAvailable() ?? notBuilt))(SUITE, () => {
  const at = bench()

  /** The plugin as users get it: only that has threads. */
  const plugin = async (options: object = {}) => {
    const built = (await import(BUILT)) as typeof import('../src/index.ts')
    return built.default({ sshConfig: false, ...options })
  }

  transportConformance({ describe, it }, 'transport-ssh in threads', async () => ({
    plugin: await plugin(),
    node: at.node(),
    root: at.root,
  }))

  it('brings logs, progress and errors over', async () => {
    const ctx = transportContext()
    const session = await connectThrough(await plugin(), at.node(), ctx)
    const delivery = await deliveryOf(join(at.folder, 'a'), randomBytes(20_000_000), PATH)
    const placing = transportContext()
    await session?.place(delivery, placing)
    expect(placing.reported.length).toBeGreaterThan(0)
    expect(placing.reported.at(-1)).toEqual({ done: 20_000_000, total: 20_000_000 })
    const wrong = { ...delivery, remotePath: '../x' }
    await expect(session?.place(wrong, ctx)).rejects.toMatchObject({
      code: 'E_NAME',
      hint: expect.stringContaining('letters'),
    })
    await session?.close()
    await expect(session?.place(delivery, ctx)).rejects.toMatchObject({ code: 'E_NODE' })
  })

  it('ends a delivery when the run is cancelled', async () => {
    const abort = new AbortController()
    const session = await connectThrough(await plugin(), at.node(), transportContext(abort.signal))
    const delivery = await deliveryOf(join(at.folder, 'a'), randomBytes(40_000_000), PATH)
    const ctx = { ...transportContext(abort.signal), progress: () => abort.abort() }
    await expect(session?.place(delivery, ctx)).rejects.toMatchObject({ code: 'E_ABORTED' })
    await session?.close()
    expect(await readdir(join(at.root, 'runc'))).toEqual([expect.stringMatching(/\.part$/)])
  })

  it('asks for a passphrase once, and keeps it a secret', async () => {
    const key = join(at.folder, 'locked')
    await writeFile(key, execFileSync('cat', [at.sshd.identityFile]), { mode: 0o600 })
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', key])
    const asked: string[] = []
    const secrets: string[] = []
    const ctx = {
      ...transportContext(),
      askSecret: async (question: string) => {
        asked.push(question)
        return 'open sesame'
      },
      secret: (text: string) => void secrets.push(text),
    }
    const connect = setUp(await plugin())
    const nodes = Array.from({ length: 6 }, (_, index) => at.node({ name: `n${index}`, identityFile: key }))
    const sessions = await Promise.all(nodes.map((node) => connect(node, ctx)))
    expect(asked).toEqual([expect.stringContaining(key)])
    expect(new Set(secrets)).toEqual(new Set(['open sesame']))
    await Promise.all(sessions.map((session) => session.close()))
  })

  it('has nodes serve each other across threads', async () => {
    const connect = setUp(await plugin())
    const ctx = transportContext()
    const folders = Array.from({ length: 6 }, (_, index) => join(at.folder, `root-${index}`))
    const sessions = await Promise.all(
      folders.map((root, index) => connect(at.node({ name: `n${index}`, root }), ctx)),
    )
    const delivery = await deliveryOf(join(at.folder, 'a'), randomBytes(500_000), PATH)
    await sessions[0]?.place(delivery, ctx)
    for (const [index, to] of sessions.slice(1).entries()) {
      expect(await sessions[index]?.relay(delivery, { to }, ctx)).toEqual({ state: 'sent', sentBytes: 0 })
    }
    await Promise.all(sessions.map((session) => session.close()))
  })
})
