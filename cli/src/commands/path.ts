import { PkgcacheError } from '@pkgcache/core'
import { openStore, using } from '../session.ts'
import { defined } from './defined.ts'
import type { Handler } from './types.ts'

export const path: Handler = (invocation) =>
  using(openStore(invocation), async (cache) => {
    const { args, options, output } = invocation
    const [spec = ''] = args
    const { arch, platform } = options
    const file = await cache.getLocalPackagePath(spec, defined({ arch, platform }))
    if (file === undefined) {
      throw new PkgcacheError('E_NOT_CACHED', `not in the cache ${cache.store}`, {
        item: [spec, [platform, arch].filter(Boolean).join('/')].filter(Boolean).join(' '),
        hint: `pkgcache ensure ${spec} brings it there`,
      })
    }
    // As it is: this line is for programs, and an escaped path would be another one.
    if (output.json) output.document({ path: file })
    else output.result(file)
    return 0
  })
