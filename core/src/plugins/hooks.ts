import { AsyncParallelHook, AsyncSeriesBailHook, AsyncSeriesHook, type FullTap } from 'tapable'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { HOOK_SPECS, type HookKind, type HookSpec } from '../stages.ts'
import type { HookName, Hooks, PluginContext } from './types.ts'

/** One call of a hook: gives each tap a context of its own, and collects what `collect` hooks return. */
export interface Call {
  context(plugin: string): PluginContext
  /** What a plugin is handed, where that is its own. Default: the input, the same for all. */
  readonly input?: (plugin: string) => unknown
  readonly answers: { readonly plugin: string; readonly value: unknown }[]
  readonly errors: PkgcacheError[]
}

type AnyHook =
  | AsyncSeriesBailHook<[unknown, Call], unknown>
  | AsyncSeriesHook<[unknown, Call]>
  | AsyncParallelHook<[unknown, Call]>
type AnyTap = FullTap & { fn: (...args: unknown[]) => unknown }

const CONSTRUCTORS: Readonly<Record<HookKind, (name: HookName) => AnyHook>> = {
  bail: (name) => new AsyncSeriesBailHook(['input', 'call'], name),
  series: (name) => new AsyncSeriesHook(['input', 'call'], name),
  collect: (name) => new AsyncParallelHook(['input', 'call'], name),
}

/** Runs a tap's function however it was tapped: `tap`, `tapAsync` or `tapPromise`. */
async function invoke(
  type: FullTap['type'],
  fn: AnyTap['fn'],
  input: unknown,
  ctx: PluginContext,
): Promise<unknown> {
  if (type !== 'async') return fn(input, ctx)
  return new Promise((resolve, reject) => {
    fn(input, ctx, (error: unknown, value: unknown) => (error ? reject(error) : resolve(value)))
  })
}

/** tapable takes `null` for an answer, and so would core: only objects with the contract's keys are answers. */
function checkAnswer(value: unknown, spec: HookSpec): void {
  for (const answer of Array.isArray(value) ? value : [value]) {
    const missing = spec.answer.filter(
      (key) => typeof answer !== 'object' || answer === null || !(key in answer),
    )
    if (missing.length === 0) continue
    throw new PkgcacheError(
      'E_PLUGIN',
      `returned ${describe(answer)} where an object with ${spec.answer.join(', ')} is due`,
      {
        hint: `missing: ${missing.join(', ')}; this is a fault of the plugin, report it to its author`,
      },
    )
  }
}

function describe(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value)
  return `{ ${Object.keys(value).join(', ')} }`
}

/**
 * Wraps every tap at registration: errors name plugin and hook, answers are checked, and a `collect` hook
 * keeps every answer and error where tapable would drop all errors but the first.
 */
function wrapTap(hook: HookName, spec: HookSpec, plugin: string, tap: AnyTap): AnyTap {
  // tapable fills in its own defaults only after interceptors have seen the tap
  if (tap.before !== undefined || (tap.stage ?? 0) !== 0) {
    throw new PkgcacheError('E_PLUGIN', `taps "${hook}" with tapable's own before or stage`, {
      plugin,
      hint: 'order plugins with enforce, before and after of the plugin itself',
    })
  }
  const { type, fn } = tap
  const wrapped = async (input: unknown, call: Call): Promise<unknown> => {
    try {
      const value = await invoke(type, fn, call.input ? call.input(plugin) : input, call.context(plugin))
      if (value === undefined || spec.kind === 'series') return undefined
      checkAnswer(value, spec)
      if (spec.kind === 'bail') return { plugin, value }
      call.answers.push({ plugin, value })
    } catch (thrown) {
      const located = (one: unknown) => toPkgcacheError(one).at({ plugin, stage: hook })
      if (hook === 'done' && thrown instanceof AggregateError)
        throw new AggregateError(thrown.errors.map(located), thrown.message)
      const error = located(thrown)
      if (spec.kind !== 'collect') throw error
      call.errors.push(error)
    }
    return undefined
  }
  return { ...tap, type: 'promise', fn: wrapped as AnyTap['fn'] }
}

/** The hooks of one host, with the plugin that is being set up as the owner of new taps. */
export class HookSet {
  readonly #hooks: ReadonlyMap<HookName, AnyHook>
  readonly #owners = new Map<HookName, string[]>()

  constructor(owner: () => string) {
    this.#hooks = new Map([...HOOK_SPECS].map(([name, spec]) => [name, this.#create(name, spec, owner)]))
  }

  #create(name: HookName, spec: HookSpec, owner: () => string): AnyHook {
    const hook = CONSTRUCTORS[spec.kind](name)
    hook.intercept({
      register: (tap) => {
        const plugin = owner()
        this.#owners.set(name, [...(this.#owners.get(name) ?? []), plugin])
        return wrapTap(name, spec, plugin, tap as AnyTap) as never
      },
    })
    return hook
  }

  /** What plugins see: tapable's hooks, typed by the contract. */
  get public(): Hooks {
    return Object.fromEntries(this.#hooks) as unknown as Hooks
  }

  /** Names of the hooks a plugin taps, in the order of a run. */
  tappedBy(plugin: string): HookName[] {
    return [...HOOK_SPECS.keys()].filter((name) => this.#owners.get(name)?.includes(plugin))
  }

  /** Plugins that tap a hook. */
  ownersOf(name: HookName): readonly string[] {
    return this.#owners.get(name) ?? []
  }

  async call(name: HookName, input: unknown, call: Call): Promise<unknown> {
    return this.#hooks.get(name)?.promise(input, call)
  }
}
