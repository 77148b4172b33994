import { spawn } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startUpstream, type Upstream } from '../demo/upstream.ts'
import type { World } from '../world/index.ts'
import { createProject, type Project, REPOSITORY, schemaFaults, sha256File, snapshotTree } from './kit.ts'
import { WORLDS } from './worlds.ts'

const RUNC = 'runc-1.3.0-amd64.tar.zst'

describe('the commands on a folder node', () => {
  let opened: { world: World; remove(): Promise<void> }
  let upstream: Upstream
  let project: Project

  beforeAll(async () => {
    const [small] = WORLDS
    if (small === undefined) throw new Error('there is no small world')
    opened = await small.open()
    upstream = await startUpstream(opened.world.dir)
  })
  afterAll(async () => {
    await upstream.close()
    await opened.remove()
  })
  beforeEach(async () => {
    project = await createProject({
      arch: 'amd64',
      packages: ['runc@1.3.0', 'crictl@1.33.0'],
      mirrors: { 'https://': [upstream.url] },
      nodes: [
        { name: 'any', root: './any' },
        { name: 'arm', root: './arm', arch: 'arm64' },
      ],
    })
  })
  afterEach(() => project.remove())

  /** Files on a node, but for those that the transport keeps to itself. */
  async function lyingOn(node: string): Promise<string[]> {
    const files = Object.keys(await snapshotTree(join(project.dir, node)))
    return files.filter((file) => !file.startsWith('.pkgcache/')).sort()
  }

  it('plan tells what run would do, and changes nothing', async () => {
    const before = await snapshotTree(project.dir)
    const { code, stdout } = await project.run('plan', '--json')
    const plan = JSON.parse(stdout)
    expect({ code, faults: schemaFaults('cli-plan', plan) }).toEqual({ code: 0, faults: [] })
    const sizes = ['runc.amd64', 'crictl-v1.33.0-linux-amd64.tar.gz'].map(
      (file) => opened.world.artifacts.find(({ url }) => url.endsWith(`/${file}`))?.size,
    )
    expect(
      plan.items.map((item: Record<string, unknown>) => [item.name, item.action, item.download_bytes]),
    ).toEqual([
      ['runc', 'fetch', sizes[0]],
      ['crictl', 'fetch', sizes[1]],
    ])
    expect(await snapshotTree(project.dir)).toEqual(before)
  })

  it('plan shows what goes where, and nothing else', async () => {
    await project.configure({
      arch: 'amd64',
      packages: ['runc@1.3.0', { name: 'crictl', version: '1.33.0', to: ['workers', '!w2'] }],
      mirrors: { 'https://': [upstream.url] },
      nodes: ['cp1', 'w1', 'w2'].map((name) => {
        return { name, root: `./${name}`, groups: [name.startsWith('w') ? 'workers' : 'control'] }
      }),
    })
    const { code, stdout } = await project.run('plan')
    const rows = stdout.split('\n').filter((line) => /^(cp1|w\d) /.test(line))
    expect([code, rows.map((row) => row.split(/ +/).slice(0, 2))]).toEqual([
      0,
      [
        ['cp1', 'runc@1.3.0'],
        ['w1', 'runc@1.3.0'],
        ['w1', 'crictl@1.33.0'],
        ['w2', 'runc@1.3.0'],
      ],
    ])
    expect((await project.run('run')).code).toBe(0)
    expect(await lyingOn('w2')).toEqual([`runc/${RUNC}`])
  })

  it('nodes tells what is on the nodes, and changes nothing', async () => {
    await project.run('run')
    await rm(join(project.dir, 'any/runc'), { recursive: true })
    const before = await snapshotTree(project.dir)
    const { code, stdout, stderr } = await project.run('nodes')
    expect({ code, stderr, head: stdout.split('\n').slice(0, 3) }).toEqual({
      code: 0,
      stderr: '',
      head: ['NODE  runc  crictl', 'any   none  ok', 'arm   -     -'],
    })
    const json = JSON.parse((await project.run('nodes', '--json', '--rehash', '--node', '!arm')).stdout)
    expect(schemaFaults('cli-nodes', json)).toEqual([])
    expect(json.nodes.map((node: { name: string }) => node.name)).toEqual(['any'])
    expect([json.present, json.missing, json.down]).toEqual([1, 1, 0])
    expect(await snapshotTree(project.dir)).toEqual(before)
  })

  it('distribute --prune removes what is not declared any more, and nothing that others put there', async () => {
    await project.run('run')
    await writeFile(join(project.dir, 'any/notes.txt'), 'mine')
    await project.configure({
      arch: 'amd64',
      packages: ['runc@1.3.0'],
      nodes: [{ name: 'any', root: './any' }],
    })
    const seen = await project.run('nodes')
    expect(seen.stdout.split('\n').slice(6)).toEqual([
      '  on any:',
      expect.stringMatching(/^ {4}crictl\/crictl-1\.33\.0-amd64\.tar\.zst \(.*B, put there by pkgcache\)$/),
      '    notes.txt (4 B)',
      '',
      '1 node: 1 of 1 package present; 2 foreign files.',
      '  hint: pkgcache distribute --prune removes what pkgcache put there and is not declared',
      '',
    ])
    const { code, stdout } = await project.run('distribute', '--prune', '--json')
    const run = JSON.parse(stdout)
    expect({ code, faults: schemaFaults('cli-run', run) }).toEqual({ code: 0, faults: [] })
    expect(run.removals.map((one: { remote_path: string }) => one.remote_path)).toEqual([
      'crictl/crictl-1.33.0-amd64.tar.zst',
    ])
    expect(await lyingOn('any')).toEqual(['notes.txt', `runc/${RUNC}`])
  })

  it('nodes says of a node that is down why, and ends with 1', async () => {
    await project.configure({
      arch: 'amd64',
      packages: ['runc@1.3.0'],
      nodes: [{ name: 'gone', host: '127.0.0.1', port: 1, identityFile: './none' }],
    })
    const { code, stdout, stderr } = await project.run('nodes')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error E_\w+ node gone: /)
    expect(stdout).toMatch(/^gone {2}down E_\w+\n\n1 node, 1 of them down\.\n$/m)
  })

  it('a node nobody declared, and a number that is none, are told before anything is done', async () => {
    const unknown = await project.run('nodes', '--node', 'anny')
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      'error E_USAGE: there is no node called "anny"\n  hint: configured nodes: any, arm\n',
    ])
    const number = await project.run('run', '--max-failures', 'two')
    expect([number.code, number.stderr.split('\n')[0]]).toEqual([
      2,
      "error E_USAGE: option '--max-failures <n>' argument 'two' is invalid. Expected a whole number, 0 or more.",
    ])
  })

  it.each(['run', 'plan', 'fetch', 'distribute', 'nodes'])(
    '%s without a config says so and makes nothing',
    async (command) => {
      await rm(join(project.dir, 'pkgcache.config.json'))
      const { code, stderr } = await project.run(command)
      expect(code).toBe(2)
      expect(stderr).toBe(
        `error E_CONFIG: there is no pkgcache.config.* in ${project.dir} or a folder above\n` +
          '  hint: `pkgcache init` writes a starter config here; --config names one elsewhere\n',
      )
      expect(await snapshotTree(project.dir)).toEqual({})
    },
  )

  it('fetch touches no node, distribute asks no upstream', async () => {
    expect((await project.run('fetch')).code).toBe(0)
    expect(await snapshotTree(join(project.dir, 'any'))).toEqual({})
    const asked = upstream.requests.length
    expect((await project.run('distribute')).code).toBe(0)
    expect(upstream.requests).toHaveLength(asked)
    expect(await lyingOn('any')).toEqual(['crictl/crictl-1.33.0-amd64.tar.zst', `runc/${RUNC}`])
    expect(await snapshotTree(join(project.dir, 'arm'))).toEqual({})
  })

  it('distribute names what is not cached', async () => {
    const { code, stderr } = await project.run('distribute')
    expect(code).toBe(1)
    expect(stderr.split('\n').filter((line) => line.startsWith('error'))).toEqual([
      'error E_NOT_CACHED runc@1.3.0 linux/amd64: is not in the store',
      'error E_NOT_CACHED crictl@1.33.0 linux/amd64: is not in the store',
    ])
  })

  it('ensure brings one package, in the arch of the node it is for', async () => {
    expect((await project.run('ensure', 'helm@v3.18.0', '--node', 'arm')).code).toBe(0)
    expect(await lyingOn('arm')).toEqual(['helm/helm-3.18.0-arm64.tar.zst'])
    const { code, stderr } = await project.run('ensure', 'helm@3.18.0', '--arch', 'amd64', '--node', 'arm')
    expect(code).toBe(2)
    expect(stderr).toContain('error E_USAGE: node arm takes arm64 only, but helm@3.18.0 is asked for amd64')
  })

  it('path prints the path and nothing else', async () => {
    await project.run('fetch')
    const { code, stdout } = await project.run('path', 'runc@v1.3.0')
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${join(project.store, RUNC)}\n` })
    expect((await project.run('path', 'helm@3.18.0')).code).toBe(1)
  })

  it('prune --invalid removes a broken archive, run brings it anew', async () => {
    await project.run('fetch')
    const sound = await sha256File(join(project.store, RUNC))
    await writeFile(join(project.store, RUNC), 'broken')
    expect((await project.run('prune', '--invalid')).code).toBe(0)
    expect(Object.keys(await snapshotTree(project.store))).not.toContain(RUNC)
    expect(await readFile(join(project.store, 'index.yaml'), 'utf8')).not.toContain('name: runc')
    expect((await project.run('fetch')).code).toBe(0)
    expect(await sha256File(join(project.store, RUNC))).toBe(sound)
  })

  it('an index that was lost or broken comes back', async () => {
    await project.run('fetch')
    const index = join(project.store, 'index.yaml')
    await writeFile(index, 'packages: [')
    expect((await project.run('index', '--rebuild')).code).toBe(0)
    expect(await readFile(index, 'utf8')).toContain('name: crictl')
    await rm(index)
    expect((await project.run('fetch')).code).toBe(0)
    expect(await readFile(index, 'utf8')).toContain('name: runc')
  })

  it('a mirror without the file, or with a wrong one, is passed over for the next', async () => {
    const wrong: HttpServer = await startHttpServer({
      routes: {
        '/github.com/opencontainers/runc/releases/download/v1.3.0/runc.amd64': {
          content: Buffer.from('wrong'),
        },
      },
    })
    try {
      await project.configure({
        arch: 'amd64',
        packages: ['runc@1.3.0'],
        mirrors: { 'https://': [wrong.url.endsWith('/') ? wrong.url : `${wrong.url}/`, upstream.url] },
        mirrorsOnly: true,
      })
      expect((await project.run('fetch')).code).toBe(0)
      const record = join(project.store, '.pkgcache/records/runc@1.3.0@linux@amd64.json')
      expect(JSON.parse(await readFile(record, 'utf8')).served_by).toBe(
        `${upstream.url}github.com/opencontainers/runc/releases/download/v1.3.0/runc.amd64`,
      )
    } finally {
      await wrong.close()
    }
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s in mid-download ends it cleanly with %i', async (signal, exit) => {
    const slow = await startHttpServer({
      root: opened.world.dir,
      routes: { '/get.helm.sh/helm-v3.18.0-linux-amd64.tar.gz': { always: { stallAfter: 100 } } },
    })
    try {
      await project.configure({
        arch: 'amd64',
        packages: ['runc@1.3.0', 'helm@3.18.0'],
        mirrors: { 'https://': [`${slow.url.replace(/\/$/, '')}/`] },
      })
      const child = spawn(join(REPOSITORY, 'node_modules/.bin/pkgcache'), ['fetch'], {
        cwd: project.dir,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const ended = new Promise((done) => child.once('close', done))
      for await (const line of child.stdout.setEncoding('utf8')) if (line.includes('published runc')) break
      child.kill(signal)
      expect(await ended).toBe(exit)
      const files = Object.keys(await snapshotTree(project.store))
      expect(files).toContain(RUNC)
      expect(files.filter((file) => /tmp\/|locks\//.test(file))).toEqual([])
      expect(await readFile(join(project.store, 'index.yaml'), 'utf8')).toContain('name: runc')
      expect((await project.run('verify')).code).toBe(0)
    } finally {
      await slow.close()
    }
  })
})
