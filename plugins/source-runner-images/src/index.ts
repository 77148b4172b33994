import { definePlugin } from '@pkgcache/core'
import { type RunnerImagesOptions, schema } from './options.ts'

export type { RunnerImagesOptions, ToolOptions } from './options.ts'

/** Makes packages of the toolsets and software reports of GitHub's runner images. */
export default definePlugin<RunnerImagesOptions>({
  name: 'source-runner-images',
  schema,
  setup() {},
})
