import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, relative } from 'node:path'
import { createCache, type PkgcacheError } from '@pkgcache/core'
import {
  createCleartextMessage,
  createMessage,
  generateKey,
  type PrivateKey,
  sign as signWith,
} from 'openpgp'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import verifyOpenpgp, { type VerifyOpenpgpOptions } from '../src/index.ts'
import { pinsOf } from '../src/options.ts'
import {
  ARTIFACT,
  ASC,
  type Asked,
  CLEAR,
  checker,
  DETACHED,
  DOWNLOAD,
  fileWith,
  LIST,
  outcome,
  type Situation,
  SUMS,
  TOOL_ASC,
} from './support.ts'

interface Made {
  readonly secret: PrivateKey
  readonly fingerprint: string
  readonly armored: string
  readonly binary: Uint8Array
  /** LIST, clear-signed. */
  readonly situation: Situation
}

async function made(v6 = false): Promise<Made> {
  const { privateKey: secret } = await generateKey({
    type: 'curve25519',
    userIDs: [{ name: 'Signer', email: 'signer@x.example' }],
    format: 'object',
    date: new Date('2025-06-01T00:00:00Z'),
    config: { v6Keys: v6 },
  })
  const open = secret.toPublic()
  const list = await signWith({
    message: await createCleartextMessage({ text: LIST }),
    signingKeys: secret,
    date: new Date('2025-07-01T00:00:00Z'),
  })
  return {
    secret,
    fingerprint: open.getFingerprint(),
    armored: open.armor(),
    binary: open.write(),
    situation: { signatures: CLEAR, files: { [SUMS]: list } },
  }
}

let one: Made
let two: Made
let six: Made
beforeAll(async () => {
  ;[one, two, six] = await Promise.all([made(), made(), made(true)])
})

const signedBy = ({ fingerprint }: Made, url = SUMS) =>
  `true signed: sha256 of the download stands in a list signed by ${fingerprint.toUpperCase()} (${url})`

describe('keys', () => {
  it.each<readonly [string, () => readonly string[]]>([
    ['armored text', () => [one.armored]],
    ['armored text after an empty line', () => [`\n  ${one.armored}`]],
    ['an armored file', () => [fileWith('one.asc', one.armored)]],
    ['a file below the working folder', () => [relative(process.cwd(), fileWith('one.asc', one.armored))]],
    ['a binary file', () => [fileWith('one.pgp', one.binary)]],
    ['two keys in a binary file', () => [fileWith('two.pgp', Buffer.concat([two.binary, one.binary]))]],
    [
      'a keyring of armored keys with words between',
      () => [fileWith('ring', `two:\n${two.armored}\none:\n${one.armored}\nend\n`)],
    ],
    ['several files', () => [fileWith('two.asc', two.armored), fileWith('one.asc', one.armored)]],
    [
      'a private key beside its public key',
      () => [fileWith('both.asc', `${one.secret.armor()}\n${one.armored}`)],
    ],
  ])('are read from %s', async (_, keys) => {
    expect(await outcome({ keys: keys(), signers: { tool: [one.fingerprint] } }, one.situation)).toBe(
      signedBy(one),
    )
  })

  it('are read from the home folder', async () => {
    const file = fileWith('one.asc', one.armored)
    const keys = [`~/${relative(homedir(), file)}`]
    expect(await outcome({ keys, signers: { tool: [one.fingerprint] } }, one.situation)).toBe(signedBy(one))
  })

  it.each<readonly [string, () => string, (file: string) => string]>([
    ['is not there', () => '/nonexistent/key.asc', (file) => `key file ${file} does not exist`],
    [
      'is a folder',
      () => {
        const folder = join(fileWith('x', ''), '../folder')
        mkdirSync(folder, { recursive: true })
        return folder
      },
      (file) => `key file ${file} cannot be read (EISDIR)`,
    ],
    ['is empty', () => fileWith('empty', ''), (file) => `key file ${file} holds no key`],
    [
      'is no key',
      () => fileWith('no', 'hello'),
      (file) => `key file ${file} holds something that is no OpenPGP key`,
    ],
    [
      'is cut off',
      () => fileWith('cut', one.armored.slice(0, 200)),
      (file) => `key file ${file} holds something that is no OpenPGP key`,
    ],
    [
      'holds a signature',
      () => fileWith('list', String(one.situation.files?.[SUMS])),
      (file) => `key file ${file} holds something that is no OpenPGP key`,
    ],
    [
      'holds a private key only',
      () => fileWith('private', one.secret.armor()),
      (file) => `key file ${file} holds private keys only`,
    ],
    [
      'holds a binary private key only',
      () => fileWith('private', one.secret.write()),
      (file) => `key file ${file} holds private keys only`,
    ],
    ['is text of a private key', () => one.secret.armor(), () => 'keys[0] holds private keys only'],
    [
      'has a readable key and rubbish',
      () => fileWith('rubbish', one.armored + one.armored.slice(0, 200)),
      (file) => `key file ${file} holds something that is no OpenPGP key`,
    ],
  ])('one that %s is an error', async (_, key, says) => {
    const file = key()
    expect(await outcome({ keys: [file], signers: { tool: [one.fingerprint] } }, one.situation)).toBe(
      `E_SIGNATURE ${says(file)}`,
    )
  })

  it('are read again after a fault', async () => {
    const file = fileWith('later', '')
    const check = checker({ keys: [file], signers: { tool: [one.fingerprint] } })
    await expect(check(one.situation)).rejects.toThrow('holds no key')
    fileWith('later', one.armored)
    expect(await check(one.situation)).toMatchObject([{ ok: true, trust: 'signed' }])
  })

  it('one that its owner never certified for signing is not taken', async () => {
    const bare = one.secret.toPublic()
    for (const user of bare.users) user.selfCertifications = []
    expect(await outcome({ keys: [bare.armor()], signers: { tool: [one.fingerprint] } }, one.situation)).toBe(
      `E_SIGNATURE ${SUMS} is signed by ${one.fingerprint.toUpperCase()}, which is no valid signing key: Could not find valid self-signature in key ${one.fingerprint.slice(-16)}`,
    )
  })

  it('a pin without its key is an error, though another key is there', async () => {
    const pins = [one.fingerprint, two.fingerprint]
    expect(await outcome({ keys: [one.armored], signers: { tool: pins } }, one.situation)).toBe(
      `E_SIGNATURE none of \`keys\` is ${two.fingerprint.toUpperCase()}, which is pinned`,
    )
  })
})

