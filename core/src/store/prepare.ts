import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { PkgcacheError, toPkgcacheError } from '../errors/error.ts'
import { makeFolder, OWN_FOLDER, PUBLIC_FOLDER } from './atomic.ts'
import type { StoreLayout } from './layout.ts'

/** Makes a store's folders and makes sure that they can be written. @throws E_STORE, E_NOSPC */
export async function prepareFolders({ root, own, records, tmp, parts, locks }: StoreLayout): Promise<void> {
  try {
    await makeFolder(root, PUBLIC_FOLDER)
    for (const folder of [own, records, tmp, parts, locks]) await makeFolder(folder, OWN_FOLDER)
    for (const folder of [root, own, records, tmp, parts, locks])
      await access(folder, constants.W_OK | constants.X_OK)
  } catch (cause) {
    const { code, message, hint } = toPkgcacheError(cause, 'E_STORE')
    throw new PkgcacheError(code, `the store ${root} cannot be written: ${message}`, {
      hint:
        code === 'E_NOSPC'
          ? hint
          : 'choose a folder you may write with --store, `store` in the config or PKGCACHE_HOME',
      cause,
    })
  }
}
