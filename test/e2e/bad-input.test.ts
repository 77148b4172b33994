import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Config, NodeConfig } from '@pkgcache/core'
import { leftOut, type Sshd, sshdAvailable, startSshd } from '@pkgcache/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startUpstream, type Upstream } from '../demo/upstream.ts'
import type { World } from '../world/index.ts'
import { createProject, type Project, snapshotTree } from './kit.ts'
import { WORLDS } from './worlds.ts'

const SUITE = 'e2e bad input on real OpenSSH nodes'

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}

interface Places {
  readonly upstream: string
  readonly sshd: Sshd
  readonly other: Sshd
  readonly dir: string
  readonly closed: number
}

interface Case {
  readonly what: string
  /** On top of a config that works: `crictl` cached and on node `good`. */
  readonly config: (places: Places) => Config
  readonly exit: number
  /** Error lines on stderr, hints after them. */
  readonly says: readonly RegExp[]
  /** Whether runc, asked for beside the fault, is done all the same. */
  readonly restDone: boolean
}

const node = (name: string, sshd: Sshd, changes: Partial<NodeConfig> = {}): NodeConfig => {
  const { host, port, user, identityFile, knownHosts, root } = sshd
  return { name, host, port, user, identityFile, knownHosts, root, ...changes }
}

const CASES: readonly Case[] = [
  {
    what: 'an unknown package',
    config: () => ({ packages: ['kubctl@1.33.1', 'runc@1.3.0'] }),
    exit: 1,
    says: [/^error E_UNKNOWN_PACKAGE kubctl@1\.33\.1 linux\/amd64: /, /^ {2}hint: did you mean "kubectl"\?$/],
    restDone: true,
  },
  {
    what: 'an arch that is not published',
    config: () => ({ packages: [{ name: 'kubelet', version: '1.33.1', arch: 'sparc' }, 'runc@1.3.0'] }),
    exit: 1,
    says: [/^error E_UNKNOWN_ARCH kubelet@1\.33\.1 linux\/sparc: /, /^ {2}hint: .*amd64/],
    restDone: true,
  },
  {
    what: 'a version that does not exist',
    config: () => ({ packages: ['helm@3.99.0', 'runc@1.3.0'] }),
    exit: 1,
    says: [/^error E_UNKNOWN_VERSION helm@3\.99\.0 linux\/amd64: /, /^ {2}hint: /],
    restDone: true,
  },
  {
    what: 'a version that is none',
    config: () => ({ packages: ['helm@newest', 'runc@1.3.0'] }),
    exit: 1,
    says: [/^error E_UNKNOWN_VERSION helm@newest linux\/amd64: /, /^ {2}hint: /],
    restDone: true,
  },
  {
    what: 'a name that would lead out of the store',
    config: () => ({ packages: [{ name: '../etc', version: '1', url: 'https://x/y' }, 'runc@1.3.0'] }),
    exit: 1,
    says: [/^error E_NAME .*: .*cannot be used as a name/, /^ {2}hint: /],
    restDone: true,
  },
  {
    what: 'an upstream that cannot be reached',
    config: ({ closed, upstream }) => ({
      packages: ['helm@3.18.0', 'runc@1.3.0'],
      mirrors: { 'https://get.helm.sh/': [`http://127.0.0.1:${closed}/`], 'https://': [upstream] },
      mirrorsOnly: true,
    }),
    exit: 1,
    says: [/^error E_UNREACHABLE helm@3\.18\.0 linux\/amd64: .*127\.0\.0\.1:\d+/, /^ {2}hint: /],
    restDone: true,
  },
  {
    what: 'a pinned digest that the file does not have',
    config: () => ({
      packages: [{ name: 'helm', version: '3.18.0', sha256: 'ab'.repeat(32) }, 'runc@1.3.0'],
    }),
    exit: 3,
    says: [/^error E_DIGEST helm@3\.18\.0 linux\/amd64: .*[0-9a-f]{64}.*(ab){32}/, /^ {2}hint: /],
    restDone: true,
  },
  {
    what: 'a package below the minimum trust',
    config: () => ({
      packages: [
        {
          name: 'notes',
          version: '1',
          url: 'https://keys/signer.asc',
          format: 'binary',
          trust: { minimum: 'pinned' },
        },
        'runc@1.3.0',
      ],
    }),
    exit: 3,
    says: [
      /^error E_TRUST notes@1 linux\/amd64: trust is "tofu" where at least "pinned" is required$/,
      /^ {2}hint: /,
    ],
    restDone: true,
  },
  {
    what: 'a checksum file that does not name the file',
    config: () => ({
      packages: [
        {
          name: 'notes',
          version: '1',
          url: 'https://keys/signer.asc',
          checksumUrl: 'https://formats.example/cni/v1.7.1/SHA256SUMS',
        },
        'runc@1.3.0',
      ],
    }),
    exit: 3,
    says: [/^error E_CHECKSUM_FILE notes@1 linux\/amd64: .*signer\.asc/, /^ {2}hint: /],
    restDone: true,
  },
  {
    what: 'an identity file that is not there',
    config: ({ sshd, dir }) => ({
      packages: ['runc@1.3.0'],
      nodes: [node('good', sshd), node('bad', sshd, { identityFile: join(dir, 'no-such-key') })],
    }),
    exit: 1,
    says: [/^error E_IDENTITY node bad: key file .*no-such-key does not exist$/, /^ {2}hint: /],
    restDone: true,
  },
  {
    what: 'a host key that is not known',
    config: ({ sshd, other }) => ({
      packages: ['runc@1.3.0'],
      nodes: [node('good', sshd), node('bad', other, { knownHosts: sshd.knownHosts })],
    }),
    exit: 1,
    says: [/^error E_HOST_KEY node bad: .*SHA256:/, /^ {2}hint: /],
    restDone: true,
  },
  {
    what: 'a node that is down',
    config: ({ sshd, closed }) => ({
      packages: ['runc@1.3.0'],
      nodes: [node('good', sshd), node('bad', sshd, { port: closed })],
    }),
    exit: 1,
    says: [/^error E_NODE_UNREACHABLE node bad: /, /^ {2}hint: /],
    restDone: true,
  },
  {
    what: 'a target that cannot be written',
    config: ({ sshd, dir }) => ({
      packages: ['runc@1.3.0'],
      nodes: [node('good', sshd), node('bad', sshd, { root: join(dir, 'a-file/below') })],
    }),
    exit: 1,
    says: [/^error E_NODE_DENIED node bad: .*a-file/, /^ {2}hint: /],
    restDone: true,
  },
  {
    what: 'a store that cannot be made',
    config: ({ dir }) => ({ store: join(dir, 'a-file/store'), packages: ['runc@1.3.0'] }),
    exit: 2,
    says: [/^error E_STORE: the store .*a-file\/store cannot be written/, /^ {2}hint: /],
    restDone: false,
  },
  {
    what: 'a config with five faults, all told at once',
    config: () =>
      ({
        packages: ['helm', { name: 'runc' }],
        mirors: {},
        nodes: [{ host: 'n1', prot: 22 }],
        trust: { minimum: 'signd' },
      }) as never,
    exit: 2,
    says: [
      /^error E_CONFIG .*pkgcache\.config\.json: the configuration has 5 faults$/,
      /unknown key "mirors"; did you mean "mirrors"\?/,
      /packages\[0\]: "helm" does not have the right form \(write name@version\)/,
      /packages\[1\]: key "version" is missing/,
      /nodes\[0\]: unknown key "prot"; did you mean "port"\?/,
      /trust\.minimum: must be one of .*; did you mean "signed"\?/,
    ],
    restDone: false,
  },
]

