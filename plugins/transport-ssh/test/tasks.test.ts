import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeArtifact } from '@pkgcache/core'
import { deliveryOf, leftOut, sshdAvailable, transportContext } from '@pkgcache/core/testing'
import { describe, expect, it } from 'vitest'
import { bench } from './kit.ts'

const SUITE = 'what is done on a node after arrival'

function programsAvailable(): string | undefined {
  try {
    execFileSync('sh', ['-c', 'command -v zstd && command -v tar'], { stdio: 'pipe' })
    return undefined
  } catch {
    return 'no zstd, tar'
  }
}

describe.skipIf(leftOut(SUITE, sshdAvailable() ?? programsAvailable()))(SUITE, () => {
  const at = bench()
  const ctx = transportContext()
  const into = () => join(at.folder, 'opt', 'tool')

  /** An archive of `tool/bin/hello`, which prints its version, delivered. */
  const deliver = async (version: string, sudo = false): Promise<NodeArtifact> => {
    const source = join(at.folder, `src-${version}`)
    await mkdir(join(source, 'tool', 'bin'), { recursive: true })
    await writeFile(join(source, 'tool', 'bin', 'hello'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 })
    const archive = join(at.folder, `${version}.tar.zst`)
    execFileSync('tar', ['--zstd', '-cf', archive, '-C', source, 'tool'])
    const path = `tool/tool-${version}-amd64.tar.zst`
    const delivery = await deliveryOf(archive, await readFile(archive), path)
    await (await at.open({ sudo })).place(delivery, ctx)
    return { delivery, key: { name: 'tool', version, platform: 'linux', arch: 'amd64' } }
  }

  it.each([false, true])(
    'unpacks into a folder of the version and switches current (sudo: %s)',
    async (sudo) => {
      const session = await at.open({ sudo })
      const task = { extractTo: into(), strip: 1 }
      for (const version of ['1.0.0', '2.0.0']) {
        const artifact = await deliver(version, sudo)
        expect(await session.apply(artifact, task, ctx)).toBe('done')
        expect(await session.apply(artifact, task, ctx)).toBe('present')
        expect(await readlink(join(into(), 'current'))).toBe(version)
        expect(execFileSync(join(into(), 'current', 'bin', 'hello'), { encoding: 'utf8' })).toBe(
          `${version}\n`,
        )
      }
      expect((await readdir(into())).sort()).toEqual(['1.0.0', '2.0.0', 'current'])
      // back again: nothing needs unpacking, and the link is all that is wrong
      expect(await session.apply(await deliver('1.0.0', sudo), task, ctx)).toBe('done')
      expect(await readlink(join(into(), 'current'))).toBe('1.0.0')
    },
  )

  it('puts back what was taken away, and replaces a version of other bytes', async () => {
    const session = await at.open()
    const artifact = await deliver('1.0.0')
    const task = { extractTo: into() }
    await session.apply(artifact, task, ctx)
    execFileSync('rm', ['-r', join(into(), '1.0.0')])
    expect(await session.apply(artifact, task, ctx)).toBe('done')
    await writeFile(join(into(), '1.0.0', 'stray'), 'of an older build')
    const other = { ...artifact, delivery: { ...artifact.delivery, sha256: 'f'.repeat(64) } }
    expect(await session.apply(other, task, ctx)).toBe('done')
    expect(await readdir(join(into(), '1.0.0'))).toEqual(['tool'])
  })

  it('runs the command in the new folder, told what it is about, once', async () => {
    const session = await at.open()
    const artifact = await deliver('1.0.0')
    const log = join(at.folder, 'log')
    const command = `echo "$PKGCACHE_NAME $PKGCACHE_VERSION $PKGCACHE_ARCH it's $(pwd)" >> '${log}'\necho "$PKGCACHE_FILE" >> '${log}'`
    expect(await session.apply(artifact, { extractTo: into(), command }, ctx)).toBe('done')
    expect(await session.apply(artifact, { extractTo: into(), command }, ctx)).toBe('present')
    const lines = [
      `tool 1.0.0 amd64 it's ${join(into(), '1.0.0')}`,
      join(at.root, artifact.delivery.remotePath),
    ]
    expect((await readFile(log, 'utf8')).trimEnd().split('\n')).toEqual(lines)
    expect(await session.apply(artifact, { extractTo: into(), command: `${command}\ntrue` }, ctx)).toBe(
      'done',
    )
  })

  it('says what a command that fails said last, and runs it again the next time', async () => {
    const session = await at.open()
    const artifact = await deliver('1.0.0')
    const task = { command: 'echo one; echo "no such unit" >&2; exit 5' }
    for (let round = 0; round < 2; round++) {
      await expect(session.apply(artifact, task, ctx)).rejects.toMatchObject({
        code: 'E_NODE_COMMAND',
        message: expect.stringMatching(/ended with 5: "no such unit"$/),
      })
    }
  })

  it.each<[what: string, prepare: () => Promise<unknown>, code: string, says: string]>([
    [
      'a version folder that is a link',
      async () => {
        await mkdir(into(), { recursive: true })
        await symlink('/etc', join(into(), '1.0.0'))
      },
      'E_NODE_SYMLINK',
      '1.0.0',
    ],
    [
      'current that is a folder',
      () => mkdir(join(into(), 'current'), { recursive: true }),
      'E_NODE_UNPACK',
      'is no link',
    ],
    [
      'a file where the folder goes',
      async () => {
        await mkdir(join(at.folder, 'opt'))
        await writeFile(into(), '')
      },
      'E_NODE_DENIED',
      'opt/tool',
    ],
  ])('refuses %s', async (_what, prepare, code, says) => {
    const session = await at.open()
    const artifact = await deliver('1.0.0')
    await prepare()
    await expect(session.apply(artifact, { extractTo: into() }, ctx)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says),
    })
  })

  it('leaves the old version as it was when an archive cannot be unpacked', async () => {
    const session = await at.open()
    await session.apply(await deliver('1.0.0'), { extractTo: into() }, ctx)
    const broken = await deliver('2.0.0')
    const file = join(at.root, broken.delivery.remotePath)
    await writeFile(file, (await readFile(file)).subarray(0, 60))
    await expect(session.apply(broken, { extractTo: into() }, ctx)).rejects.toMatchObject({
      code: 'E_NODE_UNPACK',
    })
    expect((await readdir(into())).sort()).toEqual(['1.0.0', 'current'])
    expect(await readlink(join(into(), 'current'))).toBe('1.0.0')
  })

  it('names a file that is no tar archive', async () => {
    const session = await at.open()
    const delivery = await deliveryOf(join(at.folder, 'a'), Buffer.from('MZ'), 'win32/x64/a/1/a.exe')
    await session.place(delivery, ctx)
    const key = { name: 'a', version: '1', platform: 'win32', arch: 'x64' }
    await expect(session.apply({ delivery, key }, { extractTo: into() }, ctx)).rejects.toMatchObject({
      code: 'E_NODE_UNPACK',
      message: expect.stringContaining('no tar archive'),
    })
  })

  it.each(['relative', '/', '/opt/../etc', '/opt/a\nb'])('refuses to unpack into %j', async (extractTo) => {
    const session = await at.open()
    await expect(session.apply(await deliver('1.0.0'), { extractTo }, ctx)).rejects.toMatchObject({
      code: 'E_CONFIG',
    })
  })

  it('runs commands with variables of their own', async () => {
    const session = await at.open()
    const file = join(at.folder, 'said')
    await session.run(
      `printf %s "$PKGCACHE_NAME;$OTHER" > '${file}'`,
      { PKGCACHE_NAME: "it's $(id)", OTHER: 'b' },
      ctx,
    )
    expect(await readFile(file, 'utf8')).toBe("it's $(id);b")
    await expect(session.run('exit 3', {}, ctx)).rejects.toMatchObject({ code: 'E_NODE_COMMAND' })
    expect((await stat(file)).isFile()).toBe(true)
  })
})
