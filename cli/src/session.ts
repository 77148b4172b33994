import { resolve } from 'node:path'
import { type Cache, type Config, createCache, type LogLevel, loadConfig } from '@pkgcache/core'
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
  const { config, dir } = await readConfig(invocation)
  const { defaultPlugins } = await import('./default-plugins.ts')
  return createCache(config, { dir, defaultPlugins: defaultPlugins(), onLog: logger(invocation) })
}

/** The same cache for commands that only look at what is stored: no plugin is loaded. */
export async function openStore(invocation: Invocation): Promise<Cache> {
  const { config, dir } = await readConfig(invocation)
  return createCache({ ...config, plugins: [] }, { dir, onLog: logger(invocation) })
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

async function readConfig({ options, cwd }: Invocation): Promise<{ config: Config; dir: string }> {
  const load = async (path: string) => (await import('./config-loader.ts')).loadModule(path)
  const { config, dir } = await loadConfig({
    cwd,
    ...(options.config === undefined ? {} : { file: resolve(cwd, options.config) }),
    loaders: { '.ts': load, '.mts': load, '.js': load, '.mjs': load },
  })
  return {
    config: options.store === undefined ? config : { ...config, store: resolve(cwd, options.store) },
    dir,
  }
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
