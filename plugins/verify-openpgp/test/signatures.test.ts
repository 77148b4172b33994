import { leftOut } from '@pkgcache/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Gpg, gpgAvailable } from './gpg.ts'
import {
  ARTIFACT,
  ASC,
  CLEAR,
  DETACHED,
  DOWNLOAD,
  LIST,
  outcome,
  SHA256,
  SHA512,
  type Situation,
  SUMS,
  TOOL_ASC,
} from './support.ts'

const noGpg = leftOut('verify-openpgp against signatures of gpg', gpgAvailable())

/** Fingerprints by name. */
type Fingerprints = Readonly<Record<string, string>>

interface Case {
  readonly what: string
  readonly situation: (gpg: Gpg, key: Fingerprints) => Situation
  /** Whose fingerprint is pinned. Default `main`. */
  readonly pinned?: string
  readonly says: (key: Fingerprints) => string
}

const clear = (text: string | Uint8Array): Situation => ({ signatures: CLEAR, files: { [SUMS]: text } })
const detached = (signature: string | Uint8Array, list: string = LIST): Situation => ({
  signatures: DETACHED,
  files: { [SUMS]: list, [ASC]: signature },
})
const artifact = (signature: string | Uint8Array): Situation => ({
  signatures: ARTIFACT,
  files: { [TOOL_ASC]: signature },
})
const listed = (signer: string, url: string, algorithm = 'sha256') =>
  `true signed: ${algorithm} of the download stands in a list signed by ${signer} (${url})`

/** Signs LIST with the key called `by`, detached. */
const by =
  (
    name: string,
    ...more: Parameters<Gpg['detached']> extends [unknown, unknown, ...infer Rest] ? Rest : never
  ) =>
  (gpg: Gpg, key: Fingerprints) =>
    detached(gpg.detached(key[name] ?? '', LIST, ...more))

const ACCEPTED: readonly Case[] = [
  {
    what: 'a clear-signed list',
    situation: (gpg, key) => clear(gpg.clearSigned(key.main ?? '', LIST)),
    says: (key) => listed(key.main ?? '', SUMS),
  },
  {
    what: 'a list with an armored signature',
    situation: by('main', ['--armor']),
    says: (key) => listed(key.main ?? '', ASC),
  },
  {
    what: 'a list with a binary signature',
    situation: by('main'),
    says: (key) => listed(key.main ?? '', ASC),
  },
  {
    what: 'a list signed as text',
    situation: by('main', ['--textmode']),
    says: (key) => listed(key.main ?? '', ASC),
  },
  {
    what: 'a clear-signed list with CRLF',
    situation: (gpg, key) => clear(gpg.clearSigned(key.main ?? '', LIST).replaceAll('\n', '\r\n')),
    says: (key) => listed(key.main ?? '', SUMS),
  },
  {
    what: 'a clear-signed list with dashes',
    situation: (gpg, key) => clear(gpg.clearSigned(key.main ?? '', `# hashes\n#\n${LIST}# -----\n`)),
    says: (key) => listed(key.main ?? '', SUMS),
  },
  {
    what: 'a list with a digest that was not computed yet',
    situation: (gpg, key) => clear(gpg.clearSigned(key.main ?? '', `${SHA512}  tool.tar.gz\n${LIST}`)),
    says: (key) => listed(key.main ?? '', SUMS, 'sha512'),
  },
  {
    what: 'the download, with an armored signature',
    situation: (gpg, key) => artifact(gpg.detached(key.main ?? '', DOWNLOAD, ['--armor'])),
    says: (key) => `true signed: the download is signed by ${key.main} (${TOOL_ASC})`,
  },
  {
    what: 'the download, with a binary signature',
    situation: (gpg, key) => artifact(gpg.detached(key.main ?? '', DOWNLOAD)),
    says: (key) => `true signed: the download is signed by ${key.main} (${TOOL_ASC})`,
  },
  {
    what: 'RSA with 4096 bits',
    situation: by('rsa'),
    pinned: 'rsa',
    says: (key) => listed(key.rsa ?? '', ASC),
  },
  {
    what: 'a subkey whose primary key is pinned',
    situation: by('subkey'),
    pinned: 'primary',
    says: (key) => listed(`${key.subkey}, a subkey of ${key.primary}`, ASC),
  },
  {
    what: 'a subkey that is pinned itself',
    situation: by('subkey'),
    pinned: 'subkey',
    says: (key) => listed(`${key.subkey}, a subkey of ${key.primary}`, ASC),
  },
  {
    what: 'a key that was extended after it signed',
    situation: by('extended', [], '20200601T000000'),
    pinned: 'extended',
    says: (key) => listed(key.extended ?? '', ASC),
  },
  {
    what: 'a signature beside one of a stranger',
    situation: (gpg, key) =>
      detached(Buffer.concat([gpg.detached(key.other ?? '', LIST), gpg.detached(key.main ?? '', LIST)])),
    says: (key) => listed(key.main ?? '', ASC),
  },
  {
    what: 'a signature beside a weak and a wrong one by the same key',
    situation: (gpg, key) =>
      detached(
        Buffer.concat([
          gpg.detached(key.main ?? '', LIST, ['--digest-algo', 'SHA1']),
          gpg.detached(key.main ?? '', 'another text'),
          gpg.detached(key.main ?? '', LIST),
        ]),
      ),
    says: (key) => listed(key.main ?? '', ASC),
  },
  {
    what: 'every signature that the source names',
    situation: (gpg, key) => ({
      signatures: [...ARTIFACT, ...CLEAR],
      files: {
        [TOOL_ASC]: gpg.detached(key.main ?? '', DOWNLOAD),
        [SUMS]: gpg.clearSigned(key.main ?? '', LIST),
      },
    }),
    says: (key) =>
      `true signed: the download is signed by ${key.main} (${TOOL_ASC}); ${listed(key.main ?? '', SUMS)}`,
  },
]

