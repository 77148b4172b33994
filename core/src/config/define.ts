import type { Config, ConfigExport } from './types.ts'

/** Gives a config its types; returns it as it is. */
export function defineConfig<C extends ConfigExport>(config: C & ConfigExport): C {
  return config
}

export type { Config }
