import { resolve } from 'node:path'
import { definePlugin, type PackageRequest, type PluginContext, type Resolution } from '@pkgcache/core'
import { DIRECT_NAMES, directName } from './direct-names.ts'
import { type RunnerImagesOptions, schema } from './options.ts'

export type { RunnerImagesOptions, ToolOptions } from './options.ts'

// every command loads this file: reports, indexes and toolsets are loaded by those that have any
async function declaring() {
  return (await import('./declare.ts')).declareSources
}

async function writing() {
  return (await import('./toolcache/write.ts')).writeToolCache
}

async function rowOf(request: PackageRequest): Promise<Resolution | undefined> {
  return (await import('./declare.ts')).resolveRow(request)
}

async function named(
  request: PackageRequest,
  ctx: PluginContext,
  options: RunnerImagesOptions,
): Promise<Resolution | undefined> {
  if (directName(request.name) === undefined || request.url !== undefined) return undefined
  return (await import('./direct.ts')).resolveDirect(request, ctx, options)
}

function isGiven({ report, toolset, sources }: RunnerImagesOptions): boolean {
  return report !== undefined || toolset !== undefined || sources !== undefined
}

/**
 * Makes packages of the toolsets and software reports of GitHub's runner images, or of a source list. Without options
 * it declares nothing, and resolves the tools that a config names.
 */
export default definePlugin<RunnerImagesOptions>({
  name: 'source-runner-images',
  schema,
  setup(api, options) {
    const name = 'source-runner-images'
    api.suggest(DIRECT_NAMES)
    if (isGiven(options)) {
      // base of the config's relative paths, which a run tells before its end
      let dir = ''
      api.hooks.declare.tapPromise(name, async (declaration, ctx) => {
        dir = declaration.dir
        await (await declaring())(declaration, ctx, options)
      })
      const { toolCache } = options
      if (toolCache !== undefined)
        api.hooks.done.tapPromise(name, async (result, ctx) =>
          (await writing())(result, resolve(dir, toolCache), ctx),
        )
    }
    api.hooks.resolve.tapPromise(name, async (request, ctx) => {
      const answer = request.extra?.toolFile === undefined ? named(request, ctx, options) : rowOf(request)
      // undefined asks the next source, which tapable's types do not know
      return (await answer) as never
    })
  },
})
