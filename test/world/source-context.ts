import { get } from 'node:http'
import {
  type Hooks,
  type PackageRequest,
  PkgcacheError,
  type Plugin,
  type PluginContext,
  type Resolution,
} from '@pkgcache/core'
import { AsyncSeriesBailHook } from 'tapable'

/** Asks `plugin` as core does, through its `resolve` hook, with a `fetch` that gets https URLs from `mirror`. */
export async function resolveWith(
  plugin: Plugin,
  request: PackageRequest,
  mirror: string,
): Promise<Resolution | undefined> {
  const resolve: Hooks['resolve'] = new AsyncSeriesBailHook(['request', 'ctx'])
  plugin.setup({ hooks: { resolve } as Hooks, suggest: () => {}, locate: () => {} })
  return await resolve.promise(request, sourceContext(mirror))
}

/** Names that a source offers for "did you mean". */
export function suggestionsOf(plugin: Plugin): readonly string[] {
  const names: string[] = []
  const resolve: Hooks['resolve'] = new AsyncSeriesBailHook(['request', 'ctx'])
  plugin.setup({
    hooks: { resolve } as Hooks,
    suggest: (more) => names.push(...more),
    locate: () => undefined,
  })
  return names
}

function sourceContext(mirror: string): PluginContext {
  const unused = (): never => {
    throw new Error('no source plugin needs this')
  }
  const silent = () => {}
  return {
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    progress: silent,
    signal: new AbortController().signal,
    store: { root: '/nonexistent', list: unused, unpack: unused },
    fetch: {
      text: (url) => text(url.replace('https://', mirror)),
      bytes: unused,
      kept: unused,
      size: unused,
    },
    secret: silent,
    askSecret: async () => undefined,
    tmpDir: '/nonexistent',
  }
}

function text(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, async (response) => {
      const chunks: Buffer[] = await response.toArray()
      if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString())
      else
        reject(
          new PkgcacheError(
            response.statusCode === 404 ? 'E_NOT_FOUND' : 'E_HTTP',
            `${url}: ${response.statusCode}`,
          ),
        )
    })
    request.on('error', (cause) =>
      reject(new PkgcacheError('E_UNREACHABLE', `${url}: ${cause.message}`, { cause })),
    )
  })
}
