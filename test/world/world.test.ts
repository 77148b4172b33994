import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSmallWorld, readWorld, type World, type WorldArtifact, type WorldMember } from './index.ts'

const hasGpg = spawnSync('gpg', ['--version']).status === 0
const hasPython = spawnSync('python3', ['-c', 'import tarfile, zipfile, bz2, lzma']).status === 0
let dir: string
let world: World

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pkgcache-world-'))
  world = await buildSmallWorld(dir)
})
afterAll(() => rm(dir, { recursive: true }))

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

async function files(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}

function fileOf(artifact: WorldArtifact): string {
  return join(dir, artifact.url.replace('https://', ''))
}

describe('the small world', () => {
  it('has the 26 artifacts of the real one', () => {
    expect(world.artifacts.length).toBe(26)
    expect(new Set(world.artifacts.map(({ url }) => url)).size).toBe(26)
    const count = (format: string) => world.artifacts.filter((artifact) => artifact.format === format).length
    expect(['binary', 'tar.gz', 'tgz', 'tar', 'tar.bz2', 'tar.xz', 'tar.zst', 'zip'].map(count)).toEqual([
      9, 9, 3, 1, 1, 1, 1, 1,
    ])
  })

  it('has the checksum files that upstreams publish, and nothing else', async () => {
    const known = new Set(world.artifacts.map(({ url }) => url.replace('https://', '')))
    const others = (await files(dir)).filter((path) => !known.has(path)).map((path) => path.split('/').at(-1))
    expect(others).toEqual([
      ...Array(2).fill(['kubeadm.sha256', 'kubectl.sha256', 'kubelet.sha256']).flat(),
      'SHA256SUMS',
      'helm-v3.18.0-linux-amd64.tar.gz.sha256',
      'helm-v3.18.0-linux-amd64.tar.gz.sha256sum',
      'helm-v3.18.0-linux-arm64.tar.gz.sha256',
      'helm-v3.18.0-linux-arm64.tar.gz.sha256sum',
      'containerd-2.1.0-linux-amd64.tar.gz.sha256sum',
      'containerd-2.1.0-linux-arm64.tar.gz.sha256sum',
      'SHA256SUMS',
      'SHA256SUMS.asc',
      'cni-plugins-linux-amd64-v1.7.1.tgz.sha256',
      'cni-plugins-linux-arm64-v1.7.1.tgz.sha256',
      'crictl-v1.33.0-linux-amd64.tar.gz.sha256',
      'crictl-v1.33.0-linux-arm64.tar.gz.sha256',
      'runc.sha256sum',
      'signer.asc',
      'world.json',
    ])
  })

  it('world.json is what was returned, and true', async () => {
    expect(await readWorld(dir)).toEqual(world)
    for (const artifact of world.artifacts) {
      const data = await readFile(fileOf(artifact))
      expect([artifact.url, data.length, sha256(data)]).toEqual([
        artifact.url,
        artifact.size,
        artifact.sha256,
      ])
    }
  })

  it('is the same bytes each time, and content that no Node changes is known', async () => {
    const again = await mkdtemp(join(tmpdir(), 'pkgcache-world-'))
    expect((await buildSmallWorld(again)).artifacts).toEqual(world.artifacts)
    for (const path of await files(dir)) {
      expect([path, sha256(await readFile(join(again, path)))]).toEqual([
        path,
        sha256(await readFile(join(dir, path))),
      ])
    }
    await rm(again, { recursive: true })
  })

  it.runIf(hasPython)('every archive holds what world.json says, as Python reads it', () => {
    const archives = world.artifacts.filter(({ format }) => !['binary', 'tar.zst'].includes(format))
    const read = execFileSync('python3', ['-c', READ_MEMBERS, ...archives.map(fileOf)], {
      maxBuffer: 1 << 24,
    })
    expect(JSON.parse(read.toString())).toEqual(archives.map(({ members }) => members))
  })

  it('has a folder, a link and both modes in containerd', () => {
    const containerd = world.artifacts.find(({ url }) => url.endsWith('containerd-2.1.0-linux-amd64.tar.gz'))
    const list = execFileSync('tar', ['-tvzf', containerd ? fileOf(containerd) : ''], { encoding: 'utf8' })
    expect(list).toMatch(/^drwxr-xr-x 0\/0 .* bin\/$/m)
    expect(list).toMatch(/^lrwxrwxrwx 0\/0 .* bin\/containerd-shim -> containerd-shim-runc-v2$/m)
    const modes = new Set(
      world.artifacts.flatMap(({ members }) => members.map(({ mode }: WorldMember) => mode)),
    )
    expect([...modes].sort()).toEqual(['0644', '0755', undefined])
  })

  it.runIf(hasGpg)('runc’s and nerdctl’s lists are signed by the committed key', async () => {
    const home = mkdtempSync(join(tmpdir(), 'gpg-'))
    const runc = join(dir, 'github.com/opencontainers/runc/releases/download/v1.3.0/runc.sha256sum')
    const nerdctl = join(dir, 'github.com/containerd/nerdctl/releases/download/v2.1.2/SHA256SUMS')
    try {
      const key = fileURLToPath(new URL('fixtures/signer.asc', import.meta.url))
      expect(sha256(await readFile(join(dir, 'keys/signer.asc')))).toBe(sha256(await readFile(key)))
      const gpg = (...args: string[]) =>
        spawnSync('gpg', ['--homedir', home, '--batch', ...args], { encoding: 'utf8' })
      expect(gpg('--import', key).status).toBe(0)
      for (const signed of [[runc], [`${nerdctl}.asc`, nerdctl]]) {
        const good = gpg('--status-fd', '1', '--verify', ...signed)
        expect([good.status, /^\[GNUPG:\] VALIDSIG /m.test(good.stdout)]).toEqual([0, true])
      }
    } finally {
      spawnSync('gpgconf', ['--homedir', home, '--kill', 'all'])
      await rm(home, { recursive: true, force: true })
    }
  })
})

/** The same reading as in ../shared/world/build.sh. */
const READ_MEMBERS = `
import hashlib, json, sys, tarfile, zipfile
def sha(b): return hashlib.sha256(b).hexdigest()
out = []
for p in sys.argv[1:]:
    if p.endswith('.zip'):
        z = zipfile.ZipFile(p)
        out.append([{'path': i.filename, 'size': i.file_size, 'sha256': sha(z.read(i))} for i in z.infolist() if not i.is_dir()])
    else:
        t = tarfile.open(p)
        out.append([{'path': i.name.removeprefix('./'), 'mode': '0%o' % i.mode, 'size': i.size, 'sha256': sha(t.extractfile(i).read())} for i in t if i.isfile()])
json.dump(out, sys.stdout)
`
