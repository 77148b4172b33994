import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectThrough, transportConformance } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import { startDemoNode } from '../../../test/demo/ssh-node.ts'
import ssh from '../src/index.ts'

// Also the one server here without OpenSSH's extensions: no fsync, statvfs or posix-rename.
transportConformance({ describe, it }, 'transport-ssh to the embedded node', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pkgcache-demo-root-'))
  const { close, ...server } = await startDemoNode({ root: join(folder, 'root') })
  return {
    plugin: ssh(),
    node: { name: 'demo', ...server, sudo: false },
    root: server.root,
    async close() {
      await close()
      await rm(folder, { recursive: true })
    },
  }
})

it('the embedded node lets nobody in without its key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pkgcache-demo-root-'))
  const one = await startDemoNode({ root: folder })
  const other = await startDemoNode({ root: folder })
  try {
    const { close: _, ...server } = one
    const node = { name: 'demo', ...server, identityFile: other.identityFile, sudo: false }
    await expect(connectThrough(ssh(), node)).rejects.toMatchObject({ code: 'E_NODE_AUTH' })
  } finally {
    await one.close()
    await other.close()
    await rm(folder, { recursive: true })
  }
})
