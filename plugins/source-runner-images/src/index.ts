import { definePlugin, type PluginContext } from '@pkgcache/core'
import { type RunnerImagesOptions, schema } from './options.ts'

export type { RunnerImagesOptions, ToolOptions } from './options.ts'

// the reading of reports, indexes and toolsets is loaded by those runs that have any
async function declaring() {
  return (await import('./declare.ts')).declareSources
}

async function resolvingRows() {
  return (await import('./declare.ts')).resolveRow
}

function isGiven({ report, toolset, sources }: RunnerImagesOptions): boolean {
  return report !== undefined || toolset !== undefined || sources !== undefined
}

/**
 * Makes packages of the toolsets and software reports of GitHub's runner images, or of a source list. Without options
 * it declares nothing.
 */
export default definePlugin<RunnerImagesOptions>({
  name: 'source-runner-images',
  schema,
  // before sources that go by names: the file of a row is known
  enforce: 'pre',
  setup(api, options) {
    const name = 'source-runner-images'
    if (isGiven(options)) {
      api.hooks.declare.tapPromise(name, async (declaration, ctx: PluginContext) =>
        (await declaring())(declaration, ctx, options),
      )
    }
    api.hooks.resolve.tapPromise(name, async (request) => {
      if (request.extra?.toolFile === undefined) return undefined as never
      return (await resolvingRows())(request) as never
    })
  },
})
