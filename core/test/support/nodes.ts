import { PkgcacheError } from '../../src/errors/error.ts'
import type { Delivery, NodeFile, NodeSpec, NodeTask } from '../../src/model/node.ts'
import { defineTransport } from '../../src/plugins/define.ts'
import type { NodeSession, Plugin, PluginContext, RelayTask } from '../../src/plugins/types.ts'

/** One file on a node that is none. */
export interface FakeFile {
  readonly sha256: string
  readonly size: number
  readonly delivered: boolean
}

/** What may go wrong, or be waited for, before a call does its work. */
export interface FakeFaults {
  /** @param nth 1 for the first time that this node is connected to */
  connect?(node: string, nth: number, signal: AbortSignal): Promise<void> | void
  place?(node: string, delivery: Delivery, ctx: PluginContext, nth: number): Promise<void> | void
  check?(node: string, nth: number): Promise<void> | void
  relay?(from: string, to: string, nth: number): Promise<void> | void
  apply?(node: string, task: NodeTask): Promise<void> | void
  run?(node: string, command: string): Promise<void> | void
  remove?(node: string, path: string): Promise<void> | void
}

export interface FakeOptions {
  readonly faults?: FakeFaults
  /** What the node says of its arch; without one it cannot be asked. */
  readonly arches?: Readonly<Record<string, string>>
  /** Methods that the sessions do not offer. */
  readonly without?: readonly (keyof NodeSession)[]
}

export const lost = (message = 'the connection was lost') =>
  new PkgcacheError('E_NODE_LOST', message, { retryable: true })
export const unreachable = () => new PkgcacheError('E_NODE_UNREACHABLE', 'no route', { retryable: true })
export const timeout = () => new PkgcacheError('E_NODE_TIMEOUT', 'no answer', { retryable: true })

/** Nodes within this process, behind a transport like any other: what they hold, and what was asked of them. */
export class FakeNodes {
  readonly files = new Map<string, Map<string, FakeFile>>()
  /** Everything that was done, in order: `connect w1`, `place w1 tool/tool-1.0.0-amd64.tar.zst`, … */
  readonly calls: string[] = []
  /** Sessions that are open now, by node. */
  readonly open = new Map<string, number>()
  /** Bytes that this machine sent. */
  sentBytes = 0
  readonly #options: FakeOptions
  readonly #counts = new Map<string, number>()
  readonly #names = new WeakMap<NodeSession, string>()

  constructor(options: FakeOptions = {}) {
    this.#options = options
  }

  plugin(name = 'transport-fake'): Plugin {
    return defineTransport({ name, connect: (node, ctx) => this.#connect(node, ctx.signal) })()
  }

  hold(node: string, path: string, file: Partial<FakeFile> = {}): void {
    const held = this.files.get(node) ?? new Map<string, FakeFile>()
    this.files.set(node, held.set(path, { sha256: 'other', size: 1, delivered: true, ...file }))
  }

  /** Those of the calls that begin with one of the words. */
  called(...words: readonly string[]): string[] {
    return this.calls.filter((call) => words.includes(call.split(' ')[0] ?? ''))
  }

  #nth(what: string): number {
    const nth = (this.#counts.get(what) ?? 0) + 1
    this.#counts.set(what, nth)
    return nth
  }

  async #connect({ name }: NodeSpec, signal: AbortSignal): Promise<NodeSession> {
    this.calls.push(`connect ${name}`)
    await this.#options.faults?.connect?.(name, this.#nth(`connect ${name}`), signal)
    this.open.set(name, (this.open.get(name) ?? 0) + 1)
    const session = this.#session(name)
    for (const method of this.#options.without ?? []) delete session[method as 'list']
    this.#names.set(session, name)
    return session
  }

  #stateOf(name: string, { remotePath, sha256 }: Delivery): 'present' | 'differs' | 'missing' {
    const file = this.files.get(name)?.get(remotePath)
    if (file === undefined) return 'missing'
    return file.sha256 === sha256 ? 'present' : 'differs'
  }

  #session(name: string): NodeSession {
    const { faults, arches } = this.#options
    return {
      place: (delivery, ctx) => this.#place(name, delivery, ctx),
      check: async (delivery) => {
        await faults?.check?.(name, this.#nth(`check ${name}`))
        return this.#stateOf(name, delivery)
      },
      arch: async () => {
        this.calls.push(`arch ${name}`)
        return arches?.[name]
      },
      list: async () => this.#list(name),
      remove: async (path) => {
        this.calls.push(`remove ${name} ${path}`)
        await faults?.remove?.(name, path)
        this.files.get(name)?.delete(path)
      },
      apply: async ({ delivery }, task) => {
        this.calls.push(`apply ${name} ${delivery.remotePath} ${JSON.stringify(task)}`)
        await faults?.apply?.(name, task)
        return this.#nth(`apply ${name} ${delivery.sha256} ${JSON.stringify(task)}`) === 1
          ? 'done'
          : 'present'
      },
      run: async (command, env) => {
        this.calls.push(`run ${name} ${command} ${JSON.stringify(env)}`)
        await faults?.run?.(name, command)
      },
      relay: (delivery, task) => this.#relay(name, delivery, task),
      close: async () => {
        this.calls.push(`close ${name}`)
        this.open.set(name, (this.open.get(name) ?? 0) - 1)
      },
    }
  }

  async #place(name: string, delivery: Delivery, ctx: PluginContext) {
    const { remotePath, sha256, size, rehash } = delivery
    this.calls.push(`place ${name} ${remotePath}${rehash ? ' rehash' : ''}`)
    await this.#options.faults?.place?.(name, delivery, ctx, this.#nth(`place ${name} ${remotePath}`))
    ctx.signal.throwIfAborted()
    if (this.#stateOf(name, delivery) === 'present') return { state: 'present', sentBytes: 0 } as const
    ctx.progress({ done: size, total: size })
    this.hold(name, remotePath, { sha256, size })
    this.sentBytes += size
    return { state: 'sent', sentBytes: size } as const
  }

  #list(name: string): NodeFile[] {
    return [...(this.files.get(name) ?? [])].map(([remotePath, { size, delivered }]) => ({
      remotePath,
      size,
      delivered,
    }))
  }

  async #relay(name: string, delivery: Delivery, { to, identityFile }: RelayTask) {
    const receiver = this.#names.get(to) ?? 'nobody'
    this.calls.push(
      `relay ${name} ${receiver} ${delivery.remotePath}${identityFile ? ` ${identityFile}` : ''}`,
    )
    if (this.#stateOf(name, delivery) !== 'present')
      throw new PkgcacheError('E_NODE', `${name} has no such file`)
    await this.#options.faults?.relay?.(name, receiver, this.#nth(`relay ${name} ${receiver}`))
    this.hold(receiver, delivery.remotePath, { sha256: delivery.sha256, size: delivery.size })
    return { state: 'sent', sentBytes: 0 } as const
  }
}
