import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { find, findAllVersions } from '@actions/tool-cache'
import { type HttpServer, leftOut, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { BIN, missingProgram, runProgram } from './kit.ts'
import { buildToolWorld, type ToolWorld } from './tool-world.ts'

const SUITE = 'e2e the tool cache of a runner'
const FILES = 4000

/** A `go` of so many files that a run can be killed in the middle of writing them. */
async function makeLarge(archive: string, staging: string): Promise<void> {
  await mkdir(join(staging, 'bin'), { recursive: true })
  await mkdir(join(staging, 'src'))
  await writeFile(join(staging, 'bin/go'), '#!/bin/sh\n', { mode: 0o755 })
  for (let number = 0; number < FILES; number++)
    await writeFile(join(staging, 'src', `${number}.go`), 'package x\n')
  execFileSync('bsdtar', ['-a', '-cf', archive, '-C', staging, 'bin', 'src'])
}

describe.skipIf(leftOut(SUITE, missingProgram('bsdtar')))(SUITE, () => {
  let world: ToolWorld
  let upstream: HttpServer
  let dir: string
  let tools: string

  beforeAll(async () => {
    world = await buildToolWorld()
    dir = await mkdtemp(join(tmpdir(), 'pkgcache-tool-cache-'))
    tools = join(dir, 'tools')
    await makeLarge(join(world.dir, world.archive('go', '1.24.5', 'linux')), join(dir, 'staging'))
    upstream = await startHttpServer({ root: world.dir })
    const config = {
      store: './store',
      mirrors: { 'https://': [`${upstream.url}/`] },
      mirrorsOnly: true,
    }
    const options = { report: world.reports[0], toolset: world.toolsets[0], toolCache: './tools' }
    await writeFile(
      join(dir, 'pkgcache.config.ts'),
      [
        "import { defineConfig } from '@pkgcache/core'",
        "import runnerImages from '@pkgcache/source-runner-images'",
        `export default defineConfig({ ...${JSON.stringify(config)}, plugins: [runnerImages(${JSON.stringify(options)})] })`,
      ].join('\n'),
    )
    vi.stubEnv('RUNNER_TOOL_CACHE', tools)
    vi.stubEnv('RUNNER_TEMP', join(dir, 'temp'))
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await upstream?.close()
    await world?.remove()
    await rm(dir, { recursive: true, force: true })
  })

  const options = () => ({ cwd: dir, env: { ...process.env, PKGCACHE_HOME: join(dir, 'home') } })

  /** Resolves when files of the large tool are being written. */
  async function writing(): Promise<void> {
    for (;;) {
      const own = await readdir(join(tools, '.pkgcache')).catch(() => [])
      const sources = own.map((name) => join(tools, '.pkgcache', name, 'unpacked/src'))
      for (const folder of sources) if ((await readdir(folder).catch(() => [])).length > 10) return
      await sleep(2)
    }
  }

  it('holds no tool that a killed run was writing, and is whole after the next one', async () => {
    const child = spawn(BIN, ['run', '--only', 'toolcache'], { ...options(), stdio: 'ignore' })
    const exited = once(child, 'exit')
    await writing()
    child.kill('SIGKILL')
    expect(await exited).toEqual([null, 'SIGKILL'])
    expect(find('go', '1.24.5', 'x64')).toBe('')
    expect((await readdir(join(tools, '.pkgcache'))).some((name) => name.startsWith('tmp.'))).toBe(true)

    const { code } = await runProgram(BIN, ['run', '--only', 'toolcache'], options())
    expect([code, (await readdir(tools)).sort()]).toEqual([0, ['go', 'node']])
    expect(findAllVersions('go', 'x64').sort()).toEqual(['1.23.11', '1.24.5'])
    expect(findAllVersions('node', 'x64').sort()).toEqual(['20.19.4', '22.17.1'])
    expect(find('go', '1.24', 'x64')).toBe(join(tools, 'go/1.24.5/x64'))
    expect(await readdir(join(tools, 'go/1.24.5/x64/src'))).toHaveLength(FILES)
    expect(existsSync(join(tools, 'go/1.24.5/x64/setup.sh'))).toBe(false)
    const said = execFileSync(join(find('node', '22', 'x64'), 'bin/node'), { encoding: 'utf8' })
    expect(said).toBe('22.17.1\n')
  })

  it('is written by two runs at once, and each is content', async () => {
    await rm(tools, { recursive: true })
    const runs = await Promise.all(
      [0, 1].map(() => runProgram(BIN, ['run', '--only', 'toolcache'], options())),
    )
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ])
    expect((await readdir(tools)).sort()).toEqual(['go', 'node'])
    expect(findAllVersions('go', 'x64').sort()).toEqual(['1.23.11', '1.24.5'])
  })
})
