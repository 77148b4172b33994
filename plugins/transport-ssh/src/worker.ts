import { type MessagePort, parentPort } from 'node:worker_threads'
import type { PluginContext } from '@pkgcache/core'
import { PkgcacheError } from '@pkgcache/core/errors'
import { Opener } from './opener.ts'
import type { Receiver } from './relay.ts'
import type { SessionCall, SshSession } from './ssh-session.ts'
import { type Ask, type Order, type Outcome, RUN, toFault, unwrap, type Word } from './wire.ts'

/** How often progress is told, in ms. */
const PROGRESS_EVERY = 100

type OrderOf<Kind extends Order['kind']> = Extract<Order, { readonly kind: Kind }>

/** The sessions of one thread, and what is under way on them. */
class Sessions {
  readonly #port: MessagePort
  readonly #sessions = new Map<number, SshSession>()
  readonly #aborts = new Map<number, AbortController>()
  readonly #questions = new Map<number, (outcome: Outcome) => void>()
  #asked = 0
  #opener: Opener | undefined

  constructor(port: MessagePort) {
    this.#port = port
  }

  take(order: Order): void {
    switch (order.kind) {
      case 'connect':
        this.#work(order.call, () => this.#connect(order))
        break
      case 'use':
        this.#work(order.call, (ctx) => this.#use(order, ctx))
        break
      case 'abort':
        this.#aborts.get(order.call)?.abort()
        break
      case 'reply':
        this.#questions.get(order.question)?.(order.outcome)
        this.#questions.delete(order.question)
    }
  }

  #say(word: Word): void {
    this.#port.postMessage(word)
  }

  #work(call: number, work: (ctx: PluginContext) => Promise<unknown>): void {
    const abort = new AbortController()
    this.#aborts.set(call, abort)
    const progress = new Progress((one) => this.#say({ kind: 'progress', call, ...one }))
    const end = (outcome: Outcome) => {
      progress.flush()
      this.#aborts.delete(call)
      this.#say({ kind: 'ended', call, outcome })
    }
    work(this.#context(call, abort.signal, progress)).then(
      (value) => end({ value }),
      (thrown: unknown) => end({ fault: toFault(thrown) }),
    )
  }

  async #connect({ call, node, options, run }: OrderOf<'connect'>): Promise<void> {
    this.#opener ??= new Opener(this.#runContext(), options, run)
    this.#sessions.set(call, await this.#opener.open(node))
  }

  async #use({ call, session: number, what }: OrderOf<'use'>, ctx: PluginContext): Promise<unknown> {
    const session = this.#sessions.get(number)
    if (session === undefined) throw new PkgcacheError('E_NODE', 'its session is closed')
    if (what[0] === 'close') this.#sessions.delete(number)
    return perform(session, what, ctx, async (receiver) => {
      await this.#ask(call, { kind: 'serve', receiver })
    })
  }

  #ask(call: number, ask: Ask): Promise<unknown> {
    const question = ++this.#asked
    return new Promise<Outcome>((resolve) => {
      this.#questions.set(question, resolve)
      this.#say({ kind: 'question', call, question, ask })
    }).then(unwrap)
  }

  /** For what all calls share, and so none of them is asked for. */
  #runContext(): PluginContext {
    const abort = new AbortController()
    this.#aborts.set(RUN, abort)
    return this.#context(RUN, abort.signal, new Progress(() => undefined))
  }

  #context(call: number, signal: AbortSignal, progress: Progress): PluginContext {
    const line = (level: keyof PluginContext['logger']) => (text: string) =>
      this.#say({ kind: 'log', call, level, text })
    const unused = () => Promise.reject(new PkgcacheError('E_PLUGIN', 'a transport fetches nothing'))
    const nothing = () => {
      throw new PkgcacheError('E_PLUGIN', 'a transport unpacks nothing')
    }
    return {
      logger: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
      progress: (one) => progress.tell(one),
      signal,
      store: { root: '', list: unused, unpack: nothing },
      fetch: { text: unused, bytes: unused, kept: unused, size: unused },
      secret: (text) => this.#say({ kind: 'secret', call, text }),
      askSecret: (text) => this.#ask(call, { kind: 'secret', text }) as Promise<string | undefined>,
      tmpDir: '',
    }
  }
}

type Done = { readonly done: number; readonly total?: number }

/** Thousands of small steps as a few messages, the last one always. */
class Progress {
  readonly #say: (one: Done) => void
  #last = 0
  #kept: Done | undefined

  constructor(say: (one: Done) => void) {
    this.#say = say
  }

  tell(one: Done): void {
    this.#kept = one
    if (Date.now() - this.#last >= PROGRESS_EVERY) this.flush()
  }

  flush(): void {
    if (this.#kept !== undefined) this.#say(this.#kept)
    this.#kept = undefined
    this.#last = Date.now()
  }
}

function perform(
  session: SshSession,
  what: SessionCall,
  ctx: PluginContext,
  serve: (receiver: Receiver) => Promise<void>,
): Promise<unknown> {
  switch (what[0]) {
    case 'place':
      return session.place(what[1], ctx)
    case 'check':
      return session.check(what[1], ctx)
    case 'arch':
      return session.arch(ctx)
    case 'list':
      return session.list(ctx)
    case 'remove':
      return session.remove(what[1], ctx)
    case 'apply':
      return session.apply(what[1], what[2], ctx)
    case 'run':
      return session.run(what[1], what[2], ctx)
    case 'serve':
      return session.serve(what[1], what[2], ctx)
    case 'receive':
      return session.receive(what[1], serve, ctx)
    case 'close':
      return session.close()
  }
}

if (parentPort !== null) {
  const sessions = new Sessions(parentPort)
  parentPort.on('message', (order: Order) => sessions.take(order))
}
