import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fetchChecksum, PkgcacheError, type PluginContext, parseChecksumFile } from '../src/index.ts'

const A = createHash('sha256').update('a').digest('hex')
const B = createHash('sha256').update('b').digest('hex')
const A384 = createHash('sha384').update('a').digest('hex')
const A512 = createHash('sha512').update('a').digest('hex')
const MD5 = createHash('md5').update('a').digest('hex')
const URL = 'https://example.test/SHA256SUMS'
const FILE = 'tool-1.0.tgz'

function clearSigned(text: string): string {
  return [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'Hash: SHA256',
    '',
    text,
    '-----BEGIN PGP SIGNATURE-----',
    '',
    'iHUEARYIAB0WIQ==',
    '=AbCd',
    '-----END PGP SIGNATURE-----',
    '',
  ].join('\n')
}

const sha256 = { algorithm: 'sha256', value: A, origin: 'checksum-file', from: URL }

describe('shapes that upstreams publish', () => {
  const shapes: Readonly<Record<string, string>> = {
    'a bare hash, as dl.k8s.io': A,
    'a bare hash and a newline, as crictl': `${A}\n`,
    'a bare hash in capitals with a byte order mark': `\uFEFF${A.toUpperCase()}\r\n`,
    'hash  file, as containerd': `${A}  ${FILE}\n`,
    'hash *file': `${A} *${FILE}\n`,
    'hash file with one space and a tab': `${A} \t${FILE}\n`,
    'hash  ./file': `${A}  ./${FILE}\n`,
    'hash  _dist/file, as an older helm': `${A}  _dist/${FILE}\n`,
    'many files, as nerdctl': `${B}  tool-1.0-src.tgz\n${A}  ${FILE}\n${B}  ${FILE}.asc\n`,
    CRLF: `${B}  other.tgz\r\n${A}  ${FILE}\r\n`,
    'old Mac line ends': `${B}  other.tgz\r${A}  ${FILE}`,
    'comments and blank lines, as Fedora': `# ${FILE}: 12 bytes\n\nSHA256 (${FILE}) = ${A}\n`,
    'BSD style without blanks, as openssl': `SHA2-256(${FILE})= ${A}\n`,
    'clear-signed, as runc': clearSigned(`${B}  other.tgz\n${A}  ${FILE}`),
    'clear-signed with CRLF': clearSigned(`${A}  ${FILE}`).replaceAll('\n', '\r\n'),
    'clear-signed with escaped dashes': clearSigned(`${B}  -rf\n- ${A}  ${FILE}`),
    'weaker digests beside it': `${MD5}  ${FILE}\n${A}  ${FILE}\n`,
    'another algorithm of the same length beside it': `BLAKE2b-256 (${FILE}) = ${B}\nSHA256 (${FILE}) = ${A}\n`,
    'the same line twice': `${A}  ${FILE}\n${A.toUpperCase()} *${FILE}\n`,
    'a file of the same name in another folder': `${B}  old/${FILE}\n${A}  ${FILE}\n`,
  }
  it.each(Object.entries(shapes))('%s', (_, text) => {
    expect(parseChecksumFile(text, FILE, URL)).toEqual(sha256)
  })

  it('SHA-384 and SHA-512, and the strongest of several', () => {
    expect(parseChecksumFile(`${A384}  ${FILE}`, FILE, URL)).toMatchObject({
      algorithm: 'sha384',
      value: A384,
    })
    expect(parseChecksumFile(A512, FILE, URL)).toMatchObject({ algorithm: 'sha512', value: A512 })
    const all = `SHA256 (${FILE}) = ${A}\nSHA512 (${FILE}) = ${A512}\nSHA384 (${FILE}) = ${A384}\n`
    expect(parseChecksumFile(all, FILE, URL)).toMatchObject({ algorithm: 'sha512', value: A512 })
  })

  it('tells files of one name apart by the path of the URL, as nodejs.org needs it', () => {
    const list = `${B}  win-x64/node.exe\n${A}  win-x86/node.exe\n`
    expect(parseChecksumFile(list, 'dist/v22.17.1/win-x86/node.exe', URL).value).toBe(A)
    expect(parseChecksumFile(list, 'dist/v22.17.1/win-x64/node.exe', URL).value).toBe(B)
    expect(() => parseChecksumFile(list, 'node.exe', URL)).toThrow('2 different digests')
  })

  it('leaves credentials and queries out of the evidence', () => {
    expect(parseChecksumFile(A, FILE, 'https://me:secret@example.test/sums?token=secret').from).toBe(
      'https://example.test/sums',
    )
  })
})

