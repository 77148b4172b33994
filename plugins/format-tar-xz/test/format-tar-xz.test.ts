import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { flipBit, formatConformance, readFormat, smallTar, smallZip } from '@pkgcache/core/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findCommand } from '../../../core/src/normalise/decode-command.ts'
import tarXz from '../src/index.ts'
import { SMALL, ZEROS } from './samples.ts'

const tar = smallTar()
const xz = await findCommand(['xz'])

function cases() {
  return formatConformance({
    plugin: () => tarXz(),
    valid: { bytes: SMALL, hint: 'tar.xz', expected: { format: 'tar.xz', tar } },
    foreign: {
      tar,
      zip: smallZip(),
      'lzma alone': Buffer.from('5d00008000ffffffffffffffff', 'hex'),
      'five bytes of magic': SMALL.subarray(0, 5),
      empty: Buffer.alloc(0),
    },
    truncated: {
      'header only': SMALL.subarray(0, 12),
      'half of it': SMALL.subarray(0, (SMALL.length >> 3) * 4),
      'last byte missing': SMALL.subarray(0, -1),
      'footer missing': SMALL.subarray(0, -12),
      'second stream cut': Buffer.concat([SMALL, SMALL.subarray(0, -8)]),
    },
    damaged: {
      'one bit in the data': flipBit(SMALL, SMALL.length >> 1),
      'wrong CRC in the header': flipBit(SMALL, 8),
      'wrong footer': flipBit(SMALL, -6),
      'garbage behind': Buffer.concat([SMALL, Buffer.from('garbage!')]),
      'odd padding behind': Buffer.concat([SMALL, Buffer.alloc(3)]),
    },
    large: () => Buffer.concat(Array.from({ length: 150 }, () => ZEROS)),
  })
}

async function readsStreamsAndPadding(): Promise<void> {
  const read = await readFormat(tarXz(), Buffer.concat([SMALL, Buffer.alloc(8), SMALL, Buffer.alloc(4)]))
  expect([read?.tar?.length, read?.tar?.equals(Buffer.concat([tar, tar]))]).toEqual([2 * tar.length, true])
}

describe('format-tar-xz with lzma-native', () => {
  for (const { name, run } of cases()) it(name, run)
  it('reads several streams with padding', readsStreamsAndPadding)
})

describe('format-tar-xz without lzma-native', () => {
  beforeEach(() => {
    vi.doMock('lzma-native', () => {
      throw new Error('no prebuilt binary for this machine')
    })
  })
  afterEach(() => {
    vi.doUnmock('lzma-native')
    vi.unstubAllEnvs()
  })

  describe.skipIf(xz === undefined)('by the xz command', () => {
    for (const { name, run } of cases()) it(name, run)
    it('reads several streams with padding', readsStreamsAndPadding)
  })

  it('says what to install when there is no command either', async () => {
    const empty = await mkdtemp(`${tmpdir()}/pkgcache-path-`)
    vi.stubEnv('PATH', empty)
    await expect(readFormat(tarXz(), SMALL)).rejects.toMatchObject({
      code: 'E_FORMAT',
      message: 'nothing on this machine can decode xz',
      hint: 'install the xz command, or lzma-native (npm rebuild lzma-native shows why it does not load)',
    })
    await rm(empty, { recursive: true })
  })
})
