import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeSession, NodeSpec, Plugin, PluginContext } from '@pkgcache/core'
import { connectThrough, type Sshd, startSshd, transportContext } from '@pkgcache/core/testing'
import { AsyncSeriesBailHook } from 'tapable'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import ssh, { type SshOptions } from '../src/index.ts'
import type { SshSession } from '../src/ssh-session.ts'

/** Connects to several nodes through one plugin, set up once, as in a run. */
export function setUp(plugin: Plugin): (node: NodeSpec, ctx: PluginContext) => Promise<SshSession> {
  const distribute = new AsyncSeriesBailHook<[NodeSpec, PluginContext], NodeSession>(['node', 'ctx'])
  plugin.setup({ hooks: { distribute } as never, suggest: () => undefined, locate: () => undefined })
  return async (node, ctx) => (await distribute.promise(node, ctx)) as SshSession
}

/** One sshd for a suite, and an empty root on it for every test. */
export interface Bench {
  readonly sshd: Sshd
  /** For local files. */
  readonly folder: string
  /** The node's root. */
  readonly root: string
  node(changes?: Partial<NodeSpec>): NodeSpec
  /** Opens a session, which is closed after the test. */
  open(changes?: Partial<NodeSpec>, ctx?: PluginContext, options?: SshOptions): Promise<SshSession>
}

export function bench(): Bench {
  const state: { sshd?: Sshd; folder: string } = { folder: '' }
  const sessions: SshSession[] = []
  const running = (): Sshd => {
    if (state.sshd === undefined) throw new Error('sshd is not up yet')
    return state.sshd
  }
  const root = () => join(state.folder, 'node')
  beforeAll(async () => {
    state.sshd = await startSshd()
  })
  afterAll(() => state.sshd?.stop())
  beforeEach(async () => {
    state.folder = await mkdtemp(join(tmpdir(), 'pkgcache-ssh-'))
    await mkdir(root())
  })
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()))
    await rm(state.folder, { recursive: true, force: true })
  })
  const node: Bench['node'] = (changes = {}) => {
    const { host, port, user, identityFile, knownHosts } = running()
    return { name: 'n1', host, port, user, identityFile, knownHosts, root: root(), sudo: false, ...changes }
  }
  return {
    get sshd() {
      return running()
    },
    get folder() {
      return state.folder
    },
    get root() {
      return root()
    },
    node,
    async open(changes, ctx = transportContext(), options = {}) {
      const session = await connectThrough(ssh({ sshConfig: false, ...options }), node(changes), ctx)
      if (session === undefined) throw new Error('transport-ssh left the node to others')
      sessions.push(session as SshSession)
      return session as SshSession
    },
  }
}
