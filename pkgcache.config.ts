import { join } from 'node:path'
import { type Config, defineConfig, type PackageConfig } from '@pkgcache/core'
import { startDemoNode } from './test/demo/ssh-node.ts'
import { startUpstream } from './test/demo/upstream.ts'
import { buildSmallWorld } from './test/world/index.ts'

// What `npm start` runs. By default everything is embedded: a small upstream on loopback with the layouts, formats and
// checksum files of the real projects, and two SSH nodes. `PKGCACHE_UPSTREAM=real npm start` asks the real projects.
const real = process.env.PKGCACHE_UPSTREAM === 'real'
const demo = join(import.meta.dirname, '.demo')

const packages = [
  'containerd@2.1.0',
  'runc@1.3.0',
  'cni-plugins@1.7.1',
  'kubectl@1.33.1',
  'kubeadm@1.33.1',
  'kubelet@1.33.1',
  'helm@3.18.0',
  'crictl@1.33.0',
  'nerdctl@2.1.2',
]

/** The same archive in every format there is, through `source-url`. */
function everyFormat(): PackageConfig[] {
  return ['tar', 'tar.gz', 'tar.bz2', 'tar.xz', 'tar.zst', 'zip'].map((format) => ({
    name: `example-${format.replace('.', '-')}`,
    version: '1.7.1',
    arch: 'amd64',
    url: `https://formats.example/cni/v{version}/cni.${format}`,
    checksumUrl: 'https://formats.example/cni/v{version}/SHA256SUMS',
  }))
}

async function embeddedUpstream(): Promise<Config> {
  const upstream = await startUpstream((await buildSmallWorld(join(demo, 'upstream'))).dir)
  return {
    store: join(demo, 'store'),
    packages: [...packages, ...everyFormat()],
    mirrors: { 'https://': [upstream.url] },
  }
}

export default defineConfig(async (): Promise<Config> => {
  const nodes = await Promise.all(
    (['amd64', 'arm64'] as const).map(async (arch) => {
      const { host, port, user, identityFile, knownHosts, root } = await startDemoNode({
        root: join(demo, `node-${arch}`),
      })
      return { name: `node-${arch}`, host, port, user, identityFile, knownHosts, root, arch }
    }),
  )
  const upstream = real ? { store: join(demo, 'store-real'), packages } : await embeddedUpstream()
  return { ...upstream, arch: ['amd64', 'arm64'], nodes }
})
