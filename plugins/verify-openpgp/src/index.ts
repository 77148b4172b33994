import { definePlugin } from '@pkgcache/core'
import type { Keyring } from './keys.ts'
import { pinsOf, schema, type VerifyOpenpgpOptions } from './options.ts'

export type { VerifyOpenpgpOptions } from './options.ts'

/** openpgp takes a moment to load: only where there is something to check. */
const load = () => import('./check.ts')

/** Checks OpenPGP signatures against fingerprints that the user pinned. Without options it does nothing. */
export default definePlugin<VerifyOpenpgpOptions>({
  name: 'verify-openpgp',
  schema,
  // `definePlugin`, not `defineVerifier`: it has a say on what is cached, and reads its keys once.
  setup(api, options) {
    const { keys = [], signers } = options
    if (signers === undefined) return
    let keyring: Promise<Keyring> | undefined
    api.hooks.declare.tap('verify-openpgp', (declaration) => {
      // which packages `*` covers is known once their sources were asked
      for (const name of Object.keys(signers)) if (name !== '*') declaration.requireTrust(name, 'signed')
    })
    api.hooks.verify.tapPromise('verify-openpgp', async (staged, ctx) => {
      const { request, name, signatures = [] } = staged.resolved
      const pins = pinsOf(options, [request.name, name])
      if (pins === undefined || (signatures.length === 0 && !pins.named)) return undefined as never
      const { checkSignatures, readKeyring } = await load()
      keyring ??= readKeyring(keys).catch((error) => {
        keyring = undefined
        throw error
      })
      return (await checkSignatures(staged, pins.fingerprints, await keyring, ctx)) as never
    })
  },
})