/** With one letter changed near the end, where the signature's own numbers are. */
function damaged(armored: string): string {
  const lines = armored.split('\n')
  const at = lines.findLastIndex((line) => line.startsWith('=')) - 1
  const line = lines[at] ?? ''
  lines[at] = `${line.slice(0, -6)}${line.at(-6) === 'A' ? 'B' : 'A'}${line.slice(-5)}`
  return lines.join('\n')
}

const REFUSED: readonly Case[] = [
  {
    what: 'no signature at all',
    situation: () => ({}),
    says: () => 'source-test names no signature of tool',
  },
  {
    what: 'a signature that upstream does not have',
    situation: () => ({ signatures: DETACHED, files: { [SUMS]: LIST } }),
    says: () => `no signature: ${ASC} does not exist`,
  },
  {
    what: 'a list that upstream does not have',
    situation: () => ({ signatures: CLEAR }),
    says: () => `no signature: ${SUMS} does not exist`,
  },
  {
    what: 'one good signature and one missing',
    situation: (gpg, key) => ({
      signatures: [...CLEAR, ...ARTIFACT],
      files: { [SUMS]: gpg.clearSigned(key.main ?? '', LIST) },
    }),
    says: () => `no signature: ${TOOL_ASC} does not exist`,
  },
  {
    what: 'a signature of megabytes',
    situation: () => detached(Buffer.alloc(2 ** 20)),
    says: () => `no signature: ${ASC} is too large`,
  },
  {
    what: 'a login page',
    situation: () => detached('<!doctype html>\nLog in'),
    says: () => `${ASC} is no OpenPGP signature`,
  },
  { what: 'an empty signature', situation: () => detached(''), says: () => `${ASC} is no OpenPGP signature` },
  {
    what: 'a signature that is cut off',
    situation: (gpg, key) =>
      detached(
        gpg
          .detached(key.main ?? '', LIST, ['--armor'])
          .toString()
          .slice(0, 150),
      ),
    says: () => `${ASC} is no OpenPGP signature`,
  },
  {
    what: 'a key in place of a signature',
    situation: (gpg, key) => detached(gpg.publicKeys([key.main ?? ''])),
    says: () => `${ASC} is no OpenPGP signature`,
  },
  {
    what: 'a list that is not clear-signed',
    situation: () => clear(LIST),
    says: () => `${SUMS} is not clear-signed`,
  },
  {
    what: 'a broken signature',
    situation: (gpg, key) => detached(damaged(gpg.detached(key.main ?? '', LIST, ['--armor']).toString())),
    says: () => `${ASC} has a broken signature`,
  },
  {
    what: 'a broken signature around a list',
    situation: (gpg, key) => clear(damaged(gpg.clearSigned(key.main ?? '', LIST))),
    says: () => `${SUMS} has a broken signature`,
  },
  {
    what: 'a list changed after it was signed',
    situation: (gpg, key) =>
      clear(gpg.clearSigned(key.main ?? '', LIST.replace('ab', 'ac')).replace('ac', 'ab')),
    says: () => `${SUMS} has a signature over something else`,
  },
  {
    what: 'a signature of another list',
    situation: (gpg, key) => detached(gpg.detached(key.main ?? '', `${LIST}\n`)),
    says: () => `${ASC} has a signature over something else`,
  },
  {
    what: 'a signature of another download',
    situation: (gpg, key) => artifact(gpg.detached(key.main ?? '', 'another download')),
    says: () => `${TOOL_ASC} has a signature over something else`,
  },
  {
    what: 'a signature over the download as text',
    situation: (gpg, key) => artifact(gpg.detached(key.main ?? '', DOWNLOAD, ['--textmode'])),
    says: () => `${TOOL_ASC} has a signature over text, which leaves line endings open`,
  },
  ...(['before', 'after'] as const).map((side) => ({
    what: `text ${side} the signed part`,
    situation: (gpg: Gpg, key: Fingerprints) => {
      const signed = gpg.clearSigned(key.main ?? '', `${'ab'.repeat(32)}  tool.tar.gz\n`)
      return clear(side === 'before' ? `${LIST}${signed}` : `${signed}${LIST}`)
    },
    says: () => `${SUMS} has text outside its signed part`,
  })),
  {
    what: 'a second signed part',
    situation: (gpg, key) =>
      clear(gpg.clearSigned(key.main ?? '', LIST) + gpg.clearSigned(key.other ?? '', LIST)),
    says: () => `${SUMS} has text outside its signed part`,
  },
  {
    what: 'a signed part that is cut off',
    situation: (gpg, key) =>
      clear(gpg.clearSigned(key.main ?? '', LIST).replace(/-----END PGP SIGNATURE-----\s*$/, '')),
    says: () => `${SUMS} has text outside its signed part`,
  },
  {
    what: 'headers that are none of a clear-signed text',
    situation: (gpg, key) =>
      clear(
        gpg.clearSigned(key.main ?? '', LIST).replace(/^Hash: .*$/m, `$&\nComment: ${SHA256}  tool.tar.gz`),
      ),
    says: () => `${SUMS} is no OpenPGP message`,
  },
  {
    what: 'a signed list with another digest',
    situation: (gpg, key) => clear(gpg.clearSigned(key.main ?? '', LIST.replace(SHA256, 'cd'.repeat(32)))),
    says: () => `${SUMS} is signed and says sha256 ${'cd'.repeat(32)}, but the download has ${SHA256}`,
  },
  {
    what: 'a signed list with another digest, detached',
    situation: (gpg, key) => {
      const list = LIST.replace(SHA256, 'cd'.repeat(32))
      return detached(gpg.detached(key.main ?? '', list), list)
    },
    says: () => `${SUMS} is signed and says sha256 ${'cd'.repeat(32)}, but the download has ${SHA256}`,
  },
  {
    what: 'a signed list without the file',
    situation: (gpg, key) => clear(gpg.clearSigned(key.main ?? '', LIST.replace('tool.tar.gz', 'tool.zip'))),
    says: () => `${SUMS} holds no digest for tool.tar.gz; it is signed`,
  },
  {
    what: 'a signed text that is no list',
    situation: (gpg, key) => clear(gpg.clearSigned(key.main ?? '', `release notes\n${LIST}`)),
    says: () => `${SUMS} is not a checksum file; it is signed`,
  },
  {
    what: 'a download that changed on the disk',
    situation: (gpg, key) => ({
      ...artifact(gpg.detached(key.main ?? '', DOWNLOAD)),
      digests: { sha256: 'cd'.repeat(32) },
    }),
    says: () => `the download reads back with sha256 ${SHA256}, downloaded were ${'cd'.repeat(32)}`,
  },
  {
    what: 'a key that is known but not pinned',
    situation: by('other'),
    says: (key) => `${ASC} is signed by ${key.other}, which is not pinned`,
  },
  {
    what: 'a key that nobody knows',
    situation: by('stranger'),
    says: (key) => `${ASC} is signed by ${key.stranger}, which is not pinned`,
  },
  {
    what: 'two keys that are not pinned',
    situation: (gpg, key) =>
      detached(Buffer.concat([gpg.detached(key.other ?? '', LIST), gpg.detached(key.rsa ?? '', LIST)])),
    says: (key) => `${ASC} is signed by ${key.other} and ${key.rsa}, which is not pinned`,
  },
  {
    what: 'the primary key when only its subkey is pinned',
    situation: by('both'),
    pinned: 'bothSubkey',
    says: (key) => `${ASC} is signed by ${key.both}, which is not pinned`,
  },
  {
    what: 'a key that expired after it signed',
    situation: by('expired', [], '20200601T000000'),
    pinned: 'expired',
    says: (key) => `${ASC} is signed by ${key.expired}, which expired on 2020-12-31`,
  },
  {
    what: 'a key that expired before it signed',
    situation: by('shortened', [], '20200715T000000'),
    pinned: 'shortened',
    says: (key) => `${ASC} is signed by ${key.shortened}, which expired on 2020-07-10, before it signed`,
  },
  {
    what: 'a key that had expired when it signed and was extended later',
    situation: by('gap', [], '20210601T000000'),
    pinned: 'gap',
    says: (key) => `${ASC} is signed by ${key.gap}, which was not valid then: Primary key is expired`,
  },
  {
    what: 'a subkey that expired',
    situation: by('expiredSubkey', [], '20200601T000000'),
    pinned: 'expiredPrimary',
    says: (key) => `${ASC} is signed by ${key.expiredSubkey}, which expired on 2020-12-31`,
  },
  {
    what: 'a signature that expired',
    situation: by('main', ['--default-sig-expire', '1d']),
    says: () => `${ASC} has a signature that expired on 2025-07-02`,
  },
  {
    what: 'a signature of the future',
    situation: by('main', [], '20990101T000000'),
    says: () => `${ASC} has a signature of the future (2099-01-01T00:00:00.000Z)`,
  },
  {
    what: 'a signature older than its key',
    situation: by('main', ['--ignore-time-conflict'], '20250501T000000'),
    says: () => `${ASC} has a signature of 2025-05-01, when its key was not made yet`,
  },
  {
    what: 'a revoked key',
    situation: by('revoked'),
    pinned: 'revoked',
    says: (key) => `${ASC} is signed by ${key.revoked}, which is revoked`,
  },
  {
    what: 'a subkey that was superseded later',
    situation: by('revokedSubkey'),
    pinned: 'revokedPrimary',
    says: (key) => `${ASC} is signed by the subkey ${key.revokedSubkey}, which is revoked`,
  },
  ...['MD5', 'SHA1', 'RIPEMD160'].map((hash) => ({
    what: `a signature with ${hash}`,
    situation: by('main', ['--digest-algo', hash, '--allow-weak-digest-algos']),
    says: () => `${ASC} is signed with ${hash.replace('160', '')}, which is broken`,
  })),
  {
    what: 'RSA with 1024 bits',
    situation: by('rsa1024'),
    pinned: 'rsa1024',
    says: (key) => `${ASC} is signed by ${key.rsa1024}, whose key is too weak (RSA with 1024 bits)`,
  },
  {
    what: 'DSA',
    situation: by('dsa'),
    pinned: 'dsa',
    says: (key) => `${ASC} is signed by ${key.dsa}, whose key is too weak (DSA)`,
  },
]

