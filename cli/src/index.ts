import { type Cache, type Config, createCache as createBareCache } from '@pkgcache/core'
import { defaultPlugins } from './default-plugins.ts'

/** All of the host's API, and the default plugins with it. */
export * from '@pkgcache/core'
export { defaultPlugins }

/**
 * A cache with the default plugins, as the command has it; `options.defaultPlugins` takes their place.
 * @throws E_CONFIG with all faults, E_PLUGIN_ORDER
 */
export function createCache(
  config: Config,
  options: Parameters<typeof createBareCache>[1] = {},
): Promise<Cache> {
  return createBareCache(config, { defaultPlugins: defaultPlugins(), ...options })
}