describe('v6 keys (RFC 9580)', () => {
  it('sign lists', async () => {
    expect(six.fingerprint).toHaveLength(64)
    const signers = { tool: [six.fingerprint.toUpperCase()] }
    expect(await outcome({ keys: [six.armored], signers }, six.situation)).toBe(signedBy(six))
  })

  it('sign lists and downloads, detached', async () => {
    const detached = async (binary: Uint8Array) =>
      (await signWith({
        message: await createMessage({ binary }),
        signingKeys: six.secret,
        detached: true,
        format: 'binary',
        date: new Date('2025-07-01T00:00:00Z'),
      })) as Uint8Array
    const situation = {
      signatures: [...DETACHED, ...ARTIFACT],
      files: { [SUMS]: LIST, [ASC]: await detached(Buffer.from(LIST)), [TOOL_ASC]: await detached(DOWNLOAD) },
    }
    expect(await outcome({ keys: [six.armored], signers: { tool: [six.fingerprint] } }, situation)).toBe(
      `${signedBy(six, ASC)}; true signed: the download is signed by ${six.fingerprint.toUpperCase()} (${TOOL_ASC})`,
    )
  })

  it('are refused where another is pinned', async () => {
    const options = { keys: [six.armored, one.armored], signers: { tool: [one.fingerprint] } }
    expect(await outcome(options, six.situation)).toBe(
      `E_SIGNATURE ${SUMS} is signed by ${six.fingerprint.toUpperCase()}, which is not pinned`,
    )
  })
})

