import { createHash } from 'node:crypto'
import {
  type Finding,
  fileChunks,
  listedPath,
  PkgcacheError,
  type PluginContext,
  parseChecksumFile,
  printable,
  type SignatureSource,
  type Staged,
  shownUrl,
} from '@pkgcache/core'
import type { Fault } from './judge.ts'
import { type Keyring, shownFingerprint } from './keys.ts'
import { clearSigned, detachedSignature, findSigner, type Signer } from './signature.ts'

export { readKeyring } from './keys.ts'

const SIGNATURE_BYTES = 256 * 1024

/** One artifact, and who may sign it. */
interface Case {
  readonly staged: Staged
  readonly keyring: Keyring
  readonly pins: readonly string[]
  readonly ctx: PluginContext
}

/**
 * Checks every signature that the source names.
 * @throws E_SIGNATURE for any that is missing or does not hold; and what `ctx.fetch` throws for upstream’s silence
 */
export async function checkSignatures(
  staged: Staged,
  pins: readonly string[],
  keyring: Keyring,
  ctx: PluginContext,
): Promise<Finding[]> {
  const { resolved } = staged
  for (const pin of pins) {
    if (keyring.some((key) => key.getKeys().some((each) => each.getFingerprint() === pin))) continue
    throw new PkgcacheError('E_SIGNATURE', `none of \`keys\` is ${shownFingerprint(pin)}, which is pinned`, {
      hint: `add it: gpg --armor --export ${shownFingerprint(pin)} > signer.asc`,
    })
  }
  const { signatures = [] } = resolved
  if (signatures.length === 0) {
    throw new PkgcacheError(
      'E_SIGNATURE',
      `${resolved.source} names no signature of ${printable(resolved.name)}`,
      {
        hint: 'take it out of `signers`, or give it a `signatureUrl` where it is declared with a `url`',
      },
    )
  }
  const task = { staged, keyring, pins, ctx }
  return Promise.all(
    signatures.map((source) =>
      source.over === 'artifact' ? checkArtifact(source.url, task) : checkList(source, task),
    ),
  )
}

/** A detached signature over the download, read from disk in parts. */
async function checkArtifact(url: string, task: Case): Promise<Finding> {
  const { staged, ctx } = task
  const packets = sound(await detachedSignature(await get(url, SIGNATURE_BYTES, task)), shownUrl(url))
  let sha256 = ''
  const open = () => {
    const hash = createHash('sha256')
    return ReadableStream.from(
      (async function* () {
        for await (const chunk of fileChunks(staged.file, ctx.signal)) {
          hash.update(chunk)
          yield chunk
        }
        sha256 = hash.digest('hex')
      })(),
    )
  }
  const signer = sound(await findSigner(packets, { open }, task, true), shownUrl(url))
  if (sha256 !== staged.digests.sha256) {
    throw refusal('the download', {
      message: `reads back with sha256 ${sha256}, downloaded were ${staged.digests.sha256}`,
      hint: 'the disk or the memory of this machine is damaged',
    })
  }
  return finding(`the download is signed by ${shown(signer)}`, url)
}

/** A signed list of digests: only what the signature covers is read. */
async function checkList(
  { checksumUrl, url }: Extract<SignatureSource, { over: 'checksum-file' }>,
  task: Case,
): Promise<Finding> {
  const list = await get(checksumUrl, undefined, task)
  const shownList = shownUrl(checksumUrl)
  let text: string
  let signer: Signer
  if (url === undefined) {
    const message = sound(await clearSigned(list), shownList)
    text = message.text
    signer = sound(await findSigner(message.packets, { cleartext: text }, task, false), shownList)
  } else {
    const packets = sound(await detachedSignature(await get(url, SIGNATURE_BYTES, task)), shownUrl(url))
    text = Buffer.from(list).toString()
    signer = sound(await findSigner(packets, { bytes: list }, task, false), shownUrl(url))
  }
  const digest = await compare(text, checksumUrl, task.staged, task.ctx)
  return finding(`${digest} of the download stands in a list signed by ${shown(signer)}`, url ?? checksumUrl)
}

/** @throws E_SIGNATURE when the list does not name the download, or with another digest */
async function compare(text: string, url: string, staged: Staged, ctx: PluginContext): Promise<string> {
  const expected = listed(text, url, staged)
  const { algorithm, value } = expected
  const actual = staged.digests[algorithm] ?? (await digestOf(staged.file, algorithm, ctx.signal))
  if (actual === value) return algorithm
  throw refusal(shownUrl(url), {
    message: `is signed and says ${algorithm} ${value}, but the download has ${actual}`,
    hint: 'the download is not what the project signed; nothing of it was published',
  })
}

function listed(text: string, url: string, staged: Staged) {
  try {
    return parseChecksumFile(text, listedPath(staged.url), url)
  } catch (cause) {
    if (!(cause instanceof PkgcacheError)) throw cause
    throw new PkgcacheError('E_SIGNATURE', `${cause.message}; it is signed`, { hint: cause.hint, cause })
  }
}

async function digestOf(file: string, algorithm: string, signal: AbortSignal): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of fileChunks(file, signal)) hash.update(chunk)
  return hash.digest('hex')
}

/** A repository that wants a token for its files wants it for their signatures. */
async function get(url: string, maxBytes: number | undefined, { staged, ctx }: Case): Promise<Uint8Array> {
  const { urls, headers } = staged.resolved
  const same = URL.canParse(url) && urls.some((each) => new URL(each).origin === new URL(url).origin)
  try {
    return await ctx.fetch.bytes(url, {
      ...(maxBytes !== undefined && { maxBytes }),
      ...(same && headers && { headers }),
    })
  } catch (error) {
    const refused =
      error instanceof PkgcacheError && ['E_NOT_FOUND', 'E_FORBIDDEN', 'E_TOO_LARGE'].includes(error.code)
    if (!refused) throw error
    throw new PkgcacheError('E_SIGNATURE', `no signature: ${error.message}`, {
      hint: 'a signature that is asked for is never skipped; check whether upstream signs this version',
      cause: error,
    })
  }
}

/** What was found, or the error that its fault is. */
function sound<T extends object>(found: T | Fault, what: string): T {
  if ('message' in found && 'hint' in found) throw refusal(what, found)
  return found as T
}

function refusal(what: string, { message, hint, cause }: Fault): PkgcacheError {
  return new PkgcacheError('E_SIGNATURE', `${what} ${message}`, { hint, cause })
}

function shown({ fingerprint, primary }: Signer): string {
  return primary === undefined ? fingerprint : `${fingerprint}, a subkey of ${primary}`
}

function finding(summary: string, from: string): Finding {
  return { ok: true, trust: 'signed', summary, from: shownUrl(from) }
}