const CORPUS = join(import.meta.dirname, '../../../shared/corpus/checksums')
describe.runIf(existsSync(CORPUS))('files of real projects', () => {
  const read = (name: string) => readFileSync(join(CORPUS, name), 'utf8')

  it('helm 3.18.4', () => {
    const file = 'helm-v3.18.4-linux-amd64.tar.gz'
    expect(parseChecksumFile(read(`${file}.sha256`), file, URL).value).toBe(
      'f8180838c23d7c7d797b208861fecb591d9ce1690d8704ed1e4cb8e2add966c1',
    )
  })

  it('Node 22.17.1, clear-signed', () => {
    const page = read('nodejs_v22.17.1_release.md')
    const list = page.slice(page.indexOf('-----BEGIN PGP SIGNED'), page.lastIndexOf('```'))
    expect(parseChecksumFile(list, 'node-v22.17.1-arm64.msi', URL).value).toBe(
      '538276e62f7428a86302bbe8908aa28b1a1f4635b75def8e308392894a0c3b6c',
    )
    expect(() => parseChecksumFile(list, 'node.exe', URL)).toThrow('names node.exe with 3 different digests')
    const [line] = /^\S+(?= {2}win-x86\/node\.exe$)/m.exec(list) ?? []
    expect(parseChecksumFile(list, 'dist/v22.17.1/win-x86/node.exe', URL).value).toBe(line)
  })
})

describe('refused, never skipped', () => {
  const signed = clearSigned(`${A}  ${FILE}`)
  const cases: readonly (readonly [what: string, text: string, message: string, hint: string])[] = [
    [
      'an empty file',
      '',
      `holds no digest for ${FILE}`,
      'it holds no SHA-256, SHA-384 or SHA-512 digest at all',
    ],
    ['MD5 alone', `${MD5}  ${FILE}`, `holds no digest for ${FILE}`, 'it holds no SHA-256'],
    [
      'a list without the file',
      `${A}  a.tgz\n${B}  b.tgz`,
      `holds no digest for ${FILE}`,
      'it names a.tgz, b.tgz',
    ],
    ['one line for another file', `${A}  other.tgz`, `holds no digest for ${FILE}`, 'it names other.tgz'],
    ['a longer name that ends alike', `${A}  my${FILE}`, `holds no digest for ${FILE}`, `it names my${FILE}`],
    ['two bare hashes', `${A}\n${B}`, `holds no digest for ${FILE}`, 'it holds 2 digests without file names'],
    ['a bare hash beside a list', `${B}\n${A}  ${FILE}`, `holds no digest for ${FILE}`, `it names ${FILE}`],
    [
      'two digests',
      `${A}  ${FILE}\n${B}  ${FILE}`,
      `names ${FILE} with 2 different digests`,
      `it says ${A} and ${B}`,
    ],
    ['two folders', `${A}  x/${FILE}\n${B}  y/${FILE}`, `names ${FILE} with 2 different digests`, 'it says'],
    [
      'a login page',
      '<!DOCTYPE html>\n<title>Sign in</title>',
      'is a web page, not a checksum file: "Sign in"',
      'a login',
    ],
    ['a line that is none', `${A}  ${FILE}\nsee also`, 'is not a checksum file', '"see also"'],
    ['a hash cut short', A.slice(0, 63), 'is not a checksum file', A.slice(0, 63)],
    ['control characters', '\u001b[2J', 'is not a checksum file', '\\\\u001b[2J'],
    ['signed text cut off', signed.slice(0, 120), 'is cut off before its signature', 'a whole copy'],
    ['a signature cut off', signed.slice(0, -20), 'whose signature is cut off', 'a whole copy'],
    [
      'text before the signed part',
      `${A}  ${FILE}\n${signed}`,
      'does not begin with the PGP message',
      'a whole copy',
    ],
    ['text after the signature', `${signed}${A}  ${FILE}\n`, 'has text after its signature', 'a whole copy'],
    ['no line after the headers', signed.replace('\n\n', '\n'), 'without the empty line', 'a whole copy'],
    ['unescaped dashes', clearSigned(`-----BEGIN PGP X\n${A}`), 'unescaped dashes', 'a whole copy'],
    [
      'a signature alone',
      signed.slice(signed.indexOf('-----BEGIN PGP SIGNATURE')),
      'does not begin',
      'a whole copy',
    ],
  ]
  it.each(cases)('%s', (_, text, message, hint) => {
    const error = thrown(() => parseChecksumFile(text, FILE, URL))
    expect(error.code).toBe('E_CHECKSUM_FILE')
    expect(error.message).toContain(URL)
    expect(error.message).toContain(message)
    expect(error.hint).toContain(hint)
  })

  it('a URL that names no file takes a bare hash only', () => {
    expect(parseChecksumFile(A, 'latest/', URL).value).toBe(A)
    expect(() => parseChecksumFile(`${A}  latest/`, 'latest/', URL)).toThrow('holds no digest')
  })
})

