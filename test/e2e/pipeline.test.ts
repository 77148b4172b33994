import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Config, NodeConfig } from '@pkgcache/core'
import { leftOut, type Sshd, sshdAvailable, startSshd } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { startUpstream, type Upstream } from '../demo/upstream.ts'
import type { World } from '../world/index.ts'
import {
  createProject,
  gnuTarMembers,
  missingProgram,
  type Project,
  runProgram,
  schemaFaults,
  sha256File,
  snapshotTree,
} from './kit.ts'
import { ARCHES, NINE, wantedFrom, wantedMembers } from './nine.ts'
import { fileOf, readJson, WORLDS } from './worlds.ts'

const noSshd = leftOut('e2e pipeline to real OpenSSH nodes', sshdAvailable() ?? missingProgram('tar', 'zstd'))
const FORMATS = ['tar', 'tar.gz', 'tgz', 'tar.bz2', 'tar.xz', 'tar.zst', 'zip'] as const

/** This machine's arch as Go spells it: what a node without `arch` says of itself. */
const OWN_ARCH = { x64: 'amd64' }[process.arch as string] ?? process.arch
/** The first node is asked, the second takes the other one. */
const NODE_ARCHES = [OWN_ARCH, ARCHES.find((arch) => arch !== OWN_ARCH) ?? OWN_ARCH] as const

function sshNode(name: string, sshd: Sshd, arch?: string): NodeConfig {
  const { host, port, user, identityFile, knownHosts, root } = sshd
  return { name, host, port, user, identityFile, knownHosts, root, ...(arch !== undefined && { arch }) }
}

