import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { PluginContext } from '@pkgcache/core'
import { PkgcacheError, toPkgcacheError } from '@pkgcache/core/errors'
import type { SshNode } from './opener.ts'
import type { SshOptions } from './options.ts'
import type { Receiver } from './relay.ts'
import { relayTo, type Serve, type SessionCall, type SshSession } from './ssh-session.ts'
import { type Ask, fromFault, type Order, type Outcome, RUN, toFault, type Word } from './wire.ts'

/** Half of the processors: the rest of the work is the kernel's. More than 4 gain nothing: the line is full before. */
const MOST_THREADS = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)))
/** Nodes a thread has before another one is begun, which costs as much as connecting to some. */
const NODES_PER_THREAD = 4

interface Call {
  readonly ctx: PluginContext
  readonly serve: Serve | undefined
  settle(outcome: Outcome): void
}

/**
 * The connections of one run, spread over threads: encrypting for many nodes is more than one processor can do, and in a
 * thread that holds nothing else, collecting garbage costs a fraction.
 */
export class SessionPool {
  readonly #options: SshOptions
  readonly #run: string
  readonly #threads: Thread[] = []
  /** One answer per question, however many threads put it. */
  readonly #answers = new Map<string, Promise<string | undefined>>()
  readonly #said = new Set<string>()
  #lastAnswer: Promise<unknown> = Promise.resolve()

  /** @param run name of the run, hex */
  constructor(options: SshOptions, run: string) {
    this.#options = options
    this.#run = run
  }

  /** @throws what connecting throws */
  async open(node: SshNode, ctx: PluginContext): Promise<SshSession> {
    const thread = this.#pick(ctx)
    const number = await thread.connect({ node, options: this.#options, run: this.#run }, ctx)
    return session(thread, number)
  }

  #pick(ctx: PluginContext): Thread {
    const alive = this.#threads.filter((thread) => thread.alive)
    const [idlest] = alive.toSorted((a, b) => a.load - b.load)
    const room = idlest === undefined || (idlest.load >= NODES_PER_THREAD && alive.length < MOST_THREADS)
    if (!room) return idlest
    const thread = new Thread(ctx, {
      askSecret: (text, asking) => this.#askSecret(text, asking),
      warn: (text) => this.#warn(text, ctx),
    })
    this.#threads.push(thread)
    return thread
  }

  /** One question after the other, as for one thread. */
  #askSecret(text: string, ctx: PluginContext): Promise<string | undefined> {
    const answer = this.#answers.get(text) ?? this.#lastAnswer.then(() => ctx.askSecret(text))
    this.#lastAnswer = answer.catch(() => undefined)
    this.#answers.set(text, answer)
    return answer
  }

  /** Each thread reads the same SSH config, and would say the same of it. */
  #warn(text: string, ctx: PluginContext): void {
    if (this.#said.has(text)) return
    this.#said.add(text)
    ctx.logger.warn(text)
  }
}

/** What threads have in common. */
interface SharedByThreads {
  askSecret(text: string, ctx: PluginContext): Promise<string | undefined>
  /** Says a warning that is nobody's call, once. */
  warn(text: string): void
}

class Thread {
  // no flags of the process: they are for what runs in it
  readonly #worker = new Worker(new URL('./worker.js', import.meta.url), { execArgv: [] })
  readonly #run: Call
  readonly #calls = new Map<number, Call>()
  readonly #shared: SharedByThreads
  #numbers = 0
  #sessions = 0
  alive = true

