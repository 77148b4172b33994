import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { leftOut } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startUpstream, type Upstream } from '../demo/upstream.ts'
import type { World } from '../world/index.ts'
import { createProject, missingProgram, type Project, runProgram } from './kit.ts'
import { WORLDS } from './worlds.ts'

const noGpg = leftOut('e2e signatures of the worlds', missingProgram('gpg'))

/** The full fingerprint of the one key in a file, as gpg prints it. */
async function fingerprintIn(file: string): Promise<string> {
  const { stdout } = await runProgram('gpg', ['--show-keys', '--with-colons', file])
  return /^fpr:+([0-9A-F]{40}):$/m.exec(stdout)?.[1] ?? 'none'
}

// what the two projects sign is their list of checksums: runc clear-signs it, nerdctl signs it apart
describe.each(WORLDS.filter(({ available }) => available && !noGpg))(
  'signed lists of the $name',
  ({ open }) => {
    let world: World
    let removeWorld: () => Promise<void>
    let upstream: Upstream
    let project: Project
    let key: string

    const signedBy = async (fingerprint: string) => {
      const signers = { runc: [fingerprint], nerdctl: [fingerprint] }
      const config = {
        store: './store',
        arch: ['amd64', 'arm64'],
        packages: ['runc@1.3.0', 'nerdctl@2.1.2'],
        mirrors: { 'https://': [upstream.url] },
      }
      await writeFile(
        join(project.dir, 'pkgcache.config.mjs'),
        `import verifyOpenpgp from '@pkgcache/verify-openpgp'\n` +
          `const plugins = [verifyOpenpgp(${JSON.stringify({ keys: [key], signers })})]\n` +
          `export default { ...${JSON.stringify(config)}, plugins }\n`,
      )
      return project.run('run', '--require', 'signed', '--json', '--config', 'pkgcache.config.mjs')
    }

    beforeAll(async () => {
      const opened = await open()
      world = opened.world
      removeWorld = opened.remove
      upstream = await startUpstream(world.dir)
      project = await createProject({})
      key = join(world.dir, 'keys/signer.asc')
    }, 300_000)

    afterAll(async () => {
      await project.remove()
      await upstream.close()
      await removeWorld()
    })

    it('by another key than the pinned one publish nothing', { timeout: 120_000 }, async () => {
      const { code, stdout } = await signedBy('0'.repeat(40))
      const { items } = JSON.parse(stdout) as { items: { state: string; error?: { code: string } }[] }
      expect([code, items.map(({ state, error }) => `${state} ${error?.code}`)]).toEqual([
        3,
        Array.from({ length: 4 }, () => 'failed E_SIGNATURE'),
      ])
      expect((await project.run('list', '--json')).stdout).toMatch(/"packages": \[\]/)
    })

    it('by the pinned key give trust `signed`', { timeout: 120_000 }, async () => {
      const { code, stdout } = await signedBy(await fingerprintIn(key))
      const { items } = JSON.parse(stdout) as { items: { name: string; state: string; trust?: string }[] }
      expect([code, items.map(({ name, state, trust }) => `${name} ${state} ${trust}`)]).toEqual([
        0,
        ['runc', 'runc', 'nerdctl', 'nerdctl'].map((name) => `${name} published signed`),
      ])
    })
  },
)
