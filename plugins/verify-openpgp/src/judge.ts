import { config, enums, type PublicKey, type SignaturePacket, type Subkey } from 'openpgp'
import { type Candidate, shownFingerprint } from './keys.ts'

/** Why a signature does not count: `message` goes on after the name of the signed file. */
export interface Fault {
  readonly message: string
  readonly hint: string
  readonly cause?: unknown
}

/** What is signed: over exact bytes only signatures count that cover every byte as it is. */
export interface Judged {
  readonly packet: SignaturePacket
  readonly candidate: Candidate
  readonly exact: boolean
  readonly now: Date
}

const WEAK_HASHES: readonly number[] = [enums.hash.md5, enums.hash.sha1, enums.hash.ripemd]
const WEAK_KEYS: readonly string[] = ['dsa', 'elgamal']
const ASK_UPSTREAM = 'upstream has to sign with a stronger one; until then remove the signer and pin a sha256'

/** The first thing that speaks against a signature before its mathematics are looked at, the worst first. */
export async function faultOf(judged: Judged): Promise<Fault | undefined> {
  return (
    (await revoked(judged)) ??
    weak(judged) ??
    (await expiredKey(judged)) ??
    faultOfDates(judged) ??
    faultOfKind(judged) ??
    (await unusable(judged))
  )
}

async function revoked({ candidate, now }: Judged): Promise<Fault | undefined> {
  const { primary, component } = candidate
  const hint =
    'get the project’s present key, compare its fingerprint with what the project publishes, pin that'
  if (await primary.isRevoked(undefined, undefined, now))
    return { message: `is signed by ${shown(primary)}, which is revoked`, hint }
  const [binding] = isSubkey(component) ? component.bindingSignatures : []
  if (isSubkey(component) && binding && (await component.isRevoked(binding, primary.keyPacket as never, now)))
    return { message: `is signed by the subkey ${shown(component)}, which is revoked`, hint }
  return undefined
}

function weak({ packet, candidate }: Judged): Fault | undefined {
  if (packet.hashAlgorithm !== null && WEAK_HASHES.includes(packet.hashAlgorithm)) {
    const name = enums.read(enums.hash, packet.hashAlgorithm).toUpperCase()
    return { message: `is signed with ${name}, which is broken`, hint: ASK_UPSTREAM }
  }
  for (const key of [candidate.component, candidate.primary]) {
    const { algorithm, bits, curve } = key.getAlgorithmInfo()
    const tooShort = algorithm.startsWith('rsa') && (bits ?? 0) < config.minRSABits
    if (!tooShort && !WEAK_KEYS.includes(algorithm) && curve !== enums.curve.secp256k1) continue
    const kind = algorithm.startsWith('rsa') ? `RSA with ${bits} bits` : (curve ?? algorithm.toUpperCase())
    return {
      message: `is signed by ${shown(candidate.component)}, whose key is too weak (${kind})`,
      hint: ASK_UPSTREAM,
    }
  }
  return undefined
}

async function expiredKey({ packet, candidate, now }: Judged): Promise<Fault | undefined> {
  const { primary, component } = candidate
  const hint =
    'if the project extended its key, get it anew; else compare and pin the fingerprint of its new one'
  for (const key of new Set([primary, component])) {
    const at = await key.getExpirationTime()
    if (!(at instanceof Date) || at > now) continue
    const before = packet.created !== null && packet.created >= at ? ', before it signed' : ''
    return { message: `is signed by ${shown(key)}, which expired on ${day(at)}${before}`, hint }
  }
  return undefined
}

function faultOfDates({ packet, candidate, now }: Judged): Fault | undefined {
  const created = packet.created ?? new Date(0)
  const expires = packet.getExpirationTime()
  if (created > now)
    return {
      message: `has a signature of the future (${created.toISOString()})`,
      hint: 'set the clock of this machine',
    }
  if (created < candidate.component.getCreationTime())
    return {
      message: `has a signature of ${day(created)}, when its key was not made yet`,
      hint: 'the signature is forged, or made on a machine with a wrong clock: tell the project',
    }
  if (expires instanceof Date && expires <= now)
    return {
      message: `has a signature that expired on ${day(expires)}`,
      hint: 'ask for a version that upstream signed lately, or pin a sha256 instead',
    }
  return undefined
}

function faultOfKind({ packet, exact }: Judged): Fault | undefined {
  const { binary, text } = enums.signature
  if (packet.signatureType === binary || (packet.signatureType === text && !exact)) return undefined
  if (packet.signatureType === text)
    return {
      message: 'has a signature over text, which leaves line endings open',
      hint: 'upstream has to sign the bytes as they are (gpg without --textmode)',
    }
  return {
    message: 'has a signature that is not over a file',
    hint: `its type is ${packet.signatureType}; the signatureUrl may be that of a certificate`,
  }
}

/** What else openpgp has against the key: now, and at the time it signed. */
async function unusable({ packet, candidate, now }: Judged): Promise<Fault | undefined> {
  const { primary, component } = candidate
  const hint = 'get the project’s present key: gpg --armor --export FINGERPRINT'
  try {
    await primary.getSigningKey(component.getKeyID(), now)
  } catch (cause) {
    const why = (cause as Error).message
    return { message: `is signed by ${shown(component)}, which is no valid signing key: ${why}`, hint, cause }
  }
  try {
    await primary.getSigningKey(component.getKeyID(), packet.created)
  } catch (cause) {
    const why = (cause as Error).message
    // an export holds the newest self-signature only, made later than most of what the key has signed
    if (/Signature creation time is in the future/.test(why)) return undefined
    return { message: `is signed by ${shown(component)}, which was not valid then: ${why}`, hint, cause }
  }
  return undefined
}

function isSubkey(key: PublicKey | Subkey): key is Subkey {
  return 'bindingSignatures' in key
}

function shown(key: PublicKey | Subkey): string {
  return shownFingerprint(key.getFingerprint())
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
