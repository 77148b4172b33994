import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { PkgcacheError, systemCode } from '@pkgcache/core/errors'
import ssh2, { type ParsedKey } from 'ssh2'
import { keyType, readField } from './known-hosts.ts'

/** A private key file, read without its passphrase. */
export interface KeyFile {
  readonly path: string
  readonly text: Buffer
  /** Absent for an encrypted PEM file without a `.pub` beside it: only OpenSSH's own format shows it. */
  readonly publicKey?: ParsedKey | undefined
  /** The private key of a file that needs no passphrase. Absent: it needs one, or there is only a public key. */
  readonly key?: ParsedKey | undefined
  readonly encrypted: boolean
}

/**
 * @returns undefined when there is no such file
 * @throws E_IDENTITY when it is no key file that can be used, with or without a passphrase
 */
export async function readKeyFile(path: string): Promise<KeyFile | undefined> {
  const text = await readBytes(path)
  if (text === undefined) return publicPartAlone(path)
  const parsed = parsePrivate(text)
  const publicKey = publicPart(text) ?? (await readPublic(`${path}.pub`))
  if (parsed === 'encrypted') return { path, text, publicKey, encrypted: true }
  if (parsed !== undefined && !parsed.isPrivateKey())
    return { path, text, publicKey: parsed, encrypted: false }
  if (parsed !== undefined) return { path, text, publicKey: parsed, key: parsed, encrypted: false }
  const type = envelopeType(text)
  if (type !== undefined && !isUsable(text)) {
    const why = type.startsWith('sk-')
      ? 'is the handle of a hardware key'
      : 'is of a type that pkgcache cannot use'
    throw fault(path, `${why} (${type})`, 'use an ed25519, ecdsa or rsa key; hardware keys are not supported')
  }
  throw fault(path, 'is not a private key', 'give an ed25519, ecdsa or rsa key in OpenSSH or PEM format')
}

/**
 * The private key of an encrypted file; undefined for a wrong passphrase.
 * ssh2 tells a wrong one and damaged bytes apart no better than by whether a key comes out.
 */
export function decrypt(file: KeyFile, passphrase: string): ParsedKey | undefined {
  const parsed = parsePrivate(file.text, passphrase)
  return typeof parsed === 'object' && parsed.isPrivateKey() ? parsed : undefined
}

/** What a message calls a fault of a key file. */
export function fault(path: string, why: string, hint: string, cause?: unknown): PkgcacheError {
  return new PkgcacheError('E_IDENTITY', `key file ${path} ${why}`, { hint, cause })
}

/** Undefined when there is no such file. */
async function readBytes(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined
    throw fault(path, `cannot be read (${systemCode(cause)})`, 'check the path and its permissions', cause)
  }
}

/** ssh(1) takes a `.pub` file without the private one too: for a key that only an agent has. */
async function publicPartAlone(path: string): Promise<KeyFile | undefined> {
  const publicKey = await readPublic(`${path}.pub`)
  return publicKey && { path, text: Buffer.alloc(0), publicKey, encrypted: false }
}

async function readPublic(path: string): Promise<ParsedKey | undefined> {
  try {
    const parsed = first(ssh2.utils.parseKey(await readFile(path)))
    return parsed instanceof Error || parsed?.isPrivateKey() ? undefined : parsed
  } catch {
    return undefined
  }
}

function parsePrivate(text: Buffer, passphrase?: string): ParsedKey | 'encrypted' | undefined {
  const pkcs8 = fromPkcs8(text, passphrase)
  if (pkcs8 === 'encrypted') return passphrase === undefined ? 'encrypted' : undefined
  const parsed = first(ssh2.utils.parseKey(pkcs8 ?? text, passphrase))
  if (!(parsed instanceof Error)) return parsed
  const locked = passphrase === undefined && /encrypted|no passphrase/i.test(parsed.message)
  // A handle of a hardware key may be encrypted as well, and would be of no use without it.
  return locked && isUsable(text) ? 'encrypted' : undefined
}

/** PKCS#8 (RFC 5958), which ssh2 does not read, as the older PEM formats, which it does: rsa and ecdsa. */
function fromPkcs8(text: Buffer, passphrase: string | undefined): string | 'encrypted' | undefined {
  const kind = /^\s*-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.exec(text.toString('latin1', 0, 200))
  if (kind === null) return undefined
  if (kind[1] !== undefined && passphrase === undefined) return 'encrypted'
  try {
    const key = createPrivateKey({
      key: text,
      format: 'pem',
      ...(passphrase !== undefined && { passphrase }),
    })
    if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString()
    if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString()
    return undefined
  } catch {
    return undefined
  }
}

function first(parsed: ParsedKey | Error | readonly ParsedKey[]): ParsedKey | Error | undefined {
  return Array.isArray(parsed) ? parsed[0] : (parsed as ParsedKey | Error)
}

const MAGIC = 'openssh-key-v1\0'

/** The public key of a file in OpenSSH's format, which is never encrypted (PROTOCOL.key). */
function envelope(text: Buffer): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+)-----END OPENSSH PRIVATE KEY-----/.exec(
    text.toString('latin1'),
  )
  const bytes = Buffer.from(body?.[1] ?? '', 'base64')
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined
  let offset = MAGIC.length
  for (const _ of ['cipher', 'kdf', 'kdf options']) {
    const field = readField(bytes, offset)
    if (field === undefined) return undefined
    offset += 4 + field.length
  }
  return readField(bytes, offset + 4)
}

function envelopeType(text: Buffer): string | undefined {
  const blob = envelope(text)
  return blob === undefined ? undefined : keyType(blob)
}

function publicPart(text: Buffer): ParsedKey | undefined {
  const blob = envelope(text)
  const parsed = blob === undefined ? undefined : first(ssh2.utils.parseKey(blob))
  return parsed instanceof Error ? undefined : parsed
}

function isUsable(text: Buffer): boolean {
  return envelope(text) === undefined || publicPart(text) !== undefined
}