  /** @param ctx of the run */
  constructor(ctx: PluginContext, shared: SharedByThreads) {
    this.#run = { ctx, serve: undefined, settle: () => undefined }
    this.#shared = shared
    // one run's signal ends many calls at once, by design
    setMaxListeners(0, ctx.signal)
    ctx.signal.addEventListener('abort', () => this.#send({ kind: 'abort', call: RUN }), { once: true })
    this.#worker.on('message', (word: Word) => this.#take(word))
    this.#worker.on('error', (error) => this.#end(toPkgcacheError(error, 'E_NODE')))
    this.#worker.on('exit', () => this.#end(new PkgcacheError('E_NODE', 'its thread ended')))
    // it must not keep the process alive by itself: only what is under way does
    this.#worker.unref()
  }

  /** Sessions that are open or being opened. */
  get load(): number {
    return this.#sessions
  }

  /** @returns the session's number */
  async connect(
    how: { readonly node: SshNode; readonly options: SshOptions; readonly run: string },
    ctx: PluginContext,
  ): Promise<number> {
    const call = ++this.#numbers
    this.#sessions++
    try {
      await this.#order({ kind: 'connect', call, ...how }, ctx)
      return call
    } catch (error) {
      this.#sessions--
      throw error
    }
  }

  async use(session: number, what: SessionCall, ctx: PluginContext, serve?: Serve): Promise<unknown> {
    return this.#order({ kind: 'use', call: ++this.#numbers, session, what }, ctx, serve)
  }

  async close(session: number): Promise<void> {
    try {
      await this.use(session, ['close'], quiet())
    } finally {
      this.#sessions--
    }
  }

  #order(
    order: Extract<Order, { readonly call: number }>,
    ctx: PluginContext,
    serve?: Serve,
  ): Promise<unknown> {
    if (!this.alive) return Promise.reject(new PkgcacheError('E_NODE', 'its thread ended'))
    const { call } = order
    const onAbort = () => this.#send({ kind: 'abort', call })
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome) => {
        ctx.signal.removeEventListener('abort', onAbort)
        this.#calls.delete(call)
        if (this.#calls.size === 0) this.#worker.unref()
        if ('fault' in outcome) reject(fromFault(outcome.fault))
        else resolve(outcome.value)
      }
      this.#calls.set(call, { ctx, serve, settle })
      this.#worker.ref()
      this.#send(order)
      ctx.signal.addEventListener('abort', onAbort, { once: true })
      if (ctx.signal.aborted) onAbort()
    })
  }

  #send(order: Order): void {
    this.#worker.postMessage(order)
  }

  #take(word: Word): void {
    const call = word.call === RUN ? this.#run : this.#calls.get(word.call)
    if (call === undefined) return
    switch (word.kind) {
      case 'ended':
        call.settle(word.outcome)
        break
      case 'progress':
        call.ctx.progress({ done: word.done, ...(word.total !== undefined && { total: word.total }) })
        break
      case 'log':
        if (word.call === RUN && word.level === 'warn') this.#shared.warn(word.text)
        else call.ctx.logger[word.level](word.text)
        break
      case 'secret':
        call.ctx.secret(word.text)
        break
      case 'question':
        void this.#reply(word.question, word.ask, call)
    }
  }

  async #reply(question: number, ask: Ask, { ctx, serve }: Call): Promise<void> {
    const outcome = await this.#answer(ask, ctx, serve).then(
      (value): Outcome => ({ value }),
      (thrown: unknown): Outcome => ({ fault: toFault(thrown) }),
    )
    this.#send({ kind: 'reply', question, outcome })
  }

  async #answer(ask: Ask, ctx: PluginContext, serve: Serve | undefined): Promise<unknown> {
    if (ask.kind === 'secret') return this.#shared.askSecret(ask.text, ctx)
    return serve?.(ask.receiver as Receiver)
  }

  #end(error: PkgcacheError): void {
    this.alive = false
    for (const call of this.#calls.values()) call.settle({ fault: toFault(error) })
  }
}

/** A session that lives in a thread. */
function session(thread: Thread, number: number): SshSession {
  const use =
    <Result>(...what: SessionCall) =>
    (ctx: PluginContext, serve?: Serve) =>
      thread.use(number, what, ctx, serve) as Promise<Result>
  const self: SshSession = {
    place: (delivery, ctx) => use<Awaited<ReturnType<SshSession['place']>>>('place', delivery)(ctx),
    check: (delivery, ctx) => use<Awaited<ReturnType<SshSession['check']>>>('check', delivery)(ctx),
    arch: (ctx) => use<string | undefined>('arch')(ctx),
    list: (ctx) => use<Awaited<ReturnType<SshSession['list']>>>('list')(ctx),
    remove: (path, ctx) => use<void>('remove', path)(ctx),
    apply: (artifact, task, ctx) => use<'present' | 'done'>('apply', artifact, task)(ctx),
    run: (command, env, ctx) => use<void>('run', command, env)(ctx),
    serve: (delivery, receiver, ctx) => use<void>('serve', delivery, receiver)(ctx),
    receive: (delivery, serve, ctx) =>
      use<Awaited<ReturnType<SshSession['place']>>>('receive', delivery)(ctx, serve),
    relay: (delivery, task, ctx) => relayTo(self, delivery, task, ctx),
    close: () => thread.close(number),
  }
  return self
}

/** Closing is nobody's call. */
function quiet(): PluginContext {
  const none = () => undefined
  const refused = () => Promise.reject(new PkgcacheError('E_PLUGIN', 'there is nobody to ask'))
  const nothing = () => {
    throw new PkgcacheError('E_PLUGIN', 'there is nothing to unpack')
  }
  return {
    logger: { debug: none, info: none, warn: none, error: none },
    progress: none,
    signal: new AbortController().signal,
    store: { root: '', list: refused, unpack: nothing },
    fetch: { text: refused, bytes: refused, kept: refused, size: refused },
    secret: none,
    askSecret: refused,
    tmpDir: '',
  }
}
