import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { PkgcacheError } from '../../src/errors/error.ts'
import { readLockFile } from '../../src/lockfile/read.ts'
import { renderLockFile, writeLockFile } from '../../src/lockfile/write.ts'
import type { LockEntry } from '../../src/model/lock.ts'
import { TRUST_LEVELS } from '../../src/model/trust.ts'
import { Schemas } from '../../src/schemas.ts'
import { ENTRY, parsed } from '../support/lock.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()

const word = (first: string, rest: string, maxLength = 24) =>
  fc
    .tuple(fc.constantFrom(...first), fc.string({ unit: fc.constantFrom(...rest), maxLength }))
    .map(([head, tail]) => head + tail)
    .filter((text) => !text.endsWith('.'))
const LOWER = 'abcdefxyz0123456789'
const name = word(`${LOWER}AZ`, `${LOWER}AZ._+-`)
const version = fc.oneof(
  word(`${LOWER}V`, `${LOWER}._+~-`),
  fc.constantFrom('1.10', '1e5', '0x10', '007', 'null', 'true', 'no', '3', 'v1.0', '2026-01-02', '1_0'),
)
const platform = word('abcdefxyz', `${LOWER}_`)
const arch = word(`${LOWER}A`, `${LOWER}_.`)
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
/** Digits and one e: to YAML a number, unless it is quoted. */
const digest = fc.oneof(hex(64), fc.constant(`${'1'.repeat(62)}e5`), fc.constant('1'.repeat(64)))
const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
  fc.string({ minLength: 1, maxLength: 60, unit: 'binary' }),
  fc.constantFrom(
    ': ',
    ' #x',
    '- a',
    "it's",
    '"',
    '\\',
    '{a}',
    '[]',
    '&a',
    '*a',
    '!a',
    '\n',
    '\u2028',
    '\u202e',
    '~',
    '|',
    '%x',
    '@x',
  ),
)
const url = fc.webUrl({ withQueryParameters: true }).filter((one) => new URL(one).username === '')
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const evidence = fc.oneof(
  fc.constant({ how: 'tofu' as const }),
  fc.record({ how: fc.constantFrom('pinned' as const, 'checksum-file' as const), from: text }),
  fc.record({ how: fc.constant('signed' as const), verifier: text, summary: text, from: text }),
)
const signature = fc.oneof(
  fc.record({ over: fc.constant('artifact' as const), url }),
  fc.record({ over: fc.constant('checksum-file' as const), checksum_url: url }),
  fc.record({ over: fc.constant('checksum-file' as const), checksum_url: url, url }),
)
const entry: fc.Arbitrary<LockEntry> = fc
  .record({
    name,
    platform,
    arch,
    request: version,
    request_digest: digest,
    version,
    resolved_name: optional(name),
    resolved_platform: optional(platform),
    resolved_arch: optional(arch),
    source: text,
    urls: fc.array(url, { minLength: 1, maxLength: 4 }) as unknown as fc.Arbitrary<LockEntry['urls']>,
    size: fc.maxSafeNat(),
    sha256: digest,
    sha384: optional(hex(96)),
    sha512: optional(hex(128)),
    format: optional(text),
    member: optional(text),
    normalise: optional(fc.constant(false as const)),
    minimum_trust: fc.constantFrom(...TRUST_LEVELS),
    signatures: optional(fc.array(signature, { minLength: 1, maxLength: 3 })),
    evidence: fc.array(evidence, { minLength: 1, maxLength: 3 }),
  })
  .map(
    (one) =>
      Object.fromEntries(
        Object.entries(one).filter(([, value]) => value !== undefined),
      ) as unknown as LockEntry,
  )
const entries = fc.uniqueArray(entry, { selector: (one) => one.request_digest, maxLength: 4 })

/** In any order the same: what a file holds as a set. */
const sorted = (all: readonly LockEntry[]) =>
  all.toSorted((a, b) => (a.request_digest < b.request_digest ? -1 : 1))

