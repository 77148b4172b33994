import { resolve } from 'node:path'
import {
  type Cache,
  type Config,
  createCache,
  type LoadedConfig,
  type LogLevel,
  loadConfig,
  PkgcacheError,
  type Plugin,
} from '@pkgcache/core'
import { defined } from './commands/defined.ts'
import type { Invocation } from './commands/types.ts'
import { showWarning } from './render/errors.ts'
import { oneLine } from './render/text.ts'

interface LogEntry {
  readonly level: LogLevel
  readonly scope: string
  readonly message: string
}

/** The cache that the config and the command line ask for, with every plugin. Close it. */
export async function openCache(invocation: Invocation): Promise<Cache> {
  const { defaultPlugins } = await import('./default-plugins.ts')
  return open(invocation, await readConfig(invocation), defaultPlugins())
}

/**
 * The same for commands that do what a config says: without one they have nothing to do, and say so.
 * @throws E_CONFIG when there is no config file
 */
export async function openConfigured(invocation: Invocation): Promise<Cache> {
  const loaded = await readConfig(invocation)
  if (loaded.file === undefined) {
    throw new PkgcacheError(
      'E_CONFIG',
      `there is no pkgcache.config.* in ${invocation.cwd} or a folder above`,
      {
        hint: '`pkgcache init` writes a starter config here; --config names one elsewhere',
      },
    )
  }
  const { defaultPlugins } = await import('./default-plugins.ts')
  return open(invocation, loaded, defaultPlugins())
}

/** The same cache for commands that only look at what is stored: no plugin is loaded. */
export async function openStore(invocation: Invocation): Promise<Cache> {
  const loaded = await readConfig(invocation)
  return open(invocation, { ...loaded, config: withKeys(loaded.config, { plugins: [] }) }, [])
}

async function open(
  invocation: Invocation,
  { config, dir, file }: LoadedConfig,
  defaultPlugins: readonly Plugin[],
): Promise<Cache> {
  const askSecret = defined({ askSecret: invocation.askSecret })
  try {
    return await createCache(config, { dir, defaultPlugins, onLog: logger(invocation), ...askSecret })
  } catch (error) {
    throw error instanceof PkgcacheError && error.code === 'E_CONFIG' && file !== undefined
      ? error.at({ item: file })
      : error
  }
}

/** Opens, uses and closes: whatever happens, nothing stays open. */
export async function using<T>(opening: Promise<Cache>, use: (cache: Cache) => Promise<T>): Promise<T> {
  const cache = await opening
  try {
    return await use(cache)
  } finally {
    await cache.close()
  }
}

async function readConfig({ options, cwd }: Invocation): Promise<LoadedConfig> {
  const load = async (path: string) => (await import('./config-loader.ts')).loadModule(path)
  const loaded = await loadConfig({
    cwd,
    file: options.config,
    loaders: { '.ts': load, '.mts': load, '.js': load, '.mjs': load },
  })
  if (options.store === undefined) return loaded
  return { ...loaded, config: withKeys(loaded.config, { store: resolve(cwd, options.store) }) }
}

/** What is no object at all stays as it is: to say so is the core's part. */
function withKeys(config: Config, keys: Partial<Config>): Config {
  const isObject = typeof config === 'object' && config !== null && !Array.isArray(config)
  return isObject ? { ...config, ...keys } : config
}

/** What plugins and core have to say: warnings always, the rest as asked for. */
export function logger({ output }: Invocation): (entry: LogEntry) => void {
  return ({ level, scope, message }) => {
    if (level === 'error' || level === 'warn') {
      if (!output.quiet || level === 'error') showWarning(output, scope, message)
    } else if (level === 'info' || output.verbose) {
      output.say(output.paint.dim(`${oneLine(scope)}: ${oneLine(message)}`))
    }
  }
}
