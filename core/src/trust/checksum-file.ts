import { PkgcacheError } from '../errors/error.ts'
import { printable, shorten } from '../format.ts'
import {
  algorithmOfHex,
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  type ExpectedDigest,
} from '../model/digest.ts'
import { shownUrl } from '../net/shown-url.ts'
import { webPageText } from '../net/web-page.ts'
import type { PluginContext, TextOptions } from '../plugins/types.ts'
import { clearSignedLines } from './clear-signed.ts'

// `hash`, `hash  file`, `hash *file` (sha256sum), `SHA256 (file) = hash` (BSD, and sha256sum --tag).
const PLAIN = /^([0-9A-Fa-f]{32,128})(?:[ \t]+\*?(.+))?$/
const BSD = /^([A-Za-z0-9/-]{2,16}) ?\(([^\n]+)\) ?= ?([0-9A-Fa-f]{32,128})$/
// MD5, SHA-1 and SHA-224 stand in many lists beside better ones: they are no evidence, but no fault either.
const WEAK_HEX_LENGTHS: readonly number[] = [32, 40, 56]

interface Entry {
  readonly algorithm: DigestAlgorithm
  readonly hex: string
  readonly file: string | undefined
}

/**
 * The digest of `file` in a checksum file, in the shapes projects really publish: a bare hash, `hash  file`,
 * `hash *file`, many files in one list, BSD style, `#` comments, CRLF, SHA-256, SHA-384 or SHA-512, clear-signed
 * around any of these. Nothing is guessed: a line that is none of these refuses the whole file, and a bare hash is
 * taken only when it is all there is.
 *
 * @param file name of the file, or the path of its URL: a list that names `win-x64/node.exe` and
 *   `win-x86/node.exe` is told apart by it. An entry that the path ends with goes before one of the same base name.
 * @param url where `text` came from, for messages and evidence
 * @returns the strongest algorithm's digest when the list has several for the file
 * @throws E_CHECKSUM_FILE when there is no digest for `file`, or two that differ, or the text cannot be read or is a web
 *   page
 */
export function parseChecksumFile(text: string, file: string, url: string): ExpectedDigest {
  const refuse = (why: string, hint: string): never => {
    throw new PkgcacheError('E_CHECKSUM_FILE', `${shownUrl(url)} ${why}`, { hint })
  }
  const page = webPageText(Buffer.from(text), undefined)
  if (page !== undefined) {
    return refuse(
      `is a web page, not a checksum file: ${JSON.stringify(page)}`,
      'check the URL; a login or a proxy may stand before it',
    )
  }
  const lines = text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n')
  const signed = clearSignedLines(lines)
  if (typeof signed === 'string') return refuse(signed, 'get a whole copy of it from upstream')
  const read = readLines(signed)
  if (typeof read === 'string') {
    return refuse('is not a checksum file', `this line of it is no checksum: ${quote(read)}`)
  }
  const name = printable(baseName(file))
  const found = entriesFor(file, read)
  if (found.length === 0) return refuse(`holds no digest for ${name}`, noDigestHint(read))
  const algorithm = DIGEST_ALGORITHMS.findLast((known) => found.some((entry) => entry.algorithm === known))
  const values = new Set(found.filter((entry) => entry.algorithm === algorithm).map((entry) => entry.hex))
  const [value] = values
  if (value === undefined || algorithm === undefined || values.size > 1) {
    return refuse(
      `names ${name} with ${values.size} different digests`,
      `it says ${[...values].join(' and ')}`,
    )
  }
  return { algorithm, value, origin: 'checksum-file', from: shownUrl(url) }
}

/**
 * Fetches a checksum file and picks the digest of `file` from it: a configured checksum is never skipped.
 * @param file as for `parseChecksumFile`
 * @param options headers for a private repository, sent to the URL's own origin only
 * @throws E_CHECKSUM_FILE when there is none for `file`, or upstream has no such checksum file or refuses it (the
 *   answer is the `cause`); and what else `ctx.fetch.text` throws: E_UNREACHABLE, E_STALLED, E_HTTP, …
 */
export async function fetchChecksum(
  ctx: PluginContext,
  url: string,
  file: string,
  options: Pick<TextOptions, 'headers'> = {},
): Promise<ExpectedDigest> {
  return parseChecksumFile(await fetchText(ctx, url, options), file, url)
}

async function fetchText(ctx: PluginContext, url: string, options: TextOptions): Promise<string> {
  try {
    return await ctx.fetch.text(url, options)
  } catch (error) {
    const refused =
      error instanceof PkgcacheError && ['E_NOT_FOUND', 'E_FORBIDDEN', 'E_TOO_LARGE'].includes(error.code)
    if (!refused) throw error
    throw new PkgcacheError('E_CHECKSUM_FILE', `no checksum file: ${error.message}`, {
      hint: 'check the URL of the checksum file and the version asked for',
      cause: error,
    })
  }
}

/** The path of a URL as a checksum list may spell it: what `parseChecksumFile` takes for `file`. */
export function listedPath(url: string): string {
  const path = new URL(url).pathname.replace(/^\/+/, '')
  try {
    return decodeURIComponent(path)
  } catch {
    // a literal % that encodes nothing: the list will spell it like the URL
    return path
  }
}

/** Every entry, or the first line that cannot be read. */
function readLines(lines: readonly string[]): readonly Entry[] | string {
  const entries: Entry[] = []
  for (const raw of lines) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const entry = readLine(line)
    if (entry === undefined) return line
    if (entry !== 'other') entries.push(entry)
  }
  return entries
}

function readLine(line: string): Entry | 'other' | undefined {
  const [, plainHex, plainFile] = PLAIN.exec(line) ?? []
  const [, label, bsdFile, bsdHex] = BSD.exec(line) ?? []
  const hex = (bsdHex ?? plainHex)?.toLowerCase()
  if (hex === undefined) return undefined
  if (WEAK_HEX_LENGTHS.includes(hex.length)) return 'other'
  const algorithm = algorithmOfHex(hex)
  if (algorithm === undefined) return undefined
  // SHA-3, SHA512/256 and BLAKE2 have digests of the same lengths: BSD style says which it is (OpenSSL: `SHA2-256`).
  const labelled = label === undefined || label.toLowerCase().replace(/^sha(2?-)/, 'sha') === algorithm
  return labelled ? { algorithm, hex, file: bsdFile ?? plainFile } : 'other'
}

function entriesFor(file: string, entries: readonly Entry[]): readonly Entry[] {
  const bare = entries.filter((entry) => entry.file === undefined)
  if (bare.length > 0) return entries.length === 1 ? bare : []
  if (baseName(file) === '') return []
  const path = `/${file}`
  const exact = entries.filter((entry) => path.endsWith(`/${(entry.file ?? '').replace(/^(\.\/)+/, '')}`))
  if (exact.length > 0) return exact
  return entries.filter((entry) => baseName(entry.file ?? '') === baseName(file))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function noDigestHint(entries: readonly Entry[]): string {
  if (entries.length === 0) return 'it holds no SHA-256, SHA-384 or SHA-512 digest at all'
  const names = entries.flatMap((entry) => entry.file ?? []).map(printable)
  if (names.length === 0) return `it holds ${entries.length} digests without file names`
  return `it names ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
}

function quote(line: string): string {
  return JSON.stringify(shorten(printable(line), 80))
}
