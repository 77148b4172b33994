import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../src/errors/codes.ts'
import { PkgcacheError, systemCode, toPkgcacheError } from '../../src/errors/error.ts'
import { formatBytes, formatDuration, printable } from '../../src/format.ts'
import { algorithmOfHex } from '../../src/model/digest.ts'
import { formatKey, keyId, plainVersion } from '../../src/model/names.ts'
import { bestTrust, stricterTrust, trustAtLeast } from '../../src/model/trust.ts'
import { closest } from '../../src/text.ts'

describe('bytes for people', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1049, '1.0 kB'],
    [1050, '1.1 kB'],
    [99_949, '99.9 kB'],
    [99_950, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [123_456_789, '123 MB'],
    [8_589_934_592, '8.6 GB'],
    [5e15, '5000 TB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})

describe('time for people', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [999.4, '999 ms'],
    [999.5, '1 s'],
    [1499, '1 s'],
    [59_499, '59 s'],
    [59_500, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_200_000, '120 min 00 s'],
  ])('%d is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

describe('text from outside', () => {
  it.each([
    ['plain ä 日本 𝒳', 'plain ä 日本 𝒳'],
    ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
    ['\u001b[31mred\u0007', '\\u001b[31mred\\u0007'],
    ['\r\u0000\u007f\u009b', '\\u000d\\u0000\\u007f\\u009b'],
    ['\u202eabc\u2066\u200f', '\\u202eabc\\u2066\\u200f'],
  ])('%j is shown', (text, shown) => {
    expect(printable(text)).toBe(shown)
  })
})

describe('the word that was meant', () => {
  it.each([
    ['miror', ['mirror', 'token'], 'mirror'],
    ['MIRROR', ['mirror'], 'mirror'],
    ['kubeclt', ['kubectl', 'kubelet', 'kubeadm'], 'kubectl'],
    ['hlem', ['helm', 'runc'], 'helm'],
    ['hel', ['helm', 'runc'], 'helm'],
    ['x', ['helm'], undefined],
    ['a', ['b'], 'b'],
    ['', ['helm'], undefined],
    ['helm', [], undefined],
  ])('%j among %j is %s', (word, known, expected) => {
    expect(closest(word, known)).toBe(expected)
  })
})

describe('digests', () => {
  it.each([
    ['a'.repeat(64), 'sha256'],
    ['A'.repeat(96), 'sha384'],
    ['0'.repeat(128), 'sha512'],
    ['a'.repeat(40), undefined],
    ['a'.repeat(32), undefined],
    ['g'.repeat(64), undefined],
    ['', undefined],
  ])('%s', (text, algorithm) => {
    expect(algorithmOfHex(text)).toBe(algorithm)
  })
})

describe('keys', () => {
  it('are written for people and for maps', () => {
    const key = { name: 'runc', version: '1.3.0', platform: 'linux', arch: 'arm64' }
    expect([formatKey(key), keyId(key)]).toEqual(['runc@1.3.0 linux/arm64', 'runc@1.3.0@linux@arm64'])
  })

  it.each([
    ['v1.33.1', '1.33.1'],
    ['1.33.1', '1.33.1'],
    ['vnext', 'vnext'],
    ['v', 'v'],
    ['V1', 'V1'],
  ])('version %s is %s', (version, plain) => {
    expect(plainVersion(version)).toBe(plain)
  })
})

describe('trust', () => {
  it('has an order', () => {
    expect(bestTrust([])).toBe('unverified')
    expect(bestTrust(['tofu', 'checksum-file', 'unverified'])).toBe('checksum-file')
    expect(stricterTrust('tofu', 'pinned')).toBe('pinned')
    expect(stricterTrust('signed', 'pinned')).toBe('signed')
    expect([
      trustAtLeast('pinned', 'pinned'),
      trustAtLeast('tofu', 'pinned'),
      trustAtLeast('signed', 'unverified'),
    ]).toEqual([true, false, true])
  })
})

describe('an error', () => {
  const full = new PkgcacheError('E_DIGEST', 'wrong secret', {
    hint: 'ask secret',
    plugin: 'p',
    faults: ['secret one'],
    retryable: true,
    retryAfterMs: 5,
  })

  it('keeps the place it has and takes the ones it lacks', () => {
    const { plugin, stage, item } = full.at({ plugin: 'other', stage: 'fetch', item: 'x' })
    expect([plugin, stage, item]).toEqual(['p', 'fetch', 'x'])
  })

  it('is masked in all its texts, and stays the same otherwise', () => {
    const masked = full.map((text) => text.replaceAll('secret', '***'))
    expect({ ...masked, message: masked.message }).toMatchObject({
      code: 'E_DIGEST',
      message: 'wrong ***',
      hint: 'ask ***',
      faults: ['*** one'],
      plugin: 'p',
      retryable: true,
      retryAfterMs: 5,
    })
    expect(masked.stack).not.toContain('secret')
  })

  it.each<readonly [string, unknown, string, string]>([
    ['ours', new PkgcacheError('E_NAME', 'n'), 'E_NAME', 'n'],
    ['a full disk', Object.assign(new Error('no space'), { code: 'ENOSPC' }), 'E_NOSPC', 'no space'],
    ['a quota', Object.assign(new Error('quota'), { code: 'EDQUOT' }), 'E_NOSPC', 'quota'],
    ['a read-only disk', Object.assign(new Error('ro'), { code: 'EROFS' }), 'E_STORE', 'ro'],
    ['a cancelled wait', Object.assign(new Error('x'), { name: 'AbortError' }), 'E_ABORTED', 'cancelled'],
    ['anything', new TypeError('bug'), 'E_NODE', 'bug'],
    ['no error at all', 'just text', 'E_NODE', 'just text'],
    ['nothing', undefined, 'E_NODE', 'undefined'],
  ])('made of %s', (_, thrown, code, message) => {
    const error = toPkgcacheError(thrown, 'E_NODE')
    expect([error.code, error.message]).toEqual([code, message])
  })

  it('has an exit code for each of its codes', () => {
    const exits = Object.entries(ERROR_CODES).filter(([, { exit }]) => ![1, 2, 3, 130].includes(exit))
    expect(exits).toEqual([])
    expect(new PkgcacheError('E_ABORTED', '').exitCode).toBe(130)
  })

  it('of the system has a code only when it is one', () => {
    expect([
      systemCode(Object.assign(new Error(), { code: 'EIO' })),
      systemCode(Object.assign(new Error(), { code: 5 })),
      systemCode({ code: 'EIO' }),
    ]).toEqual(['EIO', undefined, undefined])
  })
})
