import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type HttpServer, smallTar, startHttpServer } from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { World } from '../world/index.ts'
import {
  createProject,
  type Project,
  REPOSITORY,
  runProgram,
  schemaFaults,
  sha256File,
  snapshotTree,
} from './kit.ts'
import { WORLDS } from './worlds.ts'

const BIN = join(REPOSITORY, 'node_modules/.bin/pkgcache')
const RUNC = '/github.com/opencontainers/runc/releases/download/v1.3.0/runc.amd64'
const PACKAGES = ['runc@1.3.0', 'crictl@1.33.0', 'kubectl@1.33.1']

let opened: { world: World; remove(): Promise<void> }
let server: HttpServer
let project: Project
const asked = () => server.requests.map(({ method, path }) => `${method} ${path}`)
const lockFile = () => join(project.dir, 'pkgcache.lock')

const configure = (packages: readonly string[] = PACKAGES, upstream = server.url) =>
  project.configure({ arch: 'amd64', packages, mirrors: { 'https://': [`${upstream}/`] }, mirrorsOnly: true })

async function restart(options: Parameters<typeof startHttpServer>[0] = {}) {
  await server.close()
  server = await startHttpServer({ root: opened.world.dir, ...options })
  await configure()
}

const emptyCache = () => rm(project.store, { recursive: true, force: true })

beforeAll(async () => {
  const [small] = WORLDS
  if (small === undefined) throw new Error('there is no small world')
  opened = await small.open()
})
afterAll(() => opened.remove())
beforeEach(async () => {
  server = await startHttpServer({ root: opened.world.dir })
  project = await createProject({})
  await configure()
})
afterEach(async () => {
  await server.close()
  await project.remove()
})

describe('lock', () => {
  it('writes version, URLs, size, digest and evidence, without a download where a checksum file knows it', async () => {
    const { code, stdout } = await project.run('lock', '--json')
    const document = JSON.parse(stdout)
    expect([code, schemaFaults('cli-lock', document)]).toEqual([0, []])
    expect(document).toMatchObject({
      added: 3,
      updated: 0,
      removed: 0,
      kept: 0,
      failed: 0,
      written: true,
      exit_code: 0,
    })
    const sizes = server.requests.filter(({ method }) => method === 'HEAD')
    const checksums = server.requests.filter(({ method }) => method === 'GET').map(({ path }) => path)
    expect([sizes.length, checksums]).toEqual([3, checksums.filter((path) => /sha256/.test(path))])
    const runc = opened.world.artifacts.find(({ url }) => url === `https:/${RUNC}`)
    const text = await readFile(lockFile(), 'utf8')
    expect(text).toContain(`  - name: runc
    platform: linux
    arch: amd64
    request: "1.3.0"
`)
    expect(text).toContain(`    version: "1.3.0"
    source: source-kubernetes
    urls:
      - https:/${RUNC}
    size: ${runc?.size}
    sha256: ${await sha256File(join(opened.world.dir, RUNC))}
    format: binary
    member: runc
    minimum_trust: checksum-file
`)
    expect((await stat(lockFile())).mode & 0o777).toBe(0o644)
  })

  it('says what changed, and asks for nothing else', async () => {
    await project.run('lock')
    await configure(['runc@1.3.0', 'crictl@1.33.0', 'helm@3.18.0'])
    const before = server.requests.length
    const { code, stdout } = await project.run('lock')
    expect(code).toBe(0)
    expect(stdout.replace(/[0-9a-f]{64}/g, 'X')).toBe(`PACKAGE                     CHANGE   VERSION  SHA256
helm@3.18.0 linux/amd64     added    3.18.0   X
kubectl@1.33.1 linux/amd64  removed  1.33.1

4 packages: 1 added, 0 updated, 1 removed, 2 kept. Wrote ${lockFile()}
`)
    expect(
      asked()
        .slice(before)
        .filter((line) => !line.includes('helm')),
    ).toEqual([])
    const again = await project.run('lock')
    expect(again.stdout).toBe(
      `3 packages: 0 added, 0 updated, 0 removed, 3 kept. Left as it was: ${lockFile()}\n`,
    )
  })

  it('--update of a name that is none is told, of one that failed leaves its entry', async () => {
    await project.run('lock')
    const wrong = await project.run('lock', '--update', 'rnc')
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      'error E_USAGE: no package called "rnc" is declared\n  hint: did you mean "runc"?\n',
    ])
    const before = await readFile(lockFile(), 'utf8')
    await restart({
      routes: { [RUNC.replace('runc.amd64', 'runc.sha256sum')]: { content: 'not a checksum' } },
    })
    const failed = await project.run('lock', '--update', 'runc', 'kubectl')
    expect([failed.code, failed.stdout]).toEqual([
      3,
      `3 packages: 0 added, 0 updated, 0 removed, 2 kept, 1 failed. Left as it was: ${lockFile()}\n`,
    ])
    expect(failed.stderr).toContain('error E_CHECKSUM_FILE runc@1.3.0 linux/amd64')
    expect(await readFile(lockFile(), 'utf8')).toBe(before)
  })

  it('a broken lock file ends the command by its line, whatever the command', async () => {
    await writeFile(lockFile(), 'version: 1\npackages: *all\n')
    for (const command of ['lock', 'run', 'fetch', 'plan']) {
      const { code, stderr } = await project.run(command)
      expect([code, stderr.split('\n')[0]]).toEqual([
        2,
        `error E_LOCK_FILE: ${lockFile()}, line 2: this text needs quotes`,
      ])
    }
    expect(await snapshotTree(project.store)).toEqual({})
  })
})

