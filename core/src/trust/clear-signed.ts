const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----'
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----'
const END = '-----END PGP SIGNATURE-----'
const HEADER = /^[A-Za-z][A-Za-z0-9-]*: /

/**
 * The lines inside a clear-signed message (RFC 9580, 7), dash escapes undone; the lines themselves when there is
 * no such message. Unwraps only: whether the signature holds is a verifier's business.
 * Text outside the signed part would look signed without being so, hence it makes the whole message unreadable.
 * @returns a sentence's end when the message is broken: `has text after its signature`
 */
export function clearSignedLines(lines: readonly string[]): readonly string[] | string {
  if (!lines.some((line) => line.startsWith('-----BEGIN PGP '))) return lines
  const begin = lines.findIndex((line) => line.trim() !== '')
  if (lines[begin]?.trimEnd() !== BEGIN) return 'does not begin with the PGP message it holds'
  let start = begin + 1
  while (HEADER.test(lines[start] ?? '')) start++
  if (lines[start]?.trim() !== '') return 'holds a PGP message without the empty line after its headers'
  const signature = lines.findIndex((line, index) => index > start && line.trimEnd() === SIGNATURE)
  if (signature === -1) return 'holds a PGP message that is cut off before its signature'
  const end = lines.findIndex((line, index) => index > signature && line.trimEnd() === END)
  if (end === -1) return 'holds a PGP message whose signature is cut off'
  if (lines.slice(end + 1).some((line) => line.trim() !== '')) return 'has text after its signature'
  const signed = lines.slice(start + 1, signature)
  if (signed.some((line) => line.startsWith('-') && !line.startsWith('- ')))
    return 'holds a PGP message with unescaped dashes'
  return signed.map((line) => line.replace(/^- /, ''))
}