describe.skipIf(leftOut(SUITE, sshdAvailable()))(SUITE, () => {
  let world: { world: World; remove(): Promise<void> }
  let upstream: Upstream
  let sshd: Sshd
  let other: Sshd
  let project: Project
  let closed: number

  beforeAll(async () => {
    world = await (WORLDS[0] ?? raise()).open()
    upstream = await startUpstream(world.world.dir)
    ;[sshd, other] = await Promise.all([startSshd(), startSshd()])
    closed = await closedPort()
  })
  afterAll(async () => {
    await Promise.all([sshd.stop(), other.stop()])
    await upstream.close()
    await world.remove()
  })
  beforeEach(async () => {
    project = await createProject({
      packages: ['crictl@1.33.0'],
      arch: 'amd64',
      mirrors: { 'https://': [upstream.url] },
      nodes: [node('good', sshd)],
    })
    await writeFile(join(project.dir, 'a-file'), 'no folder')
    expect((await project.run('run')).code).toBe(0)
  })
  afterEach(() => project.remove())

  it.each(CASES)('$what', async ({ config, exit, says, restDone }) => {
    const before = { store: await snapshotTree(project.store), other: await snapshotTree(other.root) }
    const places = { upstream: upstream.url, sshd, other, dir: project.dir, closed }
    await project.configure({ arch: 'amd64', mirrors: { 'https://': [upstream.url] }, ...config(places) })
    const { code, stderr } = await project.run('run')
    const lines = stderr.split('\n')
    expect({ code, stderr, missing: says.filter((line) => !lines.some((said) => line.test(said))) }).toEqual({
      code: exit,
      stderr,
      missing: [],
    })
    expect(stderr).not.toMatch(/\n\s+at /)
    const after = await snapshotTree(project.store)
    const added = Object.keys(after).filter((file) => !(file in before.store) && file.endsWith('.tar.zst'))
    expect(added).toEqual(restDone ? ['runc-1.3.0-amd64.tar.zst'] : [])
    expect(after['crictl-1.33.0-amd64.tar.zst']).toEqual(before.store['crictl-1.33.0-amd64.tar.zst'])
    if (!restDone) expect(after).toEqual(before.store)
    expect(await snapshotTree(other.root)).toEqual(before.other)
    await project.configure({})
    expect((await project.run('verify')).code).toBe(0)
    const left = Object.keys(after).filter((file) => /\.pkgcache\/(tmp|parts|locks)\//.test(file))
    expect(left).toEqual([])
  })
})

function raise(): never {
  throw new Error('there is no small world')
}
