import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSpec, toRequests, toSettings } from '../src/config/settings.ts'
import type { Config } from '../src/config/types.ts'
import { PkgcacheError } from '../src/errors/error.ts'
import { printable } from '../src/format.ts'
import { checkKey, keyId, type PackageKey } from '../src/model/names.ts'
import { mirrorCandidates } from '../src/net/mirrors.ts'
import { shownUrl } from '../src/net/shown-url.ts'
import { Schemas } from '../src/schemas.ts'
import { AccessTimes } from '../src/store/access.ts'
import { artifactPath, recordName, remotePath } from '../src/store/layout.ts'
import { recordPath } from '../src/store/records.ts'
import { readSnapshot } from '../src/store/snapshot.ts'
import { parseChecksumFile } from '../src/trust/checksum-file.ts'
import { parseYaml } from '../src/yaml-text.ts'
import { draft, inSignal, openStore, publish } from './support/store.ts'
import { tempFolders } from './support/temp.ts'

// The same inputs in every run; fast-check prints seed and path of a failure, to be put here for a while.
const FIXED = { seed: 20_260_101, numRuns: 2000 } as const
const FEW = { ...FIXED, numRuns: 120 } as const
const ROOT = '/srv/store'
const schemas = new Schemas()
const folder = tempFolders()

/** What `work` gives, or the error's code; an error that is no PkgcacheError, or cannot be shown, fails. */
function outcome<T>(work: () => T): { readonly value: T } | { readonly code: string } {
  try {
    return { value: work() }
  } catch (thrown) {
    return { code: codeOf(thrown) }
  }
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof PkgcacheError)) throw thrown
  for (const text of [thrown.message, thrown.hint ?? '', ...thrown.faults]) expect(printable(text)).toBe(text)
  return thrown.code
}

/** True when a path below the root stays there and can be shown. */
function isInside(path: string): boolean {
  const absolute = resolve(ROOT, path)
  return (
    absolute.startsWith(ROOT + sep) &&
    absolute === join(ROOT, path) &&
    printable(path) === path &&
    !/[\n\t\\]/.test(path)
  )
}

const nasty = fc.constantFrom(
  '..',
  '.',
  '/',
  '\\',
  '-',
  '-1',
  '1',
  'a',
  'A',
  '~',
  '@',
  '\0',
  '\n',
  '\u001b',
  '\u202e',
  '%2e',
  'é',
  'e\u0301',
  ' ',
  'amd64',
  '.tar.zst',
  '2.1.0',
)
const word = fc.oneof(
  fc.array(nasty, { maxLength: 5 }).map((parts) => parts.join('')),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,8}$/),
)
/** Mostly such as pass the checks: those are what must be told apart. */
const plain = fc.oneof(
  { arbitrary: fc.stringMatching(/^[A-Ca-c1][A-Ca-c1._-]{0,3}$/), weight: 4 },
  { arbitrary: word, weight: 1 },
)
const key = fc.record({
  name: plain,
  version: plain,
  platform: fc.constantFrom('linux', 'darwin', 'win32'),
  arch: fc.constantFrom('amd64', 'arm64', 'a', 'A', '1'),
})
const wildKey = fc.record({ name: word, version: word, platform: word, arch: word })

describe('names, versions, platforms, arches and file names', () => {
  it('never lead out of the store or of a node’s root', () => {
    fc.assert(
      fc.property(fc.oneof(key, wildKey), fc.option(word, { nil: undefined }), (one, kept) => {
        const made = outcome(() => artifactPath(one, kept))
        if ('code' in made) expect(made.code).toBe('E_NAME')
        else {
          expect(
            [made.value, remotePath(one, made.value), recordName(one)].filter((path) => !isInside(path)),
          ).toEqual([])
          expect(recordName(one)).not.toContain('/')
        }
      }),
      FIXED,
    )
  })

  it('never share a file, a record or a place on a node', () => {
    const isSound = (one: PackageKey) => 'value' in outcome(() => checkKey(one))
    fc.assert(
      fc.property(key.filter(isSound), key.filter(isSound), (a, b) => {
        fc.pre(keyId(a) !== keyId(b))
        expect(artifactPath(a)).not.toBe(artifactPath(b))
        expect(recordName(a).toLowerCase()).not.toBe(recordName(b).toLowerCase())
        expect(remotePath(a, artifactPath(a))).not.toBe(remotePath(b, artifactPath(b)))
      }),
      FIXED,
    )
  })

  it('of a command line are a spec or a usage error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          word,
          fc.tuple(word, word).map((both) => both.join('@')),
        ),
        (spec) => {
          const made = outcome(() => toRequests(parseSpec(spec), 'linux', ['amd64']))
          if ('code' in made) expect(made.code).toBe('E_USAGE')
          else for (const { name, version } of made.value) expect(`${name}@${version}`).toBe(spec)
        },
      ),
      FIXED,
    )
  })
})

