import { SchemaValidators } from '../config/schema-faults.ts'
import { type PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import type { LockEntry } from '../model/lock.ts'
import type { PackageRequest } from '../model/request.ts'
import type { LogLevel } from '../model/run.ts'
import { type Call, HookSet } from './hooks.ts'
import { optionFaults } from './options.ts'
import { orderPlugins } from './order.ts'
import type { FetchHelper, HookName, Located, Plugin, PluginApi, PluginContext, StoreView } from './types.ts'

/** What core gives a call besides the plugin's own scope. */
export interface CallScope {
  readonly signal: AbortSignal
  readonly tmpDir: string
  readonly store: StoreView
  readonly fetch: FetchHelper
  readonly log: (level: LogLevel, scope: string, message: string) => void
  readonly secret: (text: string) => void
  readonly askSecret: (question: string) => Promise<string | undefined>
  readonly progress?: (progress: { readonly done: number; readonly total?: number }) => void
}

/** An answer and the plugin that gave it. */
export interface Answer<T> {
  readonly plugin: string
  readonly value: T
}

function context(scope: CallScope, plugin: string): PluginContext {
  const line = (level: LogLevel) => (message: string) => scope.log(level, plugin, message)
  return Object.freeze({
    logger: Object.freeze({
      debug: line('debug'),
      info: line('info'),
      warn: line('warn'),
      error: line('error'),
    }),
    progress: (progress: { readonly done: number; readonly total?: number }) => scope.progress?.(progress),
    signal: scope.signal,
    // several plugins of one call share them
    store: Object.freeze(scope.store),
    fetch: Object.freeze(scope.fetch),
    secret: (text: string) => scope.secret(text),
    askSecret: (question: string) => scope.askSecret(question),
    tmpDir: scope.tmpDir,
  })
}

/** The loaded plugins: checked, in order, their taps in place. */
export class PluginHost {
  readonly plugins: readonly Plugin[]
  readonly suggestions: readonly string[]
  readonly #hooks: HookSet
  readonly #locators = new Map<string, Parameters<PluginApi['locate']>[0]>()

  /** @throws E_CONFIG with all faulty options, E_PLUGIN_ORDER, E_PLUGIN for a `setup` that throws */
  constructor(plugins: readonly Plugin[]) {
    this.plugins = orderPlugins(plugins)
    let owner = ''
    const suggestions: string[] = []
    this.#hooks = new HookSet(() => owner)
    const api: PluginApi = {
      hooks: this.#hooks.public,
      suggest: (names) => void suggestions.push(...names),
      locate: (find) => void this.#locators.set(owner, find),
    }
    for (const plugin of this.plugins) {
      owner = plugin.name
      try {
        plugin.setup(api)
      } catch (thrown) {
        throw toPkgcacheError(thrown).at({ plugin: plugin.name, stage: 'setup' })
      }
    }
    this.suggestions = suggestions
  }

  /** Faults of all plugins' options at once; to be asked before the host is made. */
  static optionFaults(plugins: readonly Plugin[]): string[] {
    const validators = new SchemaValidators()
    return plugins.flatMap((plugin, index) => optionFaults(plugin, index, validators))
  }

  tappedBy(plugin: string): HookName[] {
    return this.#hooks.tappedBy(plugin)
  }

  ownersOf(hook: HookName): readonly string[] {
    return this.#hooks.ownersOf(hook)
  }

  /** Where a source plugin says a locked package is; undefined when it is not loaded or does not say. */
  locate(plugin: string, request: PackageRequest, locked: LockEntry): Located | undefined {
    try {
      return this.#locators.get(plugin)?.(request, locked) ?? undefined
    } catch (thrown) {
      throw toPkgcacheError(thrown).at({ plugin, stage: 'resolve' })
    }
  }

  #call(scope: CallScope): Call {
    return { context: (plugin) => context(scope, plugin), answers: [], errors: [] }
  }

  /** A context for calls to what a hook's answer offers: a transport's session, for one. */
  context(plugin: string, scope: CallScope): PluginContext {
    return context(scope, plugin)
  }

  /** The first plugin's answer, or undefined when none claims the input. */
  async bail<T>(hook: HookName, input: unknown, scope: CallScope): Promise<Answer<T> | undefined> {
    return (await this.#hooks.call(hook, input, this.#call(scope))) as Answer<T> | undefined
  }

  /** Every plugin's answer and every error, in the order of the plugins, whichever was done first. */
  async collect<T>(
    hook: HookName,
    input: unknown,
    scope: CallScope,
  ): Promise<{ answers: Answer<T>[]; errors: PkgcacheError[] }> {
    const call = this.#call(scope)
    await this.#hooks.call(hook, input, call)
    const place = (entry: { readonly plugin: string | undefined }) =>
      this.plugins.findIndex((plugin) => plugin.name === entry.plugin)
    return {
      answers: (call.answers as Answer<T>[]).toSorted((a, b) => place(a) - place(b)),
      errors: call.errors.toSorted((a, b) => place(a) - place(b)),
    }
  }

  async series(hook: HookName, input: unknown, scope: CallScope): Promise<void> {
    await this.#hooks.call(hook, input, this.#call(scope))
  }

  /** The same, where each plugin is handed an input of its own. */
  async seriesFor(hook: HookName, input: (plugin: string) => unknown, scope: CallScope): Promise<void> {
    await this.#hooks.call(hook, undefined, { ...this.#call(scope), input })
  }
}
