import { printable } from '@pkgcache/core'
import {
  config,
  createMessage,
  type Message,
  PacketList,
  readCleartextMessage,
  readSignature,
  Signature,
  SignaturePacket,
  verify,
} from 'openpgp'
import { type Fault, faultOf } from './judge.ts'
import { type Candidate, type Keyring, pinnedKeys, shownFingerprint } from './keys.ts'

/** What a signature is laid against: bytes at hand, a file read anew for each, or the text that it wraps. */
export type Signed =
  | { readonly bytes: Uint8Array }
  | { readonly open: () => ReadableStream<Uint8Array> }
  | { readonly cleartext: string }

/** A signature that holds, by a pinned key. */
export interface Signer {
  /** Of the key that signed, as gpg shows it. */
  readonly fingerprint: string
  /** The primary key's, when a subkey signed. */
  readonly primary?: string
}

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----'
const ARMOR = '-----BEGIN PGP SIGNATURE-----'
const END = '-----END PGP SIGNATURE-----'
const NO_SIGNATURE = 'check its URL; upstream may have answered with something else'
// each costs one reading of what is signed, and upstream decides how many there are
const MOST_TRIED = 16

/** The packets of a detached signature, armored or binary. */
export async function detachedSignature(content: Uint8Array): Promise<SignaturePacket[] | Fault> {
  const text = Buffer.from(content).toString()
  const armored = text.includes(ARMOR)
  try {
    const signature = armored
      ? await readSignature({ armoredSignature: text.slice(text.indexOf(ARMOR)) })
      : await readSignature({ binarySignature: content })
    return packetsOf(signature)
  } catch (cause) {
    const begins = JSON.stringify(printable(text.trimStart().slice(0, 40)))
    return {
      message: 'is no OpenPGP signature',
      hint: armored ? `it is damaged: ${printable((cause as Error).message)}` : `it begins with ${begins}`,
      cause,
    }
  }
}

/** A clear-signed text (RFC 9580, 7): what is inside, and the packets. Text outside would look signed and is not. */
export async function clearSigned(
  content: Uint8Array,
): Promise<{ readonly text: string; readonly packets: SignaturePacket[] } | Fault> {
  const whole = Buffer.from(content).toString().replace(/\r\n/g, '\n').trim()
  const lines = whole.split('\n').map((line) => line.trimEnd())
  if (!lines.includes(BEGIN)) return { message: 'is not clear-signed', hint: NO_SIGNATURE }
  // a second signed part has its end before the last line
  if (lines.indexOf(BEGIN) !== 0 || lines.indexOf(END) !== lines.length - 1) {
    return {
      message: 'has text outside its signed part',
      hint: 'somebody added to it, or it is cut off: get it from upstream itself',
    }
  }
  try {
    const message = await readCleartextMessage({ cleartextMessage: `${whole}\n` })
    const { signature: inner } = message as unknown as { readonly signature: Signature }
    return { text: message.getText(), packets: packetsOf(inner) }
  } catch (cause) {
    return { message: 'is no OpenPGP message', hint: printable((cause as Error).message), cause }
  }
}

/**
 * Looks for one signature that holds, by a pinned key; others beside it are no fault.
 * @param exact whether every byte counts, line endings too
 * @returns what speaks against the signature that came closest, when none does
 */
export async function findSigner(
  packets: readonly SignaturePacket[],
  signed: Signed,
  ring: { readonly keyring: Keyring; readonly pins: readonly string[] },
  exact: boolean,
): Promise<Signer | Fault> {
  const pinned = pinnedKeys(ring.keyring, ring.pins)
  const tries = packets.flatMap((packet) =>
    pinned
      .filter(({ component }) => component.getKeyID().equals(packet.issuerKeyID))
      .map((candidate) => ({ packet, candidate, exact, now: new Date() })),
  )
  let first: Fault | undefined
  for (const judged of tries.slice(0, MOST_TRIED)) {
    const fault =
      (await faultOf(judged)) ?? (await faultOfMathematics(judged.packet, judged.candidate, signed))
    if (fault === undefined) return signerOf(judged.candidate)
    first ??= fault
  }
  return first ?? notPinned(packets, ring.keyring, ring.pins)
}

function packetsOf(signature: Signature): SignaturePacket[] {
  return [...signature.packets].filter((packet) => packet instanceof SignaturePacket)
}

function signerOf({ primary, component }: Candidate): Signer {
  const fingerprint = shownFingerprint(component.getFingerprint())
  const whole = shownFingerprint(primary.getFingerprint())
  return whole === fingerprint ? { fingerprint } : { fingerprint, primary: whole }
}

function notPinned(packets: readonly SignaturePacket[], keyring: Keyring, pins: readonly string[]): Fault {
  if (packets.length === 0)
    return { message: 'holds no signature of a kind that can be checked', hint: NO_SIGNATURE }
  const names = packets.map((packet) => {
    const key = keyring.flatMap((each) => each.getKeys(packet.issuerKeyID))[0]
    if (key) return shownFingerprint(key.getFingerprint())
    const { issuerFingerprint } = packet
    return issuerFingerprint
      ? Buffer.from(issuerFingerprint).toString('hex').toUpperCase()
      : `key ${packet.issuerKeyID.toHex().toUpperCase()}`
  })
  return {
    message: `is signed by ${[...new Set(names)].slice(0, 4).join(' and ')}, which is not pinned`,
    hint: `pinned: ${pins.map(shownFingerprint).join(', ')}; a pinned key may have a new subkey, then get it anew; if the project has a new signer, compare its fingerprint with what it publishes elsewhere before you pin it`,
  }
}

async function faultOfMathematics(
  packet: SignaturePacket,
  { primary }: Candidate,
  signed: Signed,
): Promise<Fault | undefined> {
  const packets = new PacketList<SignaturePacket>()
  packets.push(packet)
  const signature = new Signature(packets)
  // judge.ts has looked at the dates already, and knows of keys whose self-signatures were renewed
  const lenient = { ...config, allowInsecureVerificationWithReformattedKeys: true }
  const result = await verify({
    message: await messageOf(signed),
    signature,
    verificationKeys: primary,
    format: 'binary',
    config: lenient,
  })
  await drain(result.data)
  try {
    await result.signatures[0]?.verified
    return result.signatures.length === 1 ? undefined : { message: 'holds no signature', hint: NO_SIGNATURE }
  } catch (cause) {
    return broken(cause as Error)
  }
}

function broken(cause: Error): Fault {
  return /digest did not match/.test(cause.message)
    ? {
        message: 'has a signature over something else',
        hint: 'it was changed after it was signed, or the signature belongs to another version; nothing of it can be trusted',
        cause,
      }
    : {
        message: 'has a broken signature',
        hint: `it was changed after it was made (${printable(cause.message)})`,
        cause,
      }
}

function messageOf(signed: Signed): Promise<Message<string | Uint8Array>> {
  if ('cleartext' in signed) return createMessage({ text: signed.cleartext })
  const binary = 'bytes' in signed ? signed.bytes : signed.open()
  // a stream as well: openpgp’s types know streams only by a package that is not installed
  return createMessage({ binary: binary as Uint8Array })
}

/** A stream’s signatures are settled once it has been read; openpgp replaces its `getReader`, and nothing else. */
async function drain(data: unknown): Promise<void> {
  if (!(data instanceof ReadableStream)) return
  const reader = data.getReader()
  for (let done = false; !done; ) ({ done } = await reader.read())
}
