import { PkgcacheError } from '../errors/error.ts'
import type { Evidence, Finding, Staged, Verdict } from '../model/artifact.ts'
import { bestTrust, stricterTrust, type TrustLevel, trustAtLeast } from '../model/trust.ts'
import { type RunContext, stageScope } from '../run/context.ts'

/** The least trust a package may be published with, everything that has a say considered. */
export function requiredTrust(
  sourceMinimum: TrustLevel,
  requested: TrustLevel | undefined,
  run: RunContext,
): TrustLevel {
  return [requested ?? 'unverified', run.settings.minimumTrust, run.require].reduce(
    stricterTrust,
    sourceMinimum,
  )
}

/** @throws E_TRUST */
export function checkTrust(trust: TrustLevel, required: TrustLevel): void {
  if (trustAtLeast(trust, required)) return
  throw new PkgcacheError('E_TRUST', `trust is "${trust}" where at least "${required}" is required`, {
    hint:
      required === 'signed'
        ? 'name who may sign it in the options of a verifier (verify-openpgp), or lower `trust.minimum` / --require'
        : 'pin a sha256 for it in the config, or lower `trust.minimum` / --require',
  })
}

/**
 * Asks all verifiers and weighs what they found.
 * @throws E_VERIFY for evidence against the artifact, E_TRUST when the evidence is too weak
 */
export async function verify(staged: Staged, run: RunContext): Promise<Verdict> {
  const scope = stageScope(run, staged.resolved.key, 'verify')
  const { answers, errors } = await run.host.collect<Finding | readonly Finding[]>('verify', staged, scope)
  const [error] = errors
  if (error) throw error
  const evidence: Evidence[] = answers.flatMap(({ plugin, value }) =>
    [value].flat().map((finding) => ({ ...finding, verifier: plugin })),
  )
  const against = evidence.filter((finding) => !finding.ok)
  if (against[0]) {
    throw new PkgcacheError('E_VERIFY', against.map((finding) => finding.summary).join('; '), {
      plugin: against[0].verifier,
      hint: 'nothing of it was published',
    })
  }
  // bytes nobody vouches for are trusted on first use; the lock file pins them from then on
  const trust = bestTrust(['tofu', ...evidence.flatMap((finding) => finding.trust ?? [])])
  const { minimumTrust, request } = staged.resolved
  checkTrust(trust, requiredTrust(minimumTrust, request.minimumTrust, run))
  return { trust, evidence }
}