describe.skipIf(noGpg)('signatures made by gpg', () => {
  let gpg: Gpg
  let ring: string
  const key: Record<string, string> = {}
  const made = new Map<Case, Situation>()

  beforeAll(() => {
    gpg = new Gpg()
    for (const name of ['main', 'other', 'stranger', 'revoked']) key[name] = gpg.key(name, 'ed25519')
    for (const algorithm of ['rsa4096', 'rsa1024', 'dsa2048'])
      key[algorithm.replace(/4096|2048/, '')] = gpg.key(algorithm, algorithm)
    for (const [primary, subkey] of [
      ['primary', 'subkey'],
      ['revokedPrimary', 'revokedSubkey'],
    ] as const) {
      key[primary] = gpg.key(primary, 'ed25519', 'cert')
      key[subkey] = gpg.subkey(key[primary])
    }
    key.both = gpg.key('both', 'ed25519')
    key.bothSubkey = gpg.subkey(key.both)
    key.expiredPrimary = gpg.key('expiredPrimary', 'ed25519', 'cert', 'never', '20200101T000000')
    key.expiredSubkey = gpg.subkey(key.expiredPrimary, '1y', '20200101T000000')
    key.expired = gpg.key('expired', 'ed25519', 'sign', '1y', '20200101T000000')
    key.extended = gpg.key('extended', 'ed25519', 'sign', '1y', '20200101T000000')
    key.shortened = gpg.key('shortened', 'ed25519', 'sign', 'never', '20200101T000000')
    key.gap = gpg.key('gap', 'ed25519', 'sign', 'never', '20200101T000000')
    for (const trial of [...ACCEPTED, ...REFUSED]) made.set(trial, trial.situation(gpg, key))
    // what became of the keys after they signed
    gpg.run(['--batch', '--quick-set-expire', key.extended, 'never'], '', '20200701T000000')
    gpg.run(['--batch', '--quick-set-expire', key.shortened, '20200710T000000'], '', '20200701T000000')
    gpg.run(['--batch', '--quick-set-expire', key.gap, '20210101T000000'], '', '20200701T000000')
    const expiring = gpg.publicKeys([key.gap], [])
    gpg.run(['--batch', '--quick-set-expire', key.gap, 'never'], '', '20220101T000000')
    gpg.run(['--batch', '--import'], expiring)
    gpg.revoke(key.revoked ?? '')
    gpg.revokeSubkey(key.revokedPrimary ?? '')
    const { stranger: _, expiredPrimary = '', expiredSubkey: __, gap = '', ...known } = key
    ring = gpg.publicKeys(Object.values(known)) + gpg.publicKeys([expiredPrimary, gap], [])
  })
  afterAll(() => gpg.close())

  async function tried(trial: Case): Promise<string> {
    const signers = { tool: [key[trial.pinned ?? 'main'] ?? ''] }
    return outcome({ keys: [ring], signers }, made.get(trial) ?? {})
  }

  it.each(ACCEPTED)('accepts $what', async (trial) => {
    expect(await tried(trial)).toBe(trial.says(key))
  })

  it.each(REFUSED)('refuses $what', async (trial) => {
    expect(await tried(trial)).toBe(`E_SIGNATURE ${trial.says(key)}`)
  })
})