describe('run --frozen', () => {
  beforeEach(async () => {
    expect((await project.run('lock')).code).toBe(0)
  })

  it('asks for the downloads and nothing else: no checksum, no version, no HEAD', async () => {
    const before = server.requests.length
    const { code, stdout } = await project.run('run', '--frozen', '--json')
    expect(code).toBe(0)
    const items: { name: string; state: string; trust: string }[] = JSON.parse(stdout).items
    expect(items.map(({ name, state, trust }) => `${name} ${state} ${trust}`)).toEqual([
      'runc published pinned',
      'crictl published pinned',
      'kubectl published pinned',
    ])
    expect(asked().slice(before).sort()).toEqual([
      'GET /dl.k8s.io/release/v1.33.1/bin/linux/amd64/kubectl',
      'GET /github.com/kubernetes-sigs/cri-tools/releases/download/v1.33.0/crictl-v1.33.0-linux-amd64.tar.gz',
      `GET ${RUNC}`,
    ])
    const record = JSON.parse(
      await readFile(join(project.store, '.pkgcache/records/runc@1.3.0@linux@amd64.json'), 'utf8'),
    )
    expect(record.evidence[0]).toEqual({
      verifier: 'verify-checksum',
      trust: 'pinned',
      summary: 'sha256 of the download equals the lock file',
      from: 'pkgcache.lock',
    })
  })

  it('works from the cache with the upstream stopped', async () => {
    expect((await project.run('run', '--frozen')).code).toBe(0)
    await server.close()
    const again = await project.run('run', '--frozen')
    expect([again.code, again.stdout.split('\n')[0]]).toEqual([0, 'Nothing to do: 3 packages up to date.'])
    expect((await project.run('plan', '--frozen')).code).toBe(0)
    expect((await project.run('ensure', 'runc@1.3.0', '--frozen')).code).toBe(0)
    await emptyCache()
    expect((await project.run('run', '--frozen')).code).toBe(1)
  })

  it('fails with both digests when one byte upstream is another', async () => {
    await restart({ routes: { [RUNC]: { always: { flipByteAt: 100 } } } })
    const { code, stderr } = await project.run('run', '--frozen')
    const sound = await sha256File(join(opened.world.dir, RUNC))
    expect(code).toBe(3)
    const [line = ''] = stderr.split('\n').filter((one) => one.startsWith('error'))
    expect(line).toMatch(
      /^error E_DIGEST runc@1\.3\.0 linux\/amd64: .* has sha256 [0-9a-f]{64}, but pkgcache\.lock says [0-9a-f]{64}$/,
    )
    const [actual, locked] = [...line.matchAll(/[0-9a-f]{64}/g)].map(([hex]) => hex)
    expect([locked, actual === sound]).toEqual([sound, false])
    expect(Object.keys(await snapshotTree(project.store)).filter((file) => file.startsWith('runc'))).toEqual(
      [],
    )
    expect(asked().filter((request) => /sha256/.test(request) || request.startsWith('HEAD'))).toEqual([])
  })

  it('refuses what is not in the lock file, and a project without one', async () => {
    await configure(['runc@1.3.1', 'crictl@1.33.0', 'helm@3.18.0'])
    const { code, stderr } = await project.run('fetch', '--frozen')
    expect(code).toBe(1)
    expect(
      stderr
        .split('\n')
        .filter((line) => line.startsWith('error'))
        .sort(),
    ).toEqual([
      'error E_NOT_LOCKED helm@3.18.0 linux/amd64: is not in the lock file',
      'error E_NOT_LOCKED runc@1.3.1 linux/amd64: version 1.3.1 is asked for, the lock file has 1.3.0',
    ])
    await rm(lockFile())
    const without = await project.run('run', '--frozen')
    expect([without.code, without.stderr]).toEqual([
      2,
      `error E_LOCK_FILE: there is no lock file ${lockFile()}, and the run is frozen\n  hint: \`pkgcache lock\` writes it\n`,
    ])
  })

  it.each<readonly [string, string | undefined, readonly string[], boolean]>([
    ['in CI', 'true', [], true],
    ['in CI by another name', '1', [], true],
    ['in CI with --no-frozen', 'true', ['--no-frozen'], false],
    ['where CI says no', 'false', [], false],
    ['where CI is 0', '0', [], false],
    ['where CI is empty', '', [], false],
    ['anywhere else', undefined, [], false],
  ])('is the default %s', async (_, CI, flags, frozen) => {
    await configure(['helm@3.18.0'])
    const env = { PKGCACHE_HOME: join(project.dir, 'home'), ...(CI !== undefined && { CI }) }
    const { code, stdout, stderr } = await runProgram(BIN, ['fetch', ...flags], { cwd: project.dir, env })
    const told = stdout.split('\n').filter((line) => line.startsWith('lock: '))
    expect([code, stderr.includes('E_NOT_LOCKED'), told.length]).toEqual(
      frozen ? [1, true, 1] : [0, false, 0],
    )
    if (frozen)
      expect(told).toEqual([
        `lock: CI is set: going by ${lockFile()} alone, as with --frozen; --no-frozen asks the sources`,
      ])
    else
      expect(stderr).toContain(
        'warning lock: not in the lock file as asked for: helm@3.18.0 linux/amd64; `pkgcache lock` adds them',
      )
  })

  it('is not the default in CI without a lock file', async () => {
    await rm(lockFile())
    const env = { PKGCACHE_HOME: join(project.dir, 'home'), CI: 'true' }
    const { code, stdout } = await runProgram(BIN, ['fetch'], { cwd: project.dir, env })
    expect([code, stdout.includes('lock:')]).toEqual([0, false])
  })
})

