import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createCache } from '../../src/cache.ts'
import type { Cache } from '../../src/cache.types.ts'
import { placedAt } from '../../src/store/layout.ts'
import { smallTar } from '../../testing/archives.ts'
import { rawTar } from '../../testing/raw-tar.ts'
import { open as openCache, pinned, SHA256, source, told, upstream } from '../support/run.ts'
import { tempFolders } from '../support/temp.ts'
import { zstd } from '../support/zstd.ts'

const folder = tempFolders()
const GOOD = zstd(smallTar())

/** The index of OhMyKube, whose checksums are those of its own downloads. */
const OLD_INDEX = `version: "1.0"
packages:
    - name: kubelet
      version: v1.33.1
      architecture: amd64
      type: kubelet
      download_url: https://dl.k8s.io/release/v1.33.1/bin/linux/amd64/kubelet
      local_path: /root/.ohmykube/cache/packages/kubelet-v1.33.1-amd64.tar.zst
      remote_path: /usr/local/src/kubelet/kubelet-v1.33.1-amd64.tar.zst
      compressed_size: 18000000
      original_size: 77000000
      checksum: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      cached_at: 2025-06-01T12:00:00.123456789+08:00
      last_accessed_at: 2025-06-02T12:00:00+08:00
updated_at: 2025-06-02T12:00:00+08:00
`