describe.each(WORLDS.filter(({ available }) => available && !noSshd))('$name', ({ open }) => {
  let world: World
  let removeWorld: () => Promise<void>
  let upstream: Upstream
  let nodes: Sshd[]
  let project: Project

  const config = (): Config => ({
    arch: [...ARCHES],
    packages: NINE.map(({ spec }) => spec),
    mirrors: { 'https://': [upstream.url] },
    nodes: nodes.map((node, index) =>
      sshNode(`n${index + 1}`, node, index === 0 ? undefined : NODE_ARCHES[1]),
    ),
  })

  beforeAll(async () => {
    const opened = await open()
    world = opened.world
    removeWorld = opened.remove
    upstream = await startUpstream(world.dir)
    nodes = await Promise.all([startSshd(), startSshd()])
    project = await createProject(config())
  }, 300_000)

  afterAll(async () => {
    await project.remove()
    await Promise.all(nodes.map((node) => node.stop()))
    await upstream.close()
    await removeWorld()
  })

  it('caches all nine for two arches and brings each node those of its own', {
    timeout: 300_000,
  }, async () => {
    const { code, stdout, stderr } = await project.run('run', '--json')
    expect({ code, stderr: stderr.split('\n').filter((line) => /warn|error/.test(line)) }).toEqual({
      code: 0,
      stderr: [],
    })
    const document = JSON.parse(stdout)
    expect(schemaFaults('cli-run', document)).toEqual([])
    const wanted = wantedFrom(world)
    const archives = (await readdir(project.store)).filter((name) => name.endsWith('.tar.zst'))
    expect(archives.sort()).toEqual(wanted.map(({ archive }) => archive).sort())
    for (const [index, node] of nodes.entries()) {
      const due = wanted.filter(({ arch }) => arch === NODE_ARCHES[index])
      expect(due).toHaveLength(9)
      const there = Object.keys(await snapshotTree(node.root)).filter(
        (file) => !file.startsWith('.pkgcache/'),
      )
      expect(there.sort()).toEqual(due.map(({ name, archive }) => `${name}/${archive}`).sort())
      for (const { name, archive } of due) {
        expect(await sha256File(join(node.root, name, archive)), archive).toBe(
          await sha256File(join(project.store, archive)),
        )
      }
    }
  })

  it('holds exactly upstream’s members, as GNU tar reads them', { timeout: 300_000 }, async () => {
    for (const wanted of wantedFrom(world)) {
      const archive = join(project.store, wanted.archive)
      expect((await runProgram('zstd', ['-tq', archive])).code, wanted.archive).toBe(0)
      const members = await gnuTarMembers(archive)
      expect(
        members.sort((a, b) => (a.path < b.path ? -1 : 1)),
        wanted.archive,
      ).toEqual(wantedMembers(wanted))
    }
  })

  it('writes index, records and outputs that the schemas describe', async () => {
    const index = parse(await readFile(join(project.store, 'index.yaml'), 'utf8'))
    expect(schemaFaults('index', index)).toEqual([])
    expect(index.packages).toHaveLength(18)
    const records = join(project.store, '.pkgcache/records')
    const names = await readdir(records)
    expect(names).toHaveLength(18)
    for (const name of names)
      expect(schemaFaults('record', await readJson(join(records, name))), name).toEqual([])
    expect(schemaFaults('report', await readJson(join(project.store, 'reports/report.json')))).toEqual([])
    for (const command of ['plan', 'list', 'stats', 'verify', 'plugins'] as const) {
      const { code, stdout } = await project.run(command, '--json')
      expect({ command, code }).toEqual({ command, code: 0 })
      expect(schemaFaults(`cli-${command}`, JSON.parse(stdout)), command).toEqual([])
    }
  })

  it('does nothing the second time, and says so', async () => {
    const before = {
      store: await snapshotTree(project.store),
      nodes: await Promise.all(nodes.map((node) => snapshotTree(node.root))),
    }
    const asked = upstream.requests.length
    const { code, stdout } = await project.run('run')
    expect(code).toBe(0)
    expect(stdout).toContain('Nothing to do: 18 packages up to date on 2 nodes.')
    expect(upstream.requests.slice(asked)).toEqual([])
    expect({
      store: await snapshotTree(project.store),
      nodes: await Promise.all(nodes.map((node) => snapshotTree(node.root))),
    }).toEqual(before)
  })

  it('gives the same bytes in another folder', { timeout: 300_000 }, async () => {
    const other = await createProject({ ...config(), nodes: [] })
    try {
      expect((await other.run('fetch')).code).toBe(0)
      for (const { archive } of wantedFrom(world)) {
        expect(await sha256File(join(other.store, archive)), archive).toBe(
          await sha256File(join(project.store, archive)),
        )
      }
    } finally {
      await other.remove()
    }
  })

  it('verify finds a flipped byte and names the archive', { timeout: 120_000 }, async () => {
    const victim = join(project.store, 'crictl-1.33.0-arm64.tar.zst')
    const spare = join(project.dir, 'spare')
    await copyFile(victim, spare)
    await flipByte(victim, 100)
    const broken = await project.run('verify')
    expect(broken.code).toBe(3)
    expect(broken.stdout + broken.stderr).toContain('crictl-1.33.0-arm64.tar.zst')
    await copyFile(spare, victim)
    expect((await project.run('verify')).code).toBe(0)
  })

  it('reads every format into the same members, the tars into the same bytes', {
    timeout: 120_000,
  }, async () => {
    const formats = await createProject({
      arch: 'amd64',
      mirrors: { 'https://': [upstream.url] },
      packages: [...FORMATS, 'bridge'].map((format) => ({
        name: `cni-${format.replace('.', '')}`,
        version: '1.7.1',
        url: `https://formats.example/cni/v{version}/${format === 'bridge' ? 'bridge' : `cni.${format}`}`,
        checksumUrl: 'https://formats.example/cni/v{version}/SHA256SUMS',
        ...(format === 'bridge' && { format: 'binary' }),
      })),
    })
    try {
      const { code, stderr } = await formats.run('fetch')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const tar = world.artifacts.find(({ url }) => url === 'https://formats.example/cni/v1.7.1/cni.tar')
      const members = wantedMembers({ name: 'cni', artifact: tar ?? raise('no cni.tar in the world') })
      const archive = (format: string) =>
        join(formats.store, `cni-${format.replace('.', '')}-1.7.1-amd64.tar.zst`)
      for (const format of FORMATS) {
        const found = await gnuTarMembers(archive(format))
        expect(
          found.sort((a, b) => (a.path < b.path ? -1 : 1)),
          format,
        ).toEqual(members)
      }
      const tars = await Promise.all(
        FORMATS.filter((format) => format !== 'zip').map((format) => sha256File(archive(format))),
      )
      expect(new Set(tars).size).toBe(1)
      const [bridge] = await gnuTarMembers(archive('bridge'))
      expect(bridge).toMatchObject({ path: 'cni-bridge', mode: '0755' })
    } finally {
      await formats.remove()
    }
  })

  it('refuses a flipped upstream byte with both digests, and does the rest', {
    timeout: 300_000,
  }, async () => {
    const wanted = wantedFrom(world).filter(({ arch }) => arch === 'amd64')
    const victim = wanted.find(({ name }) => name === 'helm') ?? raise('no helm')
    const file = fileOf(world, victim.artifact.url)
    await flipByte(file, 1000)
    const other = await createProject({ ...config(), arch: 'amd64' })
    try {
      const { code, stdout, stderr } = await other.run('run', '--json')
      expect(code).toBe(3)
      const items: { state: string; name: string; error?: { code: string; message: string } }[] =
        JSON.parse(stdout).items
      const failed = items.filter(({ state }) => state === 'failed')
      expect(failed.map(({ name, error }) => [name, error?.code])).toEqual([['helm', 'E_DIGEST']])
      expect(failed[0]?.error?.message).toContain(victim.artifact.sha256)
      expect(failed[0]?.error?.message).toContain(await sha256File(file))
      expect(stderr).toContain('E_DIGEST')
      const archives = (await readdir(other.store)).filter((name) => name.endsWith('.tar.zst'))
      expect(archives.sort()).toEqual(
        wanted
          .filter((entry) => entry !== victim)
          .map(({ archive }) => archive)
          .sort(),
      )
      expect(await snapshotTree(join(other.store, '.pkgcache/tmp'))).toEqual({})
    } finally {
      await flipByte(file, 1000)
      await other.remove()
    }
  })
})

async function flipByte(file: string, at: number): Promise<void> {
  const bytes = await readFile(file)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(file, bytes)
}

function raise(what: string): never {
  throw new Error(`${what} (${basename(import.meta.filename)})`)
}
