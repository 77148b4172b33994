import { dirname, resolve } from 'node:path'
import type { PublicExplorer } from 'cosmiconfig'
import { PkgcacheError, systemCode } from '../errors/error.ts'
import { syntaxFault } from './syntax-fault.ts'
import type { Config } from './types.ts'

/** Reads one kind of config file. Given by the command, which brings a TypeScript loader along. */
export type ConfigLoader = (path: string) => Promise<unknown>

/** Where to look for a config, and how to read it. */
export interface LoadOptions {
  /** Where the search starts; it goes upwards to the root. */
  readonly cwd: string
  /** This file instead of a search. Relative to `cwd`. */
  readonly file?: string | undefined
  /** By extension, dot included; others than these are read by cosmiconfig. */
  readonly loaders?: Readonly<Record<string, ConfigLoader>>
}

/** A config as it was found. */
export interface LoadedConfig {
  readonly config: Config
  /** Undefined when there is none. */
  readonly file: string | undefined
  /** Base of the relative paths in the config. */
  readonly dir: string
}

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.json', '.yaml', '.yml']

/**
 * Finds and reads the config.
 * @throws E_CONFIG for a file that is missing, cannot be parsed, or throws
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  // not at the top: commands and libraries that bring their own config have no use for it
  const { cosmiconfig, defaultLoaders } = await import('cosmiconfig')
  const given = Object.entries(options.loaders ?? {}).map(
    ([extension, load]) => [extension, (path: string) => load(path)] as const,
  )
  const loaders = { ...defaultLoaders, ...Object.fromEntries(given) }
  const explorer = cosmiconfig('pkgcache', {
    // cosmiconfig refuses to look for what it has no loader for
    searchPlaces: EXTENSIONS.filter((extension) => extension in loaders).map(
      (extension) => `pkgcache.config${extension}`,
    ),
    loaders,
    searchStrategy: 'global',
    stopDir: '/',
    // an empty file here is no reason to take the one of another project further up
    ignoreEmptySearchPlaces: false,
    cache: false,
  })
  const found = await read(options, explorer)
  if (!found || found.isEmpty) return { config: {}, file: found?.filepath, dir: dirOf(found, options) }
  return {
    config: await evaluate(found.config, found.filepath),
    file: found.filepath,
    dir: dirOf(found, options),
  }
}

type Found = { config: unknown; filepath: string; isEmpty?: boolean } | null

function dirOf(found: Found, options: LoadOptions): string {
  return found ? dirname(found.filepath) : options.cwd
}

async function read(options: LoadOptions, explorer: PublicExplorer): Promise<Found> {
  const file = options.file === undefined ? undefined : resolve(options.cwd, options.file)
  try {
    return file === undefined ? await explorer.search(options.cwd) : await explorer.load(file)
  } catch (cause) {
    if (cause instanceof PkgcacheError) throw cause
    const missing = file !== undefined && systemCode(cause) === 'ENOENT'
    const syntax = syntaxFault(cause)
    const message = syntax ?? (cause instanceof Error ? cause.message : String(cause))
    throw new PkgcacheError(
      'E_CONFIG',
      missing ? `there is no config file ${file}` : `the config cannot be read: ${message}`,
      {
        hint: missing
          ? '`pkgcache init` writes a starter config'
          : 'check its syntax, its imports, and what it does when it is loaded',
        cause: syntax === undefined ? cause : undefined,
      },
    )
  }
}

/** A config may be a function; it may wait for something. */
async function evaluate(exported: unknown, file: string): Promise<Config> {
  if (typeof exported !== 'function') return exported as Config
  try {
    return (await exported()) as Config
  } catch (cause) {
    if (cause instanceof PkgcacheError) throw cause
    throw new PkgcacheError('E_CONFIG', `the function that ${file} exports threw: ${String(cause)}`, {
      hint: 'check what it does when it is called',
      cause,
    })
  }
}