describe('a private source', () => {
  const TOKEN = 'glacial-otter-token'
  const SECRET = 'plain-otter-secret'
  const tar = smallTar()

  const config = (upstream: string) => `import { defineConfig, defineSource } from 'pkgcache'

const acme = defineSource({
  name: 'source-acme',
  schema: { type: 'object', additionalProperties: false, properties: { token: { type: 'string' } } },
  resolve({ name, version, platform, arch }, ctx, { token }) {
    if (name !== 'acme-agent') return undefined
    return { name, version, platform, arch, digests: [], ...at(token) }
  },
  locate: (request, locked, { token }) => at(token),
})
const at = (token) => ({ urls: ['${upstream}/agent.tar'], headers: { authorization: 'Bearer ' + token } })

export default defineConfig({
  store: './store',
  arch: 'amd64',
  packages: [
    'acme-agent@1.0',
    { name: 'tool', version: '2.0', url: '${upstream.replace('//', `//me:${SECRET}@`)}/{name}-{version}.tar?sig=${SECRET}' },
  ],
  plugins: [acme({ token: '${TOKEN}' })],
})
`

  it('is brought frozen into an empty cache with its token, which is in no file', async () => {
    const routes = { '/agent.tar': { content: tar }, '/tool-2.0.tar': { content: tar } }
    await restart({ routes })
    await rm(join(project.dir, 'pkgcache.config.json'))
    await writeFile(join(project.dir, 'pkgcache.config.mjs'), config(server.url))
    const locked = await project.run('lock')
    expect([locked.code, locked.stderr]).toEqual([0, ''])
    const text = await readFile(lockFile(), 'utf8')
    expect(text).toContain(`      - ${server.url}/agent.tar\n`)
    expect(text).toContain(`      - ${server.url}/tool-2.0.tar\n`)
    await emptyCache()
    const before = server.requests.length
    const frozen = await project.run('run', '--frozen')
    expect([frozen.code, frozen.stderr]).toEqual([0, ''])
    const basic = `Basic ${Buffer.from(`me:${SECRET}`).toString('base64')}`
    expect(
      server.requests
        .slice(before)
        .map(({ method, path, headers }) => `${method} ${path} ${headers.authorization}`)
        .sort(),
    ).toEqual([`GET /agent.tar Bearer ${TOKEN}`, `GET /tool-2.0.tar?sig=${SECRET} ${basic}`])
    const plan = await project.run('plan', '--frozen', '--json')
    const listed = await project.run('lock', '--json')
    const said = [locked, frozen, plan, listed].flatMap(({ stdout, stderr }) => [stdout, stderr])
    const files = Object.keys(await snapshotTree(project.store)).map((file) => join(project.store, file))
    const written = await Promise.all([lockFile(), ...files].map((file) => readFile(file, 'latin1')))
    const leaks = [...said, ...written].filter((one) => one.includes(TOKEN) || one.includes(SECRET))
    expect(leaks).toEqual([])
  })

  it('does not follow the lock file with its token', async () => {
    const thief = await startHttpServer({ routes: { '/agent.tar': { content: tar } } })
    try {
      await restart({ routes: { '/agent.tar': { content: tar }, '/tool-2.0.tar': { content: tar } } })
      await rm(join(project.dir, 'pkgcache.config.json'))
      await writeFile(join(project.dir, 'pkgcache.config.mjs'), config(server.url))
      await project.run('lock')
      await emptyCache()
      const text = await readFile(lockFile(), 'utf8')
      await writeFile(lockFile(), text.replace(`${server.url}/agent`, `${thief.url}/agent`))
      const { code, stderr } = await project.run('run', '--frozen')
      expect([code, stderr.split('\n')[0]]).toEqual([
        1,
        `error E_NOT_LOCKED acme-agent@1.0 linux/amd64: source-acme takes it from ${server.url}/agent.tar, locked is ${thief.url}/agent.tar`,
      ])
      expect(thief.requests).toEqual([])
    } finally {
      await thief.close()
    }
  })
})
