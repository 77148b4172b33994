import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { PkgcacheError, printable, systemCode } from '@pkgcache/core'
import { type Key, type PublicKey, readKeys, type Subkey } from 'openpgp'

/** All keys that the options name. */
export type Keyring = readonly PublicKey[]

/** A key that may sign, and the primary key it belongs to; the two are the same for a key without signing subkey. */
export interface Candidate {
  readonly primary: PublicKey
  readonly component: PublicKey | Subkey
}

const BLOCK = /-----BEGIN PGP ([A-Z ]+)-----[\s\S]*?(?:-----END PGP \1-----|$)/g
const HOW_TO_EXPORT = 'write one with: gpg --armor --export FINGERPRINT > signer.asc'

/**
 * Reads key files and armored texts.
 * @throws E_SIGNATURE for one that is missing, cannot be read, or holds no public key
 */
export async function readKeyring(entries: readonly string[]): Promise<Keyring> {
  const read = await Promise.all(
    entries.map((entry, index) =>
      entry.trimStart().startsWith('-----BEGIN PGP ')
        ? keysIn(Buffer.from(entry), `keys[${index}]`)
        : readKeyFile(entry),
    ),
  )
  return read.flat()
}

async function readKeyFile(file: string): Promise<PublicKey[]> {
  const path = file === '~' || file.startsWith('~/') ? join(homedir(), file.slice(1)) : file
  const what = `key file ${printable(file)}`
  try {
    return await keysIn(await readFile(path), what)
  } catch (cause) {
    const code = systemCode(cause)
    if (code === undefined || cause instanceof PkgcacheError) throw cause
    throw new PkgcacheError(
      'E_SIGNATURE',
      `${what} ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`}`,
      { hint: `relative paths begin at the working folder, which is ${process.cwd()}`, cause },
    )
  }
}

async function keysIn(content: Buffer, what: string): Promise<PublicKey[]> {
  const keys = (await Promise.all(parts(content).map((part) => keysOf(part, what)))).flat()
  const open = keys.filter((key) => !key.isPrivate())
  if (open.length > 0) return open
  throw new PkgcacheError(
    'E_SIGNATURE',
    `${what} holds ${keys.length > 0 ? 'private keys only' : 'no key'}`,
    {
      hint: `a public key is asked for; ${HOW_TO_EXPORT}`,
    },
  )
}

/** Keyrings of projects are armored keys one after the other, with words between them. */
function parts(content: Buffer): (string | Buffer)[] {
  const blocks = content.toString().match(BLOCK)
  return blocks ? [...blocks] : content.length > 0 ? [content] : []
}

/** A key that cannot be read is not passed over: it may be the revocation of another. */
async function keysOf(part: string | Buffer, what: string): Promise<Key[]> {
  try {
    return typeof part === 'string'
      ? await readKeys({ armoredKeys: part })
      : await readKeys({ binaryKeys: new Uint8Array(part) })
  } catch (cause) {
    throw new PkgcacheError('E_SIGNATURE', `${what} holds something that is no OpenPGP key`, {
      hint: `${printable((cause as Error).message)}; ${HOW_TO_EXPORT}`,
      cause,
    })
  }
}

/** Every key of the ring that a pin stands for: all of a pinned primary key's, or one pinned subkey. */
export function pinnedKeys(keyring: Keyring, pins: readonly string[]): Candidate[] {
  return keyring.flatMap((primary) => {
    const whole = pins.includes(primary.getFingerprint())
    return primary
      .getKeys()
      .filter((component) => whole || pins.includes(component.getFingerprint()))
      .map((component) => ({ primary, component }))
  })
}

/** A fingerprint as gpg shows it. */
export function shownFingerprint(fingerprint: string): string {
  return fingerprint.toUpperCase()
}
