import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../failure.ts'
import type { Handler } from './types.ts'

const TS = `import { defineConfig } from 'pkgcache'

// What this project needs, and where it goes. "pkgcache plan" says what "pkgcache run" would do.
export default defineConfig({
  // Relative to this file; the default is ~/.pkgcache/cache/packages.
  store: './pkgcache-store',

  // One archive per arch, as the projects spell them.
  arch: ['amd64'],

  packages: [
    'runc@1.3.0',
    'crictl@1.33.0',
    // For some of the nodes only, by name, group, glob or label:
    // { name: 'kubelet', version: '1.33.1', to: 'workers' },
    // Anything else that has a URL:
    // {
    //   name: 'tool', version: '1.2.3',
    //   url: 'https://example.com/tool-{version}-{platform}-{arch}.tar.gz',
    //   checksumUrl: 'https://example.com/tool-{version}-checksums.txt',
    // },
  ],

  // Asked first, in this order, then the origin.
  // mirrors: { 'https://': ['http://mirror.internal/'] },

  // Machines that get the archives under /usr/local/src, each those of its own arch. "pkgcache nodes" says what is there.
  // Host keys are checked against ~/.ssh/known_hosts; 'accept-new' records the key of a node at the first meeting.
  nodes: [
    // {
    //   name: 'w1', host: '10.0.0.11', user: 'core', identityFile: '~/.ssh/id_ed25519', sudo: true,
    //   groups: ['workers'], hostKeys: 'accept-new',
    // },
  ],
})
`

const YAML = `# What this project needs, and where it goes. "pkgcache plan" says what "pkgcache run" would do.

# Relative to this file; the default is ~/.pkgcache/cache/packages.
store: ./pkgcache-store

# One archive per arch, as the projects spell them.
arch: [amd64]

packages:
  - runc@1.3.0
  - crictl@1.33.0
  # For some of the nodes only, by name, group, glob or label:
  # - { name: kubelet, version: "1.33.1", to: workers }
  # Anything else that has a URL:
  # - name: tool
  #   version: "1.2.3"
  #   url: https://example.com/tool-{version}-{platform}-{arch}.tar.gz
  #   checksumUrl: https://example.com/tool-{version}-checksums.txt

# Asked first, in this order, then the origin.
# mirrors:
#   "https://": ["http://mirror.internal/"]

# Machines that get the archives under /usr/local/src, each those of its own arch. "pkgcache nodes" says what is there.
# Host keys are checked against ~/.ssh/known_hosts; accept-new records the key of a node at the first meeting.
nodes: []
  # - name: w1
  #   host: 10.0.0.11
  #   user: core
  #   identityFile: ~/.ssh/id_ed25519
  #   sudo: true
  #   groups: [workers]
  #   hostKeys: accept-new
`

const TEMPLATES: Readonly<Record<string, string>> = { ts: TS, yaml: YAML }

export const init: Handler = async ({ cwd, options, output }) => {
  const format = options.format ?? 'ts'
  const existing = (await readdir(cwd)).find((name) => name.startsWith('pkgcache.config.'))
  if (existing !== undefined) {
    throw new UsageError(
      `${join(cwd, existing)} is there already`,
      'edit it, or remove it first; init overwrites nothing',
    )
  }
  const file = join(cwd, `pkgcache.config.${format}`)
  await writeFile(file, TEMPLATES[format] ?? TS, { flag: 'wx' })
  if (output.json) output.document({ file })
  else
    output.say(`Wrote ${file}. Next: pkgcache plan, then pkgcache run; pkgcache lock pins what it came to.`)
  return 0
}