describe('who may sign what', () => {
  const pin = 'ab'.repeat(20)
  const star = 'cd'.repeat(20)

  it.each<readonly [string, VerifyOpenpgpOptions['signers'], readonly string[], unknown]>([
    ['by name', { tool: [pin] }, ['tool'], { fingerprints: [pin], named: true }],
    [
      'by the name asked for',
      { alias: [pin], tool: [star] },
      ['alias', 'tool'],
      { fingerprints: [pin], named: true },
    ],
    [
      'by the name the source gives',
      { tool: [pin] },
      ['alias', 'tool'],
      { fingerprints: [pin], named: true },
    ],
    ['by *', { '*': [star] }, ['tool'], { fingerprints: [star], named: false }],
    ['by name before *', { '*': [star], tool: [pin] }, ['tool'], { fingerprints: [pin], named: true }],
    ['nobody', { other: [pin] }, ['tool'], undefined],
    ['nobody, whatever objects inherit', { other: [pin] }, ['constructor'], undefined],
    [
      'as gpg prints it',
      { tool: ['ABAB ABAB ABAB ABAB ABAB  ABAB ABAB ABAB ABAB ABAB'] },
      ['tool'],
      { fingerprints: [pin], named: true },
    ],
  ])('%s', (_, signers, names, expected) => {
    expect(pinsOf(signers ? { signers } : {}, names)).toEqual(expected)
  })

  it('a private repository’s signatures get the repository’s headers, other places do not', async () => {
    const asked: Asked = []
    const headers = { authorization: 'Bearer x' }
    const elsewhere = 'https://elsewhere.example/SHA256SUMS.asc'
    const situation: Situation = {
      headers,
      signatures: [{ over: 'checksum-file', checksumUrl: SUMS, url: elsewhere }],
      files: { [SUMS]: LIST },
    }
    const check = checker({ keys: [one.armored], signers: { tool: [one.fingerprint] } })
    await expect(check(situation, asked)).rejects.toThrow(`no signature: ${elsewhere} does not exist`)
    expect(asked).toEqual([
      { url: SUMS, headers },
      { url: elsewhere, headers: undefined },
    ])
  })
})

describe('nothing is asked of upstream, and openpgp is not loaded', () => {
  const pin = 'ab'.repeat(20)

  it.each<readonly [string, VerifyOpenpgpOptions, Situation]>([
    ['without options', {}, { signatures: CLEAR }],
    [
      'for a package without signers',
      { keys: ['/nonexistent'], signers: { other: [pin] } },
      { signatures: CLEAR },
    ],
    [
      'for one that * stands for and that has no signature',
      { keys: ['/nonexistent'], signers: { '*': [pin] } },
      {},
    ],
  ])('%s', async (_, options, situation) => {
    vi.resetModules()
    vi.doMock('openpgp', () => {
      throw new Error('openpgp is loaded')
    })
    const asked: Asked = []
    expect(await checker(options)(situation, asked)).toEqual([])
    expect(asked).toEqual([])
    vi.doUnmock('openpgp')
  })
})

describe('options', () => {
  const pin = 'ab'.repeat(20)
  const form =
    'does not have the right form (a full fingerprint: 40 hex digits, 64 of a v6 key; a key id is not enough)'

  it.each<readonly [string, unknown, readonly string[]]>([
    ['a short id', { keys: ['k'], signers: { tool: ['DEADBEEF'] } }, [`signers.tool[0]: "DEADBEEF" ${form}`]],
    [
      'a long id',
      { keys: ['k'], signers: { tool: ['0123456789ABCDEF'] } },
      [`signers.tool[0]: "0123456789ABCDEF" ${form}`],
    ],
    [
      'a digit too many',
      { keys: ['k'], signers: { tool: [`${pin}a`] } },
      [`signers.tool[0]: "${pin}a" ${form}`],
    ],
    [
      'no hex',
      { keys: ['k'], signers: { '*': [pin.replaceAll('a', 'g')] } },
      [`signers.*[0]: "${pin.replaceAll('a', 'g')}" ${form}`],
    ],
    ['no list', { keys: ['k'], signers: { tool: pin } }, ['signers.tool: must be array, is string']],
    ['no pin', { keys: ['k'], signers: { tool: [] } }, ['signers.tool: must NOT have fewer than 1 items']],
    ['no signer', { keys: ['k'], signers: {} }, ['signers: is empty']],
    ['keys alone', { keys: ['k'] }, ['"keys" needs "signers" too']],
    ['signers alone', { signers: { tool: [pin] } }, ['"signers" needs "keys" too']],
    [
      'a typing error',
      { key: ['k'], signers: { tool: [pin] }, keys: ['k'] },
      ['unknown option "key"; did you mean "keys"?'],
    ],
  ])('refuse %s', async (_, options, faults) => {
    const opened = createCache({ packages: [], plugins: [verifyOpenpgp(options as VerifyOpenpgpOptions)] })
    const error: PkgcacheError = await opened.then(
      () => expect.fail('it was taken'),
      (thrown) => thrown,
    )
    expect([error.code, error.faults]).toEqual([
      'E_CONFIG',
      faults.map((fault) => `plugins[0] (verify-openpgp): ${fault}`),
    ])
  })
})
