import type { HttpRoute } from '@pkgcache/core/testing'
import { digestOf, FILE, type Served, served } from './kit.ts'

/** A checksum file at `/<name>/SUMS`, made for the file of its case. */
function sums(
  text: (name: string) => string | Buffer,
  route: HttpRoute = {},
): Pick<Served, 'beside' | 'declared'> {
  return {
    beside: (_, name) => ({
      [`/${name}/SUMS`]: { content: text(name), contentType: 'text/plain', ...route },
    }),
    declared: ({ origin }, name) => ({ checksumUrl: `${origin.url}/${name}/SUMS` }),
  }
}
const answered = (route: HttpRoute) => sums(() => '', route)
/** The file itself must not have been asked for: there is nothing to hold it against. */
const asked: readonly string[] = []
const refused = { exit: 3, code: 'E_CHECKSUM_FILE', asked } as const

function clearSigned(text: string): string {
  const signature = 'iHUEARYKAB0WIQQ=\n=abcd'
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${text}\n-----BEGIN PGP SIGNATURE-----\n\n${signature}\n-----END PGP SIGNATURE-----\n`
}

const line = (name: string): string => `${digestOf(name)}  ${FILE}\n`
const OTHER = `${'ab'.repeat(32)}  another.tar.gz\n`

const BAD: readonly Served[] = [
  { what: '404', ...refused, says: '404', ...answered({ always: { status: 404 } }) },
  { what: '403', ...refused, says: '403', ...answered({ always: { status: 403 } }) },
  {
    what: 'an HTML page with status 200',
    ...refused,
    says: 'is a web page, not a checksum file: "Log in"',
    ...answered({ always: { body: '<!doctype html><title>Log in</title>', contentType: 'text/html' } }),
  },
  { what: 'empty', ...refused, says: `holds no digest for ${FILE}`, ...sums(() => '') },
  {
    what: 'blank lines and comments only',
    ...refused,
    says: 'holds no digest',
    ...sums(() => '\n# nothing\n\n'),
  },
  {
    what: 'another name',
    ...refused,
    says: `holds no digest for ${FILE}`,
    hint: 'another.tar.gz',
    ...sums(() => OTHER),
  },
  {
    what: 'two different digests',
    ...refused,
    says: '2 different digests',
    ...sums((name) => line(name) + OTHER.replace('another', 'tool')),
  },
  {
    what: 'a clear-signed list that is cut off',
    ...refused,
    says: 'cut off before its signature',
    ...sums((name) => clearSigned(line(name)).split('-----BEGIN PGP SIGNATURE')[0] ?? ''),
  },
  {
    what: 'a clear-signed list with text behind it',
    ...refused,
    says: 'text after its signature',
    ...sums((name) => clearSigned(OTHER) + line(name)),
  },
  {
    what: 'MD5 only',
    ...refused,
    says: 'holds no digest',
    ...sums((name) => `${digestOf(name, 'md5')}  ${FILE}\n`),
  },
  {
    what: 'SHA-1 only',
    ...refused,
    says: 'holds no digest',
    ...sums((name) => `${digestOf(name, 'sha1')}  ${FILE}\n`),
  },
  {
    what: 'a digest one digit short',
    ...refused,
    says: 'is not a checksum file',
    ...sums((name) => line(name).slice(1)),
  },
  {
    what: 'two bare digests',
    ...refused,
    says: 'holds no digest',
    ...sums((name) => `${digestOf(name)}\n${'ab'.repeat(32)}\n`),
  },
  {
    what: 'bytes that are no text',
    ...refused,
    says: 'is not a checksum file',
    ...sums((name) => Buffer.from(digestOf(name), 'hex')),
  },
  {
    what: 'UTF-16',
    ...refused,
    says: 'is not a checksum file',
    ...sums((name) => Buffer.from(`\ufeff${line(name)}`, 'utf16le')),
  },
  {
    what: '5 MB large',
    ...refused,
    says: 'larger than',
    ...sums((name) => line(name).padEnd(5_000_000, '\n')),
  },
  {
    what: 'cut off at every try',
    ...refused,
    exit: 1,
    code: 'E_TRUNCATED',
    ...sums(line, { always: { endAfter: 40 } }),
  },
  {
    what: '503 for ever',
    ...refused,
    exit: 1,
    code: 'E_HTTP',
    says: '503',
    ...answered({ always: { status: 503 } }),
  },
  {
    what: 'a server that is down',
    exit: 1,
    code: 'E_UNREACHABLE',
    says: 'refused',
    declared: ({ closed }, name) => ({ checksumUrl: `${closed}/${name}/SUMS` }),
    asked,
  },
  {
    what: 'compressed on the way',
    ...refused,
    exit: 1,
    code: 'E_HTTP',
    says: 'Content-Encoding',
    ...sums(line, { always: { gzip: true } }),
  },
  {
    what: 'a digest that the file does not have',
    exit: 3,
    code: 'E_DIGEST',
    says: `says ${'ab'.repeat(32)}`,
    ...sums(() => OTHER.replace('another', 'tool')),
    asked: ['200'],
  },
  {
    what: 'a digest that differs from the pin',
    exit: 3,
    code: 'E_DIGEST',
    says: `says ${'ab'.repeat(32)}`,
    ...sums(line),
    declared: ({ origin }, name) => ({ checksumUrl: `${origin.url}/${name}/SUMS`, sha256: 'ab'.repeat(32) }),
  },
]

/** What is recorded as trust says that the digest was read, and not passed over. */
const trusted: Pick<Served, 'exit' | 'asked' | 'also'> = {
  exit: 0,
  asked: ['200'],
  also: ({ name, outcome }) => {
    const trust = outcome.after.records.find((record) => record.name === name)?.trust
    return trust === 'checksum-file' ? [] : [`trust is ${trust}`]
  },
}

const GOOD: readonly Served[] = [
  { what: 'a bare digest', ...trusted, ...sums((name) => `${digestOf(name)}\n`) },
  { what: 'capital letters', ...trusted, ...sums((name) => digestOf(name).toUpperCase()) },
  { what: '`hash  file` among others', ...trusted, ...sums((name) => OTHER + line(name)) },
  { what: '`hash *file`', ...trusted, ...sums((name) => `${digestOf(name)} *${FILE}\n`) },
  { what: 'CRLF', ...trusted, ...sums((name) => (OTHER + line(name)).replaceAll('\n', '\r\n')) },
  { what: 'a BOM', ...trusted, ...sums((name) => `\ufeff${line(name)}`) },
  { what: 'SHA-512', ...trusted, ...sums((name) => `${digestOf(name, 'sha512')}  ${FILE}\n`) },
  {
    what: 'MD5 beside SHA-256',
    ...trusted,
    ...sums((name) => `${digestOf(name, 'md5')}  ${FILE}\n${line(name)}`),
  },
  { what: 'BSD style', ...trusted, ...sums((name) => `SHA256 (${FILE}) = ${digestOf(name)}\n`) },
  { what: 'clear-signed', ...trusted, ...sums((name) => clearSigned(line(name))) },
  { what: '503 once', ...trusted, ...sums(line, { script: [{ status: 503 }] }) },
  { what: 'cut off once', ...trusted, ...sums(line, { script: [{ endAfter: 40 }] }) },
  {
    what: 'missing on the mirror, there on the origin',
    ...trusted,
    ...sums(line),
    mirrors: ({ mirror, origin }, name) => ({ [`${origin.url}/${name}/`]: [`${mirror.url}/${name}/`] }),
  },
]

export const CHECKSUMS = {
  'checksum files that stop an item': served(BAD),
  'checksum files that are good': served(GOOD),
}