const url = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc
    .tuple(fc.constantFrom('https://', 'http://', 'file:///', 'ftp://', 'x:', ''), word, word)
    .map(([scheme, host, path]) => `${scheme}user:s3cret@${host}/${path}?token=s3cret#s3cret`),
  word,
)

describe('URLs', () => {
  it('are shown without secrets and control characters', () => {
    fc.assert(
      fc.property(url, (text) => {
        const shown = shownUrl(text)
        expect(printable(shown)).toBe(shown)
        if (
          /^[a-z]+:\/\/user:s3cret@/.test(text) &&
          !/[/\\?#@]/.test(text.slice(text.indexOf('@') + 1).split('/')[0] ?? '')
        )
          expect(shown).not.toContain('s3cret')
      }),
      FIXED,
    )
  })

  it('have candidates: mirrors in order, the origin last unless it is not to be asked', () => {
    fc.assert(
      fc.property(
        url,
        fc.dictionary(fc.constantFrom('https://', 'http://', 'http', ''), fc.array(url, { maxLength: 3 })),
        fc.boolean(),
        (asked, mirrors, mirrorsOnly) => {
          const candidates = mirrorCandidates(asked, { mirrors, mirrorsOnly })
          const ruled = Object.keys(mirrors).some((prefix) => asked.startsWith(prefix))
          if (!ruled) expect(candidates).toEqual([{ url: asked, origin: true }])
          else if (!mirrorsOnly) expect(candidates.some(({ origin }) => origin)).toBe(true)
        },
      ),
      FIXED,
    )
  })
})

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-fA-F]{${length}}$`))
const line = fc.oneof(
  hex(64),
  fc
    .tuple(
      fc.oneof(hex(64), hex(128), hex(96), hex(40), hex(63)),
      fc.constantFrom('  ', ' *', ' ', '\t'),
      fc.oneof(fc.constant('tool.tar.gz'), fc.constant('./tool.tar.gz'), word),
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('SHA256', 'SHA2-256', 'MD5', 'BLAKE2b'), word, hex(64))
    .map(([kind, name, digest]) => `${kind} (${name}) = ${digest}`),
  fc.constantFrom(
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'Hash: SHA256',
    '',
    '-----BEGIN PGP SIGNATURE-----',
    '-----END PGP SIGNATURE-----',
    '- --',
    '# a comment',
    '<html>',
  ),
  fc.string({ maxLength: 40, unit: 'binary' }),
)

describe('checksum files', () => {
  it('give a digest that stands in them, or E_CHECKSUM_FILE', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n'),
        fc.oneof(fc.constant('tool.tar.gz'), word),
        (lines, end, file) => {
          const text = lines.join(end)
          const made = outcome(() => parseChecksumFile(text, file, 'https://x.example/SUMS'))
          if ('code' in made) expect(made.code).toBe('E_CHECKSUM_FILE')
          else expect(text.toLowerCase()).toContain(made.value.value)
        },
      ),
      FIXED,
    )
  })

  it.each([
    ['brackets', `SHA256 ${'('.repeat(4_000_000)}`],
    ['closed brackets', `SHA256 (${')'.repeat(4_000_000)} = `],
    ['spaces', `${'ab'.repeat(32)}${' '.repeat(4_000_000)}x`],
    ['stars', `${'ab'.repeat(32)} ${'*'.repeat(4_000_000)}`],
    ['dashes', '-----BEGIN PGP SIGNED MESSAGE-----\n'.repeat(100_000)],
    ['header lines', `-----BEGIN PGP SIGNED MESSAGE-----\n${'Hash: SHA256\n'.repeat(300_000)}`],
    ['dots and slashes', `${'ab'.repeat(32)}  ${'./'.repeat(2_000_000)}x`],
    ['one line per file', `${'ab'.repeat(32)}  f\n`.repeat(60_000)],
    ['carriage returns', '\r'.repeat(4_000_000)],
  ])(
    'of 4 MB of %s end',
    (_, text) => {
      expect(outcome(() => parseChecksumFile(text, 'tool.tar.gz', 'https://x.example/SUMS'))).toEqual({
        code: 'E_CHECKSUM_FILE',
      })
    },
    20_000,
  )
})

const value = fc.oneof(
  word,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 2 }),
)
const sound = { ...draft({}, 'x'), file: 'tool-1.0.0-amd64.tar.zst', mtime_ns: '1' }
/** A sound record with some of it changed. */
const record = fc.oneof(
  fc
    .dictionary(
      fc.oneof(fc.constantFrom(...Object.keys(sound), '__proto__'), word),
      fc.oneof(value, fc.constantFrom('../x', '/etc/passwd', 'kept')),
      { maxKeys: 3 },
    )
    .map((changed) => ({ ...sound, ...changed })),
  fc.jsonValue({ maxDepth: 3 }),
)

describe('files of a store', () => {
  it('index.yaml may hold anything: it is replaced by a sound one', async () => {
    const root = folder()
    const { store } = openStore(root)
    await publish(store, {})
    const text = fc.oneof(
      fc.string({ maxLength: 200, unit: 'binary' }),
      fc
        .array(
          fc.constantFrom(
            'version: 1\n',
            'packages: []\n',
            'updated_at: "2025-01-01T00:00:00Z"\n',
            '- a',
            '[',
            '{',
            '&a',
            '*a',
            '!!binary',
            '%YAML 9\n',
            '---\n',
            '? ',
            '__proto__: 1\n',
            '"',
            '|\n',
          ),
          { maxLength: 12 },
        )
        .map((parts) => parts.join('')),
    )
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        writeFileSync(join(root, 'index.yaml'), content)
        await store.flushIndex(inSignal(), true)
        const index = await parseYaml(readFileSync(join(root, 'index.yaml'), 'utf8'), 'index')
        expect(schemas.validator('index')(index)).toBe(true)
        expect(
          (index as { packages: { local_path: string }[] }).packages.map(({ local_path }) => local_path),
        ).toEqual(['tool-1.0.0-amd64.tar.zst'])
      }),
      FEW,
    )
  })

  it('a record may hold anything: it counts only when its path is that of its key', async () => {
    const root = folder()
    mkdirSync(join(root, '.pkgcache/records'), { recursive: true })
    const file = join(root, '.pkgcache/records/tool@1.0.0@linux@amd64.json')
    await fc.assert(
      fc.asyncProperty(record, async (content) => {
        rmSync(file, { force: true })
        writeFileSync(file, JSON.stringify(content))
        const { store } = openStore(root)
        for (const found of (await store.load()).values()) {
          expect([keyId(found), found.file]).toEqual(['tool@1.0.0@linux@amd64', recordPath(found)])
          expect(isInside(found.file)).toBe(true)
          expect(store.fileOf(found)).toBe(join(root, found.file))
        }
      }),
      FEW,
    )
  })

  it('a snapshot may hold anything: no path comes of it but those of its keys', async () => {
    const file = join(folder(), 'snapshot.json')
    const snapshot = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc
        .array(record, { maxLength: 3 })
        .map((records) => ({ schema: 1, recordsStamp: '', indexStamp: '', records })),
    )
    await fc.assert(
      fc.asyncProperty(snapshot, async (content) => {
        writeFileSync(file, JSON.stringify(content))
        for (const found of (await readSnapshot(file))?.records ?? []) {
          expect([recordPath(found), isInside(found.file)]).toEqual([found.file, true])
        }
      }),
      FEW,
    )
  })

  it('access times may hold anything: only times come of it', async () => {
    const file = join(folder(), 'access.json')
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.dictionary(word, fc.oneof(value, fc.maxSafeInteger())), fc.jsonValue()),
        async (content) => {
          writeFileSync(file, JSON.stringify(content))
          for (const at of Object.values(
            await new AccessTimes(file, () => join(file, '..', '.tmp')).read(),
          )) {
            expect(new Date(at).toISOString()).toMatch(/Z$/)
          }
        },
      ),
      FEW,
    )
  })

  it('YAML may be anything: it is parsed or refused', async () => {
    const text = fc.oneof(
      fc.string({ maxLength: 200, unit: 'binary' }),
      fc
        .tuple(fc.constantFrom('[', '{a: ', '- ', '? ', '&a ', 'a:\n '), fc.integer({ min: 1, max: 3_000 }))
        .map(([part, times]) => part.repeat(times)),
    )
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        const code = await parseYaml(content, 'it').then(() => 'E_CONFIG', codeOf)
        expect(code).toBe('E_CONFIG')
      }),
      FEW,
    )
  })
})

describe('a config', () => {
  it('may hold anything: it is settings or E_CONFIG', () => {
    const entry = fc.oneof(
      word,
      fc.dictionary(
        fc.oneof(fc.constantFrom('name', 'version', 'url', 'arch', 'sha256', '__proto__'), word),
        value,
        { maxKeys: 5 },
      ),
    )
    const known = fc.constantFrom(
      'store',
      'packages',
      'nodes',
      'mirrors',
      'limits',
      'concurrency',
      'trust',
      'arch',
      'plugins',
      '__proto__',
    )
    const config = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(known, value),
      fc.array(entry, { maxLength: 3 }).map((packages) => ({ packages })),
    )
    fc.assert(
      fc.property(config, (content) => {
        const made = outcome(() =>
          toSettings(content as Config, { dir: ROOT, env: {}, defaultPlugins: [], schemas }),
        )
        if ('code' in made) expect(['E_CONFIG', 'E_USAGE']).toContain(made.code)
        else expect(resolve(made.value.store)).toBe(made.value.store)
      }),
      FIXED,
    )
  })
})

describe('printable text', () => {
  it('holds nothing that moves a cursor or turns the writing, and stays as it is when shown again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const shown = printable(text)
        expect(shown.replace(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u)
        expect(printable(shown)).toBe(shown)
      }),
      FIXED,
    )
  })
})
