import { definePlugin, type PackageRequest, type PluginContext, type Resolution } from '@pkgcache/core'
import { DIRECT_NAMES, directName } from './direct-names.ts'
import { type RunnerImagesOptions, schema } from './options.ts'

export type { RunnerImagesOptions, ToolOptions } from './options.ts'

/** Makes packages of the toolsets and software reports of GitHub's runner images. */
export default definePlugin<RunnerImagesOptions>({
  name: 'source-runner-images',
  schema,
  setup(api, options) {
    api.suggest(DIRECT_NAMES)
    api.hooks.resolve.tapPromise('source-runner-images', async (request, ctx) => {
      // undefined asks the next source, which tapable's types do not know
      return (await resolveNamed(request, ctx, options)) as never
    })
  },
})

async function resolveNamed(
  request: PackageRequest,
  ctx: PluginContext,
  options: RunnerImagesOptions,
): Promise<Resolution | undefined> {
  if (directName(request.name) === undefined || request.url !== undefined) return undefined
  // loaded when a package is asked for: every command loads this file
  const { resolveDirect } = await import('./direct.ts')
  return await resolveDirect(request, ctx, options)
}
