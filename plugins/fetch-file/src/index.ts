import { defineFetcher } from '@pkgcache/core'
import { fetchFile } from './fetch.ts'
import type { FetchFileOptions } from './options.ts'

export type { FetchFileOptions } from './options.ts'

/** Fetches file: URLs: regular files of this machine, by absolute path. */
export default defineFetcher<FetchFileOptions>({
  name: 'fetch-file',
  schemes: ['file'],
  fetch: (request, ctx) => fetchFile(request, ctx.signal),
})