function filled(files: Readonly<Record<string, Uint8Array | string>>): string {
  const root = folder()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

async function rebuilt(root: string): Promise<{ cache: Cache; adopted: string[]; refused: string[] }> {
  const cache = await createCache({ store: root, arch: 'amd64' })
  const { adopted, refused } = await cache.rebuildIndex()
  return {
    cache,
    adopted: adopted.map(({ name, version, platform, arch }) => `${name} ${version} ${platform} ${arch}`),
    refused: refused.map(({ file, error }) => `${file} ${error.code}`),
  }
}

describe('a folder without records', () => {
  it('of OhMyKube is adopted: named as here, unverified, its index set aside', async () => {
    const root = filled({ 'index.yaml': OLD_INDEX, 'kubelet-v1.33.1-amd64.tar.zst': GOOD })
    const { cache, adopted, refused } = await rebuilt(root)
    expect([adopted, refused]).toEqual([['kubelet 1.33.1 linux amd64'], []])
    const [record] = await cache.list()
    expect(record).toMatchObject({
      file: 'kubelet-1.33.1-amd64.tar.zst',
      source: 'adopted',
      trust: 'unverified',
      url: 'unknown',
      members: 5,
      unpacked_size: smallTar().length,
    })
    expect(readFileSync(join(root, 'index.yaml'), 'utf8')).toMatch(/trust: unverified/)
    const aside = readdirSync(root).filter((name) => name.startsWith('index.yaml.broken-'))
    expect(aside.map((name) => readFileSync(join(root, name), 'utf8'))).toEqual([OLD_INDEX])
    expect((await cache.verify()).exitCode).toBe(0)
    expect(await cache.getLocalPackagePath('kubelet@v1.33.1')).toBe(
      join(root, 'kubelet-1.33.1-amd64.tar.zst'),
    )
  })

  it('gets back what it had when its own records were lost, kept files too', async () => {
    const root = filled({
      'helm-3.18.0-arm64.tar.zst': GOOD,
      'darwin/arm64/kubectl/1.33.1/kubectl-1.33.1-arm64.tar.zst': GOOD,
      'win32/x64/C++/3.12.10/setup@2.exe': 'MZ',
    })
    const { cache, adopted, refused } = await rebuilt(root)
    expect(refused).toEqual([])
    expect(adopted).toEqual([
      'kubectl 1.33.1 darwin arm64',
      'helm 3.18.0 linux arm64',
      'C++ 3.12.10 win32 x64',
    ])
    expect((await cache.verify()).problems).toEqual([])
  })

  it.each<readonly [string, string, Uint8Array | string, string]>([
    [
      'a path that leads out',
      'evil-1.0-amd64.tar.zst',
      zstd(rawTar([{ name: '../x', content: 'x' }])),
      'E_POLICY',
    ],
    ['a truncated archive', 'half-1.0-amd64.tar.zst', GOOD.subarray(0, GOOD.length - 9), 'E_ARCHIVE'],
    ['no archive at all', 'text-1.0-amd64.tar.zst', 'not zstd', 'E_ARCHIVE'],
    ['an empty file', 'none-1.0-amd64.tar.zst', '', 'E_ARCHIVE'],
    ['a name without a version', 'nameless.tar.zst', GOOD, 'E_NAME'],
    ['a version that is none', 'tool-latest-amd64.tar.zst', GOOD, 'E_NAME'],
    ['a tree whose folders are no names', 'Linux!/amd64/a/1/f', 'x', 'E_NAME'],
  ])('refuses %s and leaves it as it is', async (_, file, content, code) => {
    const root = filled({ [file]: content, 'good-1.0-amd64.tar.zst': GOOD })
    const { cache, adopted, refused } = await rebuilt(root)
    expect([adopted, refused]).toEqual([['good 1.0 linux amd64'], [`${file} ${code}`]])
    expect(readFileSync(join(root, file)).equals(Buffer.from(content))).toBe(true)
    expect((await cache.list()).length).toBe(1)
  })

  it('takes one of two files of the same package', async () => {
    const root = filled({ 'tool-1.0-amd64.tar.zst': GOOD, 'tool-v1.0-amd64.tar.zst': GOOD })
    const { adopted, refused } = await rebuilt(root)
    expect([adopted, refused]).toEqual([['tool 1.0 linux amd64'], ['tool-v1.0-amd64.tar.zst E_STORE']])
  })

  it('follows no link', async () => {
    const root = filled({ 'outside/secret': GOOD })
    symlinkSync(join(root, 'outside/secret'), join(root, 'tool-1.0-amd64.tar.zst'))
    expect((await rebuilt(root)).adopted).toEqual([])
  })

  it('is not touched by a second time', async () => {
    const root = filled({ 'tool-1.0-amd64.tar.zst': GOOD })
    await rebuilt(root)
    expect(await rebuilt(root)).toMatchObject({ adopted: [], refused: [] })
  })
})

describe('an adopted package', () => {
  it('is fetched anew by a run, and then trusted as its source allows', async () => {
    const server = await upstream()
    const root = filled({ 'tool-1.0-amd64.tar.zst': GOOD })
    await (await rebuilt(root)).cache.close()
    const cache = await openCache(root, [source(server, () => ({ digests: [pinned] }))])
    const { items, exitCode } = await cache.run()
    expect([told(items), exitCode]).toEqual([['tool@1.0 published pinned'], 0])
    expect((await cache.list()).map(({ source_sha256 }) => source_sha256)).toEqual([SHA256])
    expect(existsSync(join(root, 'tool-1.0-amd64.tar.zst'))).toBe(true)
  })

  it('is not sent where a minimum of trust forbids it', async () => {
    const server = await upstream()
    const root = filled({ 'tool-1.0-amd64.tar.zst': GOOD })
    await (await rebuilt(root)).cache.close()
    const plain = await openCache(root, [source(server)])
    expect((await plain.run({ stages: 'distribute' })).exitCode).toBe(0)
    const strict = await openCache(root, [source(server)], { trust: { minimum: 'tofu' } })
    const { items, exitCode } = await strict.run({ stages: 'distribute' })
    expect([told(items), exitCode]).toEqual([
      ['tool failed E_TRUST: trust is "unverified" where at least "tofu" is required'],
      3,
    ])
  })
})

describe('the place of a file', () => {
  it.each([
    ['containerd-2.1.0-amd64.tar.zst', 'containerd 2.1.0 linux amd64'],
    ['cni-plugins-1.7.1-arm64.tar.zst', 'cni-plugins 1.7.1 linux arm64'],
    ['kubelet-v1.33.1-amd64.tar.zst', 'kubelet 1.33.1 linux amd64'],
    ['tool-1.0-rc.1-amd64.tar.zst', 'tool 1.0-rc.1 linux amd64'],
    ['a-1-2-amd64.tar.zst', 'a 1-2 linux amd64'],
    ['linux/amd64/a-1/2/a-1-2-amd64.tar.zst', 'a-1 2 linux amd64'],
    ['win32/x64/Python/3.12.10/python.zip', 'Python 3.12.10 win32 x64 python.zip'],
    ['../../etc/passwd/x/y', undefined],
    ['a/b/c/d/e/f', undefined],
    ['linux/amd64/a/1/..', undefined],
    ['.tar.zst', undefined],
    ['-1-amd64.tar.zst', undefined],
    ['tool-1.0-.tar.zst', undefined],
  ])('%s says %s', (path, said) => {
    const placed = placedAt(path)
    const { name, version, platform, arch } = placed?.key ?? {}
    expect(placed && [name, version, platform, arch, placed.keptName].filter(Boolean).join(' ')).toBe(said)
  })
})