describe('fetchChecksum', () => {
  const ctx = (text: () => Promise<string>) => ({ fetch: { text } }) as unknown as PluginContext
  const failing = (
    code: 'E_NOT_FOUND' | 'E_FORBIDDEN' | 'E_TOO_LARGE' | 'E_UNREACHABLE' | 'E_STALLED' | 'E_HTTP',
  ) =>
    ctx(async () => {
      throw new PkgcacheError(code, `${URL}: no`)
    })

  it('reads what was fetched', async () => {
    expect(
      await fetchChecksum(
        ctx(async () => `${A}  ${FILE}\n`),
        URL,
        FILE,
      ),
    ).toEqual(sha256)
  })

  it.each(['E_NOT_FOUND', 'E_FORBIDDEN', 'E_TOO_LARGE'] as const)(
    '%s: the checksum cannot be got',
    async (code) => {
      const error = await fetchChecksum(failing(code), URL, FILE).catch((caught) => caught)
      expect(error).toMatchObject({
        code: 'E_CHECKSUM_FILE',
        message: `no checksum file: ${URL}: no`,
        cause: { code },
      })
    },
  )

  it.each(['E_UNREACHABLE', 'E_STALLED', 'E_HTTP'] as const)(
    '%s passes: it says nothing of the file',
    async (code) => {
      await expect(fetchChecksum(failing(code), URL, FILE)).rejects.toMatchObject({ code })
    },
  )
})

describe('properties', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,20}$/)
  const hash = fc.stringMatching(/^[0-9a-f]{64}$/)

  it('any text gives a digest that stands in it, or E_CHECKSUM_FILE', () => {
    const pieces = [
      A,
      A512,
      MD5,
      FILE,
      'SHA256 (',
      ') = ',
      ' *',
      '  ',
      '\n',
      '\r',
      '#',
      '-',
      '\u0000',
      'x',
      '\u{1f600}',
    ]
    const line = fc.string({ unit: fc.constantFrom(...pieces), maxLength: 12 })
    const text = fc.oneof(line, line.map(clearSigned))
    fc.assert(
      fc.property(text, fc.constantFrom(FILE, 'x', '', '/'), (content, file) => {
        try {
          const { value } = parseChecksumFile(content, file, URL)
          expect(content).toContain(value)
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_CHECKSUM_FILE' })
        }
      }),
    )
  })

  it('a list gives every file its own digest, signed or not', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, hash), { minLength: 1, selector: ([file]) => file }),
        (files) => {
          const list = files.map(([file, hex]) => `${hex}  ${file}`).join('\n')
          for (const [file, hex] of files) {
            expect(parseChecksumFile(list, file, URL).value).toBe(hex)
            expect(parseChecksumFile(clearSigned(list), file, URL).value).toBe(hex)
          }
        },
      ),
    )
  })

  it('takes time in proportion to the text', () => {
    expect(() => parseChecksumFile(`${A} ${' '.repeat(2_000_000)}(`, FILE, URL)).toThrow('holds no digest')
    expect(() => parseChecksumFile(`SHA256 (${')'.repeat(2_000_000)}`, FILE, URL)).toThrow(
      'is not a checksum file',
    )
  })
})

function thrown(call: () => unknown): PkgcacheError {
  try {
    call()
  } catch (error) {
    if (error instanceof PkgcacheError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