describe('a lock file', () => {
  it('reads back as what was written, here and by a YAML library', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const written = renderLockFile(all)
        expect(sorted(parsed(written))).toEqual(sorted(all))
        expect(parse(written)).toEqual({ version: 1, packages: parsed(written) })
      }),
      { numRuns: 300 },
    )
  })

  it('has the same bytes whatever the order of its packages, and once more after reading', () => {
    fc.assert(
      fc.property(entries, fc.func(fc.nat()), (all, rank) => {
        const written = renderLockFile(all)
        const shuffled = all.toSorted((a, b) => rank(a.request_digest) - rank(b.request_digest))
        expect(renderLockFile(shuffled)).toBe(written)
        expect(renderLockFile(parsed(written))).toBe(written)
      }),
    )
  })

  it('changed anywhere is refused as such, or means what YAML says it means', () => {
    const edit = fc.record({
      at: fc.nat(),
      cut: fc.nat(6),
      put: fc.oneof(text, fc.constantFrom('  ', '\n', '#', ' # x', "''", '""', 'a: 1\n', '- ')),
    })
    fc.assert(
      fc.property(entries, fc.array(edit, { minLength: 1, maxLength: 3 }), (all, edits) => {
        const changed = edits.reduce((before, { at, cut, put }) => {
          const place = at % (before.length + 1)
          return before.slice(0, place) + put + before.slice(place + cut)
        }, renderLockFile(all))
        expect(meaning(changed)).toBe('fine')
      }),
      { numRuns: 2000 },
    )
  })

  it('of random bytes and lines is refused as such', () => {
    const line = fc.constantFrom(
      'version: 1',
      'packages:',
      '  - name: a',
      '    urls:',
      '- ',
      '-',
      'a:',
      '  b: "c"',
      "'",
      '"',
      '[]',
      '#',
      ' ',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(line).map((lines) => lines.join('\n')),
        ),
        (any) => {
          expect(meaning(any)).toBe('fine')
        },
      ),
      { numRuns: 2000 },
    )
  })
})

/** `fine` when a text is refused with a code, or read as the YAML library reads it. */
function meaning(changed: string): string {
  let read: LockEntry[]
  try {
    read = parsed(changed)
  } catch (error) {
    return error instanceof PkgcacheError && error.code === 'E_LOCK_FILE' ? 'fine' : String(error)
  }
  expect(parse(changed.replace(/^\ufeff/, ''))).toEqual({ version: 1, packages: read })
  return 'fine'
}

describe('the bytes of a lock file', () => {
  const full: LockEntry = {
    ...ENTRY,
    request: 'v1.10',
    resolved_arch: 'x86_64',
    urls: ['https://dl.example/tool.tar', 'https://other.example/tool.tar?a=b'],
    sha512: '5'.repeat(128),
    member: 'tool: #1',
    normalise: false,
    signatures: [
      { over: 'checksum-file', url: 'https://dl.example/SUMS.asc', checksum_url: 'https://dl.example/SUMS' },
    ],
    evidence: [{ from: 'https://dl.example/SUMS', how: 'checksum-file' }],
  }

  it('are these', () => {
    expect(
      renderLockFile([full]),
    ).toBe(`# What each package came to: version, URLs, size and digests of the download. Written by "pkgcache lock";
# commit it. "pkgcache run --frozen" keeps to it and asks no one else.
version: 1
packages:
  - name: tool
    platform: linux
    arch: amd64
    request: "v1.10"
    request_digest: ${ENTRY.request_digest}
    version: "1.10"
    resolved_arch: x86_64
    source: source-test
    urls:
      - https://dl.example/tool.tar
      - https://other.example/tool.tar?a=b
    size: 1234
    sha256: ${ENTRY.sha256}
    sha512: "${'5'.repeat(128)}"
    member: "tool: #1"
    normalise: false
    minimum_trust: tofu
    signatures:
      - over: checksum-file
        checksum_url: https://dl.example/SUMS
        url: https://dl.example/SUMS.asc
    evidence:
      - how: checksum-file
        from: https://dl.example/SUMS
`)
    expect(renderLockFile([])).toContain('\nversion: 1\npackages: []\n')
  })

  it('may be those of an editor: other quotes, comments, CRLF, a byte order mark, lists less far in', async () => {
    const file = join(folder(), 'pkgcache.lock')
    const edited = renderLockFile([full])
      .replace('"v1.10"', "'v1.10' # as before")
      .replace('      - https://dl.example/tool.tar\n      - ', '    - https://dl.example/tool.tar\n    -   ')
      .replace('packages:\n', 'packages: # all of them\n\n')
      .replaceAll('\n', '\r\n')
    writeFileSync(file, `\ufeff${edited}`)
    expect(await readLockFile(file, new Schemas())).toEqual([full])
  })

  it('are written whole, readable for all', async () => {
    const file = join(folder(), 'pkgcache.lock')
    await writeLockFile(file, [full])
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([renderLockFile([full]), 0o644])
  })

  it('cannot be written where nothing can be', async () => {
    const taken = join(folder(), 'file')
    writeFileSync(taken, '')
    const file = join(taken, 'pkgcache.lock')
    await expect(writeLockFile(file, [])).rejects.toMatchObject({ code: 'E_LOCK_FILE' })
  })
})
