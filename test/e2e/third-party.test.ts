import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leftOut } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startUpstream, type Upstream } from '../demo/upstream.ts'
import { buildSmallWorld } from '../world/index.ts'
import { gnuTarMembers, missingProgram, REPOSITORY, runProgram } from './kit.ts'

const SUITE = 'e2e third-party plugin in a project of its own'

// A plugin as a stranger writes it: one import, under 40 lines.
const PLUGIN = `import { defineSource, fetchChecksum } from '@pkgcache/core'

export default defineSource({
  name: 'source-acme',
  packages: ['acme-bridge'],
  schema: {
    type: 'object',
    properties: { base: { type: 'string' } },
    required: ['base'],
    additionalProperties: false,
  },
  async resolve(request, ctx, { base }) {
    if (request.name !== 'acme-bridge') return undefined
    const folder = base + '/v' + request.version
    const checksum = await fetchChecksum(ctx, folder + '/SHA256SUMS', 'cni.tar.gz')
    return {
      name: request.name,
      version: request.version,
      platform: request.platform,
      arch: request.arch,
      urls: [folder + '/cni.tar.gz'],
      digests: [checksum],
      minimumTrust: 'checksum-file',
    }
  },
})
`

const config = (upstream: string) => `import { defineConfig } from '@pkgcache/core'
import acme from '../acme-plugin/index.mjs'

export default defineConfig({
  store: './store',
  arch: 'amd64',
  packages: ['acme-bridge@1.7.1', 'runc@1.3.0'],
  mirrors: { 'https://': ['${upstream}'] },
  plugins: [acme({ base: 'https://formats.example/cni' })],
})
`

const canInstall = (await runProgram('npm', ['ping'], { cwd: REPOSITORY })).code === 0
const WORKSPACES = [
  'schemas',
  'core',
  'cli',
  ...(await readdir(join(REPOSITORY, 'plugins'))).map((name) => `plugins/${name}`),
]

describe.skipIf(
  leftOut(SUITE, canInstall ? missingProgram('tar', 'zstd') : 'no npm registry can be reached'),
)(SUITE, () => {
  let dir: string
  let project: string
  let upstream: Upstream

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pkgcache-third-party-'))
    project = join(dir, 'project')
    upstream = await startUpstream((await buildSmallWorld(join(dir, 'world'))).dir)
    await mkdir(join(dir, 'acme-plugin'))
    await writeFile(join(dir, 'acme-plugin/index.mjs'), PLUGIN)
    await mkdir(join(dir, 'tarballs'))
    const pack = [
      'pack',
      '--silent',
      '--pack-destination',
      join(dir, 'tarballs'),
      ...WORKSPACES.flatMap((name) => ['-w', name]),
    ]
    expect(await runProgram('npm', pack, { cwd: REPOSITORY })).toMatchObject({ code: 0 })
    const tarballs = (await readdir(join(dir, 'tarballs'))).map((name) => join(dir, 'tarballs', name))
    expect(tarballs).toHaveLength(WORKSPACES.length)
    await mkdir(project)
    const allowScripts = { 'zstd-napi': true, ssh2: true, 'cpu-features': true, 'lzma-native': true }
    await writeFile(
      join(project, 'package.json'),
      JSON.stringify({ name: 'project', private: true, allowScripts }),
    )
    const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs]
    const { code, stderr } = await runProgram('npm', install, { cwd: project })
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    await writeFile(join(project, 'pkgcache.config.ts'), config(upstream.url))
  }, 600_000)

  afterAll(async () => {
    await upstream.close()
    await rm(dir, { recursive: true, force: true })
  })

  const pkgcache = (...args: string[]) =>
    runProgram(join(project, 'node_modules/.bin/pkgcache'), args, {
      cwd: project,
      env: { PKGCACHE_HOME: join(dir, 'home') },
    })

  it('is under 40 lines and imports nothing but @pkgcache/core', () => {
    expect(PLUGIN.split('\n').length).toBeLessThan(40)
    expect([...PLUGIN.matchAll(/from '([^']+)'/g)].map(([, name]) => name)).toEqual(['@pkgcache/core'])
  })

  it('resolves its package beside the default plugins', async () => {
    const { code, stdout, stderr } = await pkgcache('run', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr })
    const items: { name: string; state: string; trust: string }[] = JSON.parse(stdout).items
    expect(items.map(({ name, state, trust }) => [name, state, trust])).toEqual([
      ['acme-bridge', 'published', 'checksum-file'],
      ['runc', 'published', 'checksum-file'],
    ])
    const members = await gnuTarMembers(join(project, 'store/acme-bridge-1.7.1-amd64.tar.zst'))
    expect(members.map(({ path }) => path)).toContain('bridge')
    expect((await pkgcache('verify')).code).toBe(0)
  })

  it('is checked before anything is done', async () => {
    const wrong = config(upstream.url).replace('acme({ base:', 'acme({ bsae:')
    await writeFile(join(project, 'wrong.config.ts'), wrong)
    const { code, stderr } = await pkgcache('plan', '--config', 'wrong.config.ts')
    expect(code).toBe(2)
    expect(stderr).toContain('plugins[0] (source-acme): unknown option "bsae"; did you mean "base"?')
    expect(stderr).toContain('plugins[0] (source-acme): option "base" is missing')
  })
})
